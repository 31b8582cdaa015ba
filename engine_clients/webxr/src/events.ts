/** The events of a session. */

import type { MicEvent } from "./audio/mic";
import type { ConnectionState } from "./core/connection";
import type { FrametalkError } from "./core/errors";
import type { Waterfall } from "./core/latency";
import type { GoAway, Mark, Transcript, TurnState, Welcome } from "./core/messages";
import type { ReplyEnding } from "./core/protocol";
import type { Transport } from "./core/route";
import type { Stats } from "./core/stats";
import type { ToolEvent } from "./core/tools";

/** The connection changed. */
export interface ConnectionEvent {
  /** The new state. */
  state: ConnectionState;
  /** Why it was lost or closed; null if nothing is wrong. */
  error: FrametalkError | null;
  /** In `waiting`: milliseconds until the next attempt; else null. */
  retryMs: number | null;
  /** While there is no connection: the session goes on as soon as there is one, and nothing is lost. */
  resumable: boolean;
}

/** The microphone has changed its way to the server; nothing of it was lost. */
export interface TransportEvent {
  /** What carries it now. */
  microphone: Transport;
  /** Why, for people. */
  reason: string;
}

/**
 * A reply begins, its first sample is heard (`sounding`), or it has ended. `sample`: how far it was heard, on the
 * reply's clock at `rateHz`.
 */
export type ReplyEvent =
  | { phase: "begin"; reply: number; turn: number; character: string; rateHz: number }
  | { phase: "sounding"; reply: number }
  | { phase: "ended"; reply: number; sample: number; how: ReplyEnding };

/** A clause of a reply begins to be heard. */
export interface CaptionEvent {
  /** The reply's id. */
  reply: number;
  /** The clause as it is written. */
  text: string;
  /** The sample of the reply's clock at which it begins. */
  at: number;
}

/** The reply's clock reaches a word, gesture, emotion or gaze. */
export interface MarkEvent {
  /** The reply's id. */
  reply: number;
  /** The mark. */
  mark: Mark;
}

/** The events of a session by name, for `on` and `once`. */
export interface SessionEvents {
  /** The connection changed. */
  connection: ConnectionEvent;
  /** The server answered hello; also after each reconnect. */
  welcome: Welcome;
  /** The microphone has changed its way. */
  transport: TransportEvent;
  /** The turn's state changed: for the character's body. */
  turn: TurnState;
  /** The text of the player's turn so far. */
  transcript: Transcript;
  /** A reply begins, is heard, or has ended. */
  reply: ReplyEvent;
  /** A clause begins to be heard. */
  caption: CaptionEvent;
  /** The sound reaches a word, gesture, emotion or gaze. */
  mark: MarkEvent;
  /** A tool call began or ended. */
  tool: ToolEvent;
  /** The microphone changed. */
  mic: MicEvent;
  /** The sound started, or the system or the browser stopped it. */
  sound: { running: boolean };
  /** A turn's times are known. */
  latency: Waterfall;
  /** This client's measurements, once a second. */
  stats: Stats;
  /** The server is going to stop; the session connects again by itself, to `url` if there is one. */
  goaway: GoAway;
  /** Something failed. */
  error: FrametalkError;
}
