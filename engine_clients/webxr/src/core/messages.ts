/** The wire's control messages (protocols/wire.md) as types. Fields with a default are optional. */

export type EchoPolicy = "none" | "duck" | "half_duplex" | "platform_aec";
export type Interruptible = "always" | "words" | "never";
export type Codec = "pcm16" | "opus";
export type MicMode = "open" | "ptt";
export type FloorMode = "free" | "hold" | "silence" | "script";
export type TurnHintKind = "force" | "hold" | "cancel";
export type TurnStateName = "idle" | "hearing" | "holding" | "thinking" | "speaking" | "ducked";
export type CutReason = "interrupted" | "continued" | "stopped" | "failed" | "floor";
export type MarkKind = "word" | "viseme" | "gesture" | "emotion" | "gaze";
export type StateValue = string | number | boolean | null;
export type Position = readonly [number, number, number];
/** What JSON can hold. */
export type Free =
  | null
  | boolean
  | number
  | string
  | readonly Free[]
  | { readonly [key: string]: Free };

/** What the character can do in the game. `parameters` is a JSON Schema of type object. */
export interface ToolSpec {
  name: string;
  description?: string;
  parameters?: Record<string, unknown>;
  changes_world?: boolean;
  deadline_ms?: number;
  verbs?: string[];
  scope?: string;
}

/** One thing of the scene. `position` is in metres, in the game's own axes. */
export interface Entity {
  id: string;
  name: string;
  kind?: string;
  aliases?: readonly string[];
  position?: Position | null;
  state?: Record<string, StateValue>;
  affordances?: readonly string[];
}

/** A place on a reply's sample clock, from `at` up to but without `end`. */
export interface Mark {
  kind: MarkKind;
  at: number;
  end: number;
  name: string;
  value?: number;
}

export interface WordHeard {
  text: string;
  at: number;
  end: number;
  confidence?: number;
}

export interface Limits {
  message_bytes: number;
  lead_ms: number;
  played_every_ms: number;
  mic_frame_ms: number;
  tools: number;
  entities: number;
}

export interface Ping {
  type: "ping";
  id: number;
  t_us: number;
}

export interface Pong {
  type: "pong";
  id: number;
  t_us: number;
  received_us: number;
  sent_us: number;
}

export interface ErrorMessage {
  type: "error";
  code: string;
  text?: string;
  stage?: string;
  fault?: string;
  remedy?: string;
  ref?: string;
  fatal?: boolean;
  seq?: number;
}

// ---- of the client ------------------------------------------------------------------------------

export interface Hello {
  type: "hello";
  protocol: 1;
  client?: { name?: string; version?: string; engine?: string };
  token?: string;
  resume?: string;
  character?: string;
  language?: string;
  speech_codecs?: Codec[];
  echo?: EchoPolicy;
  interruptible?: Interruptible | null;
  tools?: ToolSpec[];
  scopes?: readonly string[];
  features?: string[];
  required?: string[];
}

export interface MicStart {
  type: "mic.start";
  stream: number;
  rate_hz: number;
  codec?: Codec;
  mode?: MicMode;
}

export interface MicStop {
  type: "mic.stop";
  stream: number;
  at: number;
}

export interface Say {
  type: "say";
  text: string;
}

export interface Played {
  type: "played";
  reply: number;
  sample: number;
  t_us?: number;
  mic_sample?: number | null;
  arrived_us?: number | null;
  underruns?: number;
  done?: boolean;
}

export interface Interrupt {
  type: "interrupt";
  reply?: number | null;
}

export interface SceneSnapshot {
  type: "scene.snapshot";
  rev: number;
  entities: readonly Entity[];
}

export interface ScenePatch {
  type: "scene.patch";
  base: number;
  rev: number;
  remove?: readonly string[];
  put?: readonly Entity[];
  state?: Record<string, Record<string, StateValue>>;
  move?: Record<string, Position>;
}

export interface SceneEvent {
  type: "scene.event";
  name: string;
  entity?: string;
  text?: string;
  data?: Record<string, Free>;
}

export interface Focus {
  type: "focus";
  entity: string;
}

export interface ToolAck {
  type: "tool.ack";
  call: number;
  accepted?: boolean;
  reason?: string;
}

export interface ToolResult {
  type: "tool.result";
  call: number;
  ok: boolean;
  value?: Free;
  reason?: string;
}

export interface FloorSet {
  type: "floor.set";
  mode: FloorMode;
  until_ms?: number | null;
}

export interface TurnHint {
  type: "turn.hint";
  turn: number;
  hint: TurnHintKind;
}

export interface Ack {
  type: "ack";
  acked: number;
}

export interface Bye {
  type: "bye";
  reason?: string;
}

export type ClientMessage =
  | Ping
  | Pong
  | ErrorMessage
  | Hello
  | MicStart
  | MicStop
  | Say
  | Played
  | Interrupt
  | SceneSnapshot
  | ScenePatch
  | SceneEvent
  | Focus
  | ToolAck
  | ToolResult
  | FloorSet
  | TurnHint
  | Ack
  | Bye;

// ---- of the server ------------------------------------------------------------------------------

interface Counted {
  seq: number;
}

export interface Welcome extends Counted {
  type: "welcome";
  protocol: number;
  session: string;
  character: string;
  server?: string;
  resume?: string;
  resumed?: boolean;
  mic_rates_hz: number[];
  mic_codecs?: Codec[];
  rate_hz: number;
  codec?: Codec;
  echo?: EchoPolicy;
  interruptible?: Interruptible;
  features?: string[];
  limits: Limits;
}

export interface TurnState extends Counted {
  type: "turn.state";
  state: TurnStateName;
  turn: number;
  reply?: number | null;
  paused?: boolean;
  gesture?: string;
  t_us?: number;
}

export interface Transcript extends Counted {
  type: "transcript";
  turn: number;
  rev: number;
  text: string;
  stable?: number;
  final?: boolean;
  words?: WordHeard[];
}

export interface ReplyBegin extends Counted {
  type: "reply.begin";
  reply: number;
  turn: number;
  stream: number;
  rate_hz: number;
  codec?: Codec;
  character?: string;
}

export interface ReplyText extends Counted {
  type: "reply.text";
  reply: number;
  text: string;
  at: number;
}

export interface ReplyMarks extends Counted {
  type: "reply.marks";
  reply: number;
  marks: Mark[];
}

export interface ReplyEnd extends Counted {
  type: "reply.end";
  reply: number;
  samples: number;
}

export interface ReplyCut extends Counted {
  type: "reply.cut";
  reply: number;
  at: number;
  reason?: CutReason;
}

export interface ToolCall extends Counted {
  type: "tool.call";
  call: number;
  name: string;
  args?: Record<string, Free>;
  scene_rev?: number;
  deadline_ms: number;
  turn?: number;
  reply?: number | null;
  at?: number;
}

export interface ToolCancel extends Counted {
  type: "tool.cancel";
  call: number;
  reason?: string;
}

export interface SceneAck extends Counted {
  type: "scene.ack";
  rev: number;
}

export interface SceneResync extends Counted {
  type: "scene.resync";
  rev: number;
  reason?: string;
}

export interface StageTime {
  stage: string;
  ms: number;
}

export interface Trace extends Counted {
  type: "trace";
  turn: number;
  reply: number;
  mouth_to_ear_ms?: number | null;
  stages?: StageTime[];
  unmeasured?: string;
  ready?: boolean;
  discarded?: number;
}

export interface GoAway extends Counted {
  type: "goaway";
  reason?: string;
  in_ms?: number;
}

export type ServerMessage =
  | Ping
  | Pong
  | ErrorMessage
  | Welcome
  | TurnState
  | Transcript
  | ReplyBegin
  | ReplyText
  | ReplyMarks
  | ReplyEnd
  | ReplyCut
  | ToolCall
  | ToolCancel
  | SceneAck
  | SceneResync
  | Trace
  | GoAway;

/** A message of a type that this client does not know: ignored. */
export interface UnknownMessage {
  type: string;
}
