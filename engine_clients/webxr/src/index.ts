/** frametalk for web pages; README.md beside package.json describes it. */

export { type AudioOptions, FrametalkAudio } from "./audio/engine";
export type { MicEvent, MicOptions, Microphone, MicState } from "./audio/mic";
export type { Voice } from "./audio/playback";
export type { ConnectionState } from "./core/connection";
export { type Failure, type Fault, FrametalkError } from "./core/errors";
export {
  type FaceKind,
  type FaceMap,
  type MorphTargets,
  mapFace,
  toArkit,
  toVrm,
} from "./core/faces";
export type { Focus } from "./core/focus";
export type { Latency, Waterfall } from "./core/latency";
export type {
  Consent,
  EchoPolicy,
  Entity,
  FloorMode,
  Free,
  GoAway,
  Interruptible,
  Mark,
  MarkKind,
  MicMode,
  Position,
  ReportReason,
  StageTime,
  StateValue,
  ToolSpec,
  Transcript,
  TurnHintKind,
  TurnState,
  TurnStateName,
  Welcome,
  WordHeard,
} from "./core/messages";
export { weights } from "./core/mouth";
export type { ReplyEnding, TransportOption } from "./core/protocol";
export type { Transport } from "./core/route";
export type { Scene, SceneChange } from "./core/scene";
export type { Spread, Stats } from "./core/stats";
export {
  type Args,
  type Call,
  Refusal,
  type ToolEvent,
  type ToolHandler,
  type ToolState,
  type Tools,
} from "./core/tools";
export { type MouthWeights, VISEMES, type Viseme } from "./core/visemes";
export type {
  CaptionEvent,
  ConnectionEvent,
  MarkEvent,
  ReplyEvent,
  SessionEvents,
  TransportEvent,
} from "./events";
export type { Mouth } from "./mouth";
export type { SessionOptions } from "./options";
export { FrametalkSession } from "./session";
