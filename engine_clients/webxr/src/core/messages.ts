/**
 * The wire's control messages as types; protocols/wire.md specifies them. Fields with a default are optional.
 *
 * One file, as wire.md is one: a closed set of messages whose types refer to each other, and no code.
 */

/** What keeps the reply's own sound from being taken for the player's speech. */
export type EchoPolicy = "none" | "duck" | "half_duplex" | "platform_aec";
/** What interrupts a reply: any speech, words with a meaning of their own, or nothing. */
export type Interruptible = "always" | "words" | "never";
/** What is wrong with what the player reports. */
export type ReportReason =
  | "illegal"
  | "sexual"
  | "hateful"
  | "violent"
  | "self_harm"
  | "off_topic"
  | "other";
/** How sound is encoded. */
export type Codec = "pcm16" | "opus";
/** `open`: the server finds turns in the sound. `ptt`: push-to-talk. */
export type MicMode = "open" | "ptt";
/** Whether the character may speak and listen. */
export type FloorMode = "free" | "hold" | "silence" | "script";
/** `force`: the turn has ended. `hold`: silence does not end it. `cancel`: discard it. */
export type TurnHintKind = "force" | "hold" | "cancel";
/** What the character is doing. */
export type TurnStateName = "idle" | "hearing" | "holding" | "thinking" | "speaking" | "ducked";
/** Why a reply was cut. */
export type CutReason = "interrupted" | "continued" | "stopped" | "failed" | "floor";
/** What a mark places on the reply's clock. */
export type MarkKind = "word" | "viseme" | "gesture" | "emotion" | "gaze";
/** A value of an entity's state. */
export type StateValue = string | number | boolean | null;
/** A place in metres, in the game's own axes. */
export type Position = readonly [number, number, number];
/** A value that JSON can represent. */
export type Free =
  | null
  | boolean
  | number
  | string
  | readonly Free[]
  | { readonly [key: string]: Free };

/** A tool: something that the character can do in the game. */
export interface ToolSpec {
  /** 1 to 64 letters, digits, `_` or `-`; unique. */
  name: string;
  /** What it does, for a language model. */
  description?: string;
  /** A JSON Schema of type object; default: no arguments. */
  parameters?: Record<string, unknown>;
  /** Whether a call changes the world; if not, it may be called for a draft. Default true. */
  changes_world?: boolean;
  /** How long a call may take, in milliseconds; default 2000. */
  deadline_ms?: number;
  /** Words that players use for it; the recogniser listens for them. */
  verbs?: string[];
  /** The scope that the session must grant; default: none is needed. */
  scope?: string;
}

/** One thing or person of the scene. */
export interface Entity {
  /** A unique id, which is never shown or spoken. */
  id: string;
  /** What people call it. */
  name: string;
  /** `door`, `container`, `player`, ... */
  kind?: string;
  /** Other names for it. */
  aliases?: readonly string[];
  /** Where it is. */
  position?: Position | null;
  /** `open`, `locked`, `holder`, ... */
  state?: Record<string, StateValue>;
  /** Names of the tools that apply to it. */
  affordances?: readonly string[];
}

/** Something on a reply's clock, from sample `at` up to but without `end`. */
export interface Mark {
  /** What it is. */
  kind: MarkKind;
  /** The first sample. */
  at: number;
  /** One past the last sample. */
  end: number;
  /** The word as written; the name of the viseme, gesture or emotion; or what the gaze is at: an entity's id, or the written words. */
  name: string;
  /** A viseme's weight or an emotion's strength, 0 to 1; default 1. */
  value?: number;
}

/** One recognised word, on the microphone's sample clock. */
export interface WordHeard {
  /** The word. */
  text: string;
  /** Its first sample. */
  at: number;
  /** One past its last sample. */
  end: number;
  /** 0 to 1; default 1. */
  confidence?: number;
}

/** The limits that server and client keep. */
export interface Limits {
  /** The longest message. */
  message_bytes: number;
  /** How far the server sends sound ahead of what was played. */
  lead_ms: number;
  /** How often `played` is due while a reply plays. */
  played_every_ms: number;
  /** How long microphone frames should be. */
  mic_frame_ms: number;
  /** The most tools in hello. */
  tools: number;
  /** The most entities in the scene. */
  entities: number;
  /** How long a session whose connection broke waits, in milliseconds; 0: none does. */
  resume_ms?: number;
  /** How long a game may stand still, in milliseconds. */
  pause_ms?: number;
}

/** Asks for the other side's clock. */
export interface Ping {
  type: "ping";
  id: number;
  t_us: number;
}

/** The answer to a ping. */
export interface Pong {
  type: "pong";
  id: number;
  t_us: number;
  received_us: number;
  sent_us: number;
}

/** Something is wrong. */
export interface ErrorMessage {
  type: "error";
  code: string;
  text?: string;
  stage?: string;
  fault?: string;
  remedy?: string;
  ref?: string;
  fatal?: boolean;
  retry_after_ms?: number;
  seq?: number;
}

// ---- of the client ------------------------------------------------------------------------------

/** How far a client was when its connection broke. */
export interface ResumeFrom {
  received: number;
  sent: number;
  mic_sample: number;
  reply: number | null;
  played: number;
}

/** The first message of a client. */
export interface Hello {
  type: "hello";
  protocol: 1;
  client?: { name?: string; version?: string; engine?: string };
  token?: string;
  resume?: string;
  resume_from?: ResumeFrom;
  character?: string;
  language?: string;
  speech_codecs?: Codec[];
  echo?: EchoPolicy;
  interruptible?: Interruptible | null;
  tools?: ToolSpec[];
  scopes?: readonly string[];
  consent?: Consent | null;
  child?: boolean;
  features?: string[];
  required?: string[];
}

/** What a player agrees to, or what a session does. */
export interface Consent {
  /** Words of the conversation are stored. */
  store?: boolean;
  /** The player's sound is stored. */
  record?: boolean;
  /** Engines on machines of other companies get what the player says. */
  third_party?: boolean;
}

/** Opens a microphone stream. */
export interface MicStart {
  type: "mic.start";
  stream: number;
  rate_hz: number;
  codec?: Codec;
  mode?: MicMode;
}

/** Closes a microphone stream. */
export interface MicStop {
  type: "mic.stop";
  stream: number;
  at: number;
}

/** A typed turn. */
export interface Say {
  type: "say";
  text: string;
}

/** What this client cost the page's main thread in each frame of a second. */
export interface FrameCost {
  /** How many frames there were. */
  frames: number;
  /** The 99th percentile, in milliseconds. */
  p99_ms: number;
  /** The most in one frame, in milliseconds. */
  max_ms: number;
}

/** What was heard of a reply: all samples before `sample`. */
export interface Played {
  type: "played";
  reply: number;
  sample: number;
  t_us?: number;
  mic_sample?: number | null;
  arrived_us?: number | null;
  underruns?: number;
  done?: boolean;
  input_ms?: number | null;
  output_ms?: number | null;
  frame_cost?: FrameCost | null;
}

/** The player's stop button. */
export interface Interrupt {
  type: "interrupt";
  reply?: number | null;
}

/** The whole scene. */
export interface SceneSnapshot {
  type: "scene.snapshot";
  rev: number;
  entities: readonly Entity[];
}

/** Changes of the scene. */
export interface ScenePatch {
  type: "scene.patch";
  base: number;
  rev: number;
  remove?: readonly string[];
  put?: readonly Entity[];
  state?: Record<string, Record<string, StateValue>>;
  move?: Record<string, Position>;
}

/** Something happened. */
export interface SceneEvent {
  type: "scene.event";
  name: string;
  entity?: string;
  text?: string;
  data?: Record<string, Free>;
}

/** The player's attention moved to `entity`. */
export interface Focus {
  type: "focus";
  entity: string;
}

/** Accepts or refuses a call. */
export interface ToolAck {
  type: "tool.ack";
  call: number;
  accepted?: boolean;
  reason?: string;
}

/** A call has ended. */
export interface ToolResult {
  type: "tool.result";
  call: number;
  ok: boolean;
  value?: Free;
  reason?: string;
}

/** Sets whether the character may speak and listen. */
export interface FloorSet {
  type: "floor.set";
  mode: FloorMode;
  until_ms?: number | null;
}

/** What the game knows of a turn's end. */
export interface TurnHint {
  type: "turn.hint";
  turn: number;
  hint: TurnHintKind;
}

/** The player reports what the character said or did. */
export interface Report {
  type: "report";
  reply?: number | null;
  reason?: ReportReason;
  text?: string;
}

/** Confirms messages of the server. */
export interface Ack {
  type: "ack";
  acked: number;
}

/** The game stands still, or goes on. */
export interface Pause {
  type: "pause";
  paused?: boolean;
  for_ms?: number | null;
}

/** The offer of a peer connection. */
export interface RtcOffer {
  type: "rtc.offer";
  sdp: string;
  speech?: "websocket" | "channel" | "track";
}

/** One more ICE candidate; empty: there are no more. */
export interface RtcIce {
  type: "rtc.ice";
  candidate?: string;
  mid?: string;
}

/** The microphone moves to the peer connection. */
export interface RtcMic {
  type: "rtc.mic";
  stream: number;
  via: "channel" | "track";
  at: number;
}

/** On the data channel, every 100 ms. */
export interface RtcBeat {
  type: "rtc.beat";
  mic_sample?: number | null;
  silent?: boolean;
}

/** Ends the session. */
export interface Bye {
  type: "bye";
  reason?: string;
}

/** Every message of a client. */
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
  | Pause
  | Report
  | Ack
  | RtcOffer
  | RtcIce
  | RtcMic
  | RtcBeat
  | Bye;

// ---- of the server ------------------------------------------------------------------------------

interface Counted {
  /** Counts the server's messages from 1. */
  seq: number;
}

/** What has arrived of this client's messages and sound. */
export interface Received {
  type: "received";
  messages: number;
  mic_sample?: number | null;
  seq?: undefined;
}

/** The server's answer to hello. */
export interface Welcome extends Counted {
  /** The message's type. */
  type: "welcome";
  /** The protocol's version, 1. */
  protocol: number;
  /** The session's id, for logs. */
  session: string;
  /** Which character speaks. */
  character: string;
  /** The language that the voice speaks, by its own tag. */
  language?: string;
  /** The language that the recogniser listens for, by its own tag. */
  mic_language?: string;
  /** The server's name and version. */
  server?: string;
  /** The token to resume this session; empty: it cannot be resumed. */
  resume?: string;
  /** Whether an earlier session continues. */
  resumed?: boolean;
  /** Why the earlier session does not continue: an error's code; empty: there was none to continue. */
  not_resumed?: string;
  /** How many control messages of this client have arrived. */
  received?: number;
  /** Up to which sample the open microphone stream was heard; null: none is open. */
  mic_sample?: number | null;
  /** The scene's revision; null: it is empty still. */
  scene_rev?: number | null;
  /** Usual rates of microphones; others may be used too. */
  mic_rates_hz: number[];
  /** STUN and TURN servers for a peer connection. */
  ice_servers?: IceServer[];
  /** Codecs that the microphone may use. */
  mic_codecs?: Codec[];
  /** The usual rate of replies. */
  rate_hz: number;
  /** The usual codec of replies. */
  codec?: Codec;
  /** The echo policy in force. */
  echo?: EchoPolicy;
  /** What interrupts a reply. */
  interruptible?: Interruptible;
  /** A sentence for the player, in the session's language: a machine speaks. */
  disclosure?: string;
  /** The licence of the character's voice, if it is known. */
  voice_licence?: string;
  /** What this session does with the player's words and sound. */
  consent?: Consent;
  /** Whether the session is one for children. */
  child?: boolean;
  /** The optional features of this session. */
  features?: string[];
  /** The limits in force. */
  limits: Limits;
}

/** What the character is doing now, for its body. */
export interface TurnState extends Counted {
  /** The message's type. */
  type: "turn.state";
  /** What the character is doing. */
  state: TurnStateName;
  /** The turn it is about. */
  turn: number;
  /** The reply it is about. */
  reply?: number | null;
  /** In `ducked`: whether the reply is paused. */
  paused?: boolean;
  /** A gesture for the character's body to make once, now. */
  gesture?: string;
  /** The server's clock, in microseconds. */
  t_us?: number;
}

/** The text of a turn as understood so far. */
export interface Transcript extends Counted {
  /** The message's type. */
  type: "transcript";
  /** The turn's id. */
  turn: number;
  /** The turn's revision; a higher one replaces all lower ones. */
  rev: number;
  /** All that is understood so far. */
  text: string;
  /** How many characters will not change. */
  stable?: number;
  /** Whether it is the turn's last transcript, unless the player continues. */
  final?: boolean;
  /** The words with their times, if the recogniser gives them. */
  words?: WordHeard[];
}

/** A reply begins. */
export interface ReplyBegin extends Counted {
  type: "reply.begin";
  reply: number;
  turn: number;
  stream: number;
  rate_hz: number;
  codec?: Codec;
  character?: string;
}

/** A caption. */
export interface ReplyText extends Counted {
  type: "reply.text";
  reply: number;
  text: string;
  at: number;
}

/** Marks on a reply's clock, as `decodeFrame` reads them from either form on the wire. */
export interface ReplyMarks extends Counted {
  type: "reply.marks";
  reply: number;
  marks: Mark[];
}

/** A reply is complete. */
export interface ReplyEnd extends Counted {
  type: "reply.end";
  reply: number;
  samples: number;
  reason?: "finished" | "guard" | "cap";
}

/** A reply stops. */
export interface ReplyCut extends Counted {
  type: "reply.cut";
  reply: number;
  at: number;
  reason?: CutReason;
}

/** A call for the game. */
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

/** Cancels a call. */
export interface ToolCancel extends Counted {
  type: "tool.cancel";
  call: number;
  reason?: string;
}

/** The server has this revision of the scene. */
export interface SceneAck extends Counted {
  type: "scene.ack";
  rev: number;
}

/** A patch did not fit; send a snapshot. */
export interface SceneResync extends Counted {
  type: "scene.resync";
  rev: number;
  reason?: string;
}

/** The time of one stage of a turn. */
export interface StageTime {
  /** The stage's name. */
  stage: string;
  /** Its length in milliseconds. */
  ms: number;
  /** It is what the browser says of the devices; nothing measured it. */
  estimated?: boolean;
}

/** The times of a turn. */
export interface Trace extends Counted {
  type: "trace";
  turn: number;
  reply: number;
  mouth_to_ear_ms?: number | null;
  stages?: StageTime[];
  unmeasured?: string;
  unseen?: string[];
  ready?: boolean;
  discarded?: number;
  measures?: string[];
}

/** The answer of a peer connection. */
export interface RtcAnswer extends Counted {
  type: "rtc.answer";
  sdp: string;
}

/** On the data channel, every 100 ms: the server is there, and has heard so much. */
export interface RtcHeard {
  type: "rtc.heard";
  mic_sample?: number | null;
  reply?: number | null;
  sample?: number;
  seq?: undefined;
}

/** A STUN or TURN server, as in `RTCIceServer`. */
export interface IceServer {
  /** Its addresses. */
  urls: string[];
  /** For TURN. */
  username?: string;
  /** For TURN. */
  credential?: string;
}

/** The server is going to stop. */
export interface GoAway extends Counted {
  /** The message's type. */
  type: "goaway";
  /** Why, for people. */
  reason?: string;
  /** The server closes after this time. */
  in_ms?: number;
  /** Where this session connects next; empty: to the same address. */
  url?: string;
}

/** Every message of the server. */
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
  | Received
  | RtcAnswer
  | RtcHeard
  | GoAway;

/** A message of an unknown type, which is ignored. */
export interface UnknownMessage {
  type: string;
}
