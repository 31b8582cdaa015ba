/** The messages between page, hub and worklets; all of them pass through `postMessage`. */

import type { ConnectionState } from "./connection";
import type { Failure } from "./errors";
import type {
  ClientMessage,
  CutReason,
  FrameCost,
  Hello,
  IceServer,
  Mark,
  MicMode,
  ServerMessage,
  ToolCall,
} from "./messages";
import type { Transport } from "./route";
import type { Stats } from "./stats";

/** Places the audio context's clock, in seconds, on our clock, in microseconds. */
export interface AudioClock {
  /** When a sample of context time 0 left the loudspeaker. */
  outputOffsetUs: number;
  /** What the browser says of the way from the context to the loudspeaker, in milliseconds; null: nothing. */
  outputMs?: number | null;
  running: boolean;
}

/** What carries the microphone: `auto` begins on the WebSocket and moves where that holds packets back. */
export type TransportOption = "auto" | "websocket" | "webrtc";

/** From the page to the hub. */
export type Command =
  | {
      do: "connect";
      url: string;
      hello: Hello;
      reconnect: boolean;
      opus?: boolean;
      transport?: TransportOption;
    }
  /** The page's peer connection: its offer, a candidate, its end. */
  | { do: "offer"; sdp: string }
  | { do: "ice"; candidate: string; mid: string }
  | { do: "peerEnded"; reason: string }
  | { do: "disconnect"; reason: string }
  | { do: "retry" }
  | { do: "send"; message: ClientMessage }
  | { do: "mic"; mode: MicMode | null; inputLatencyS: number | null }
  | { do: "pause"; paused: boolean; forMs: number | null }
  | { do: "press" }
  | { do: "release" }
  | { do: "audio"; clock: AudioClock }
  /** What we cost the page in the newest second. */
  | { do: "frames"; cost: FrameCost }
  /** When time 0 of the microphone's context was rendered. */
  | { do: "micClock"; renderOffsetUs: number };

/** How a reply ended: `finished`, the reason of a cut, or `disconnected`. */
export type ReplyEnding = CutReason | "finished" | "disconnected";

/** From the hub to the page. */
export type HubEvent =
  | {
      on: "state";
      state: ConnectionState;
      failure: Failure | null;
      retryMs: number | null;
      /** In `waiting`: the session can be resumed, and nothing is lost. */
      resumable: boolean;
    }
  | { on: "message"; message: ServerMessage }
  | { on: "sounding"; reply: number }
  | { on: "caption"; reply: number; text: string; at: number }
  | { on: "mark"; reply: number; mark: Mark }
  | { on: "tool"; call: ToolCall }
  | { on: "ended"; reply: number; sample: number; how: ReplyEnding }
  | { on: "mic"; open: boolean }
  | { on: "transport"; transport: Transport; reason: string }
  /** What the page's peer connection has to do. */
  | { on: "peer"; do: "open"; iceServers: IceServer[] }
  | { on: "peer"; do: "answer"; sdp: string }
  | { on: "peer"; do: "close" }
  | { on: "failure"; failure: Failure }
  | { on: "stats"; stats: Stats };

/** From the hub to the playback worklet. */
export type PlayCommand =
  | { do: "begin"; reply: number; stream: number; rateHz: number }
  | { do: "feed"; stream: number; sample: number; frame: ArrayBuffer }
  | { do: "end"; reply: number; samples: number }
  | { do: "cut"; reply: number }
  | { do: "cutAll" }
  | { do: "turn"; reply: number | null; ducked: boolean; paused: boolean };

/** From the hub to the capture worklet. */
export type CaptureCommand =
  | { do: "open"; stream: number; rateHz: number; frameMs: number }
  | { do: "close" };

/** From the capture worklet to the hub: a whole media frame, and when its last sample was rendered. */
export interface Captured {
  stream: number;
  sample: number;
  count: number;
  at: number;
  frame: ArrayBuffer;
}

/** From the capture worklet to the voice's, which may run in another thread: the player begins to speak. */
export type CaptureToVoice = { onset: true };

/** From the voice worklet to the capture's: the voice's level, and whether the server confirms the onset. */
export type VoiceToCapture = { levelDb: number } | { falseAlarm: true } | { confirmed: boolean };

/** The part of a MessagePort that is used here. */
export interface Port<Out> {
  postMessage(message: Out, transfer?: Transferable[]): void;
}
