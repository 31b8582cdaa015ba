/** The reply under way: its sound, its marks and its ledger. */

import type { Failure } from "./errors";
import { Ledger, type Surroundings } from "./ledger";
import { decodeMedia } from "./media";
import type {
  Mark,
  Played,
  ReplyBegin,
  ReplyCut,
  ReplyEnd,
  ReplyMarks,
  ReplyText,
  ResumeFrom,
  ToolCall,
  TurnState,
} from "./messages";
import { type OpusCoders, usedSamples } from "./opus";
import { OpusReply } from "./opus_reply";
import type { PlayStatus } from "./playout";
import type { AudioClock, HubEvent, PlayCommand, Port, ReplyEnding } from "./protocol";
import type { StatsKeeper } from "./stats";

const WAITING_COMMANDS = 512; // before the playback worklet is there: one lead of sound and its messages

/** How often `played` is sent, unless the server asks for more. */
export const PLAYED_EVERY_MS = 100;

/** What the hub provides to its downlink. */
export interface DownlinkEnv {
  nowUs(): number;
  /** Call `step` after `ms`; a later call replaces an earlier one. */
  wake(ms: number): void;
  report(played: Played): void;
  surroundings(): Surroundings;
  emit(event: HubEvent): void;
  /** The codec of replies in Opus; null: none. */
  opus(): OpusCoders | null;
}

interface CurrentReply {
  begin: ReplyBegin;
  ledger: Ledger;
  received: number;
  firstArrivedUs: number | null;
  rendered: boolean;
  sounding: boolean;
  how: ReplyEnding;
  underruns: number;
  /** Null: its sound is PCM16. */
  opus: OpusReply | null;
}

/** Passes replies to the playback worklet, and reports what was played. */
export class Downlink {
  playedEveryMs = PLAYED_EVERY_MS;
  private port: Port<PlayCommand> | null = null;
  private waiting: [PlayCommand, Transferable[]][] = [];
  private current: CurrentReply | null = null;
  /** The highest sample heard of the previous reply, for tool calls that arrive late. */
  private previous: { reply: number; sample: number } | null = null;

  constructor(
    private readonly env: DownlinkEnv,
    private readonly stats: StatsKeeper,
    private readonly clock: () => AudioClock | null,
  ) {}

  attach(port: Port<PlayCommand>): void {
    this.port = port;
    for (const [command, transfer] of this.waiting) port.postMessage(command, transfer);
    this.waiting = [];
  }

  /** The reply under way. */
  get reply(): number | null {
    return this.current?.begin.reply ?? null;
  }

  /** The reply under way and how far it was heard, for a session that is resumed. */
  get position(): Pick<ResumeFrom, "reply" | "played"> {
    const reply = this.reply;
    const played = reply !== null && this.previous?.reply === reply ? this.previous.sample : 0;
    return { reply, played };
  }

  /** The game stands still, or goes on: so does the reply's clock. */
  pause(stands: boolean): void {
    this.post({ do: "turn", reply: this.reply, ducked: stands, paused: stands });
  }

  begin(begin: ReplyBegin): void {
    // A reply that was cut may still be fading; the server has only one at a time.
    if (this.current)
      this.finish(
        this.current,
        this.current.how === "finished" ? "disconnected" : this.current.how,
      );
    const ledger = new Ledger(
      begin.reply,
      begin.rate_hz,
      this.env.nowUs() / 1e6,
      this.playedEveryMs / 1000,
      (played) => this.reported(played),
      () => this.env.surroundings(),
    );
    this.current = {
      begin,
      ledger,
      received: 0,
      firstArrivedUs: null,
      rendered: false,
      sounding: false,
      how: "finished",
      underruns: 0,
      opus: this.decoderOf(begin),
    };
    this.post({ do: "begin", reply: begin.reply, stream: begin.stream, rateHz: begin.rate_hz });
    this.schedule();
  }

  /** Take a media frame. */
  media(frame: ArrayBuffer): void {
    const media = decodeMedia(frame);
    const current = this.current;
    if (!current || current.begin.stream !== media.stream || current.how !== "finished") return;
    const nowUs = this.env.nowUs();
    const samples = usedSamples(media.kind, media.sample, media.payload);
    this.stats.speechFrames++;
    current.firstArrivedUs ??= nowUs;
    current.received = Math.max(current.received, media.sample + samples);
    current.ledger.received(current.received, nowUs);
    const { stream, sample } = media;
    if (current.opus) current.opus.feed(media);
    else this.post({ do: "feed", stream, sample, frame }, [frame]);
  }

  private decoderOf(begin: ReplyBegin): OpusReply | null {
    const coders = begin.codec === "opus" ? this.env.opus() : null;
    if (!coders) return null;
    const { stream } = begin;
    return new OpusReply(
      coders,
      (sample, frame) => this.post({ do: "feed", stream, sample, frame }, [frame]),
      (text) => this.env.emit({ on: "failure", failure: undecodable(text) }),
    );
  }

  text(text: ReplyText): void {
    this.when(text.reply, text.at, () =>
      this.env.emit({ on: "caption", reply: text.reply, text: text.text, at: text.at }),
    );
  }

  marks(message: ReplyMarks): void {
    for (const mark of message.marks) if (mark.kind !== "viseme") this.mark(message.reply, mark);
  }

  end(end: ReplyEnd): void {
    const { current } = this;
    if (current?.begin.reply !== end.reply) return;
    const post = (): void => this.post({ do: "end", reply: end.reply, samples: end.samples });
    if (current.opus) current.opus.whenDecoded(post);
    else post();
  }

  cut(cut: ReplyCut): void {
    if (this.current?.begin.reply !== cut.reply || this.current.how !== "finished") return;
    this.current.how = cut.reason ?? "interrupted";
    this.current.opus?.close();
    this.current.ledger.discardWaiting();
    this.post({ do: "cut", reply: cut.reply });
  }

  turn(state: TurnState): void {
    const ducked = state.state === "ducked";
    this.post({ do: "turn", reply: state.reply ?? null, ducked, paused: state.paused ?? false });
  }

  /** A call is due when its reply's clock reaches `at`; it is void if the reply is cut before that. */
  tool(call: ToolCall): void {
    const emit = (): void => this.env.emit({ on: "tool", call });
    const at = call.at ?? 0;
    if (call.reply == null || at === 0) emit();
    else if (call.reply === this.previous?.reply) {
      if (at <= this.previous.sample) emit();
    } else this.when(call.reply, at, emit);
  }

  /** The worklet reports the position of a reply's clock. */
  status(status: PlayStatus): void {
    const current = this.current;
    const clock = this.clock();
    if (!current || status.reply !== current.begin.reply || !clock) return;
    if (status.running && !current.rendered) this.rendered(current);
    if (status.running) this.stats.buffered.add((status.buffered / current.begin.rate_hz) * 1000);
    this.stats.underruns += status.underruns - current.underruns;
    current.underruns = status.underruns;
    current.ledger.status({ ...status, at: status.at + clock.outputOffsetUs / 1e6 });
    this.step();
  }

  /** The audio context was suspended. */
  stall(): void {
    this.current?.ledger.stall(this.env.nowUs() / 1e6);
  }

  /** The connection was lost: stop playing, and send no reports. */
  leave(): void {
    this.post({ do: "cutAll" });
    if (this.current) this.finish(this.current, "disconnected");
    this.previous = null;
  }

  /** Do what is due. */
  step(): void {
    this.current?.ledger.step(this.env.nowUs() / 1e6);
    this.schedule();
  }

  private rendered(current: CurrentReply): void {
    current.rendered = true;
    if (current.firstArrivedUs !== null) {
      this.stats.receivedToOutput.add((this.env.nowUs() - current.firstArrivedUs) / 1000);
    }
  }

  private mark(reply: number, mark: Mark): void {
    this.when(reply, mark.at, () => this.env.emit({ on: "mark", reply, mark }));
  }

  private when(reply: number, at: number, act: () => void): void {
    if (this.current?.begin.reply !== reply) return;
    // What is at sample 0 belongs to the first sound, not to the announcement of the reply.
    this.current.ledger.when(Math.max(at, 1), act);
    this.schedule();
  }

  private reported(played: Played): void {
    const current = this.current;
    if (!current) return;
    this.env.report(played);
    if (played.sample > 0 && !current.sounding) {
      current.sounding = true;
      this.env.emit({ on: "sounding", reply: played.reply });
    }
    this.previous = { reply: played.reply, sample: played.sample };
    if (played.done) this.finish(current, current.how);
  }

  private finish(current: CurrentReply, how: ReplyEnding): void {
    current.ledger.close();
    current.opus?.close();
    this.current = null;
    const reply = current.begin.reply;
    const sample = this.previous?.reply === reply ? this.previous.sample : 0;
    this.env.emit({ on: "ended", reply, sample, how });
  }

  private schedule(): void {
    if (!this.current) return;
    const ms = this.current.ledger.due() * 1000 - this.env.nowUs() / 1000;
    this.env.wake(Math.max(0, ms));
  }

  private post(command: PlayCommand, transfer: Transferable[] = []): void {
    if (this.port) this.port.postMessage(command, transfer);
    else if (this.waiting.length < WAITING_COMMANDS) this.waiting.push([command, transfer]);
  }
}

function undecodable(text: string): Failure {
  const remedy = "make the session without the option `opus`";
  return { code: "media_undecodable", text, stage: "speak", fault: "client", remedy, fatal: false };
}
