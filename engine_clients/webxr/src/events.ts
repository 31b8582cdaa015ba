/** What a session tells a page. */

import type { MicEvent } from "./audio/mic";
import type { ConnectionState } from "./core/connection";
import type { FrametalkError } from "./core/errors";
import type { Waterfall } from "./core/latency";
import type { GoAway, Mark, Transcript, TurnState, Welcome } from "./core/messages";
import type { ReplyEnding } from "./core/protocol";
import type { Stats } from "./core/stats";
import type { ToolEvent } from "./core/tools";

export interface ConnectionEvent {
  state: ConnectionState;
  /** Why it broke or closed; null if nothing is wrong. */
  error: FrametalkError | null;
  /** When it is tried again, in `waiting`. */
  retryMs: number | null;
}

/** A reply begins, is heard, or is over. */
export type ReplyEvent =
  | { phase: "begin"; reply: number; turn: number; character: string; rateHz: number }
  | { phase: "sounding"; reply: number }
  | { phase: "over"; reply: number; sample: number; how: ReplyEnding };

/** A clause of a reply, in the moment in which its sound begins. */
export interface CaptionEvent {
  reply: number;
  text: string;
  at: number;
}

/** A word, gesture, emotion or gaze, in the moment in which the reply's clock reaches it. */
export interface MarkEvent {
  reply: number;
  mark: Mark;
}

export interface SessionEvents {
  connection: ConnectionEvent;
  welcome: Welcome;
  turn: TurnState;
  transcript: Transcript;
  reply: ReplyEvent;
  caption: CaptionEvent;
  mark: MarkEvent;
  tool: ToolEvent;
  mic: MicEvent;
  sound: { running: boolean };
  latency: Waterfall;
  stats: Stats;
  goaway: GoAway;
  error: FrametalkError;
}
