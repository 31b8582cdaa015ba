/** Replies on their way to the loudspeaker: one at a time, its sound, its marks, its ledger. */

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
  ToolCall,
  TurnState,
} from "./messages";
import type { PlayStatus } from "./playout";
import type { AudioClock, HubEvent, PlayCommand, Port, ReplyEnding } from "./protocol";
import type { StatsKeeper } from "./stats";

const WAITING_COMMANDS = 512; // until the page's sound is unlocked: a lead of sound, and what belongs to it

export interface DownlinkEnv {
  nowUs(): number;
  /** Call back after so long; a later call replaces an earlier one. */
  wake(ms: number): void;
  report(played: Played): void;
  around(): Surroundings;
  emit(event: HubEvent): void;
}

interface UnderWay {
  begin: ReplyBegin;
  ledger: Ledger;
  received: number;
  firstArrivedUs: number | null;
  rendered: boolean;
  sounding: boolean;
  how: ReplyEnding;
  underruns: number;
}

export class Downlink {
  playedEveryMs = 100;
  private port: Port<PlayCommand> | null = null;
  private waiting: [PlayCommand, Transferable[]][] = [];
  private now: UnderWay | null = null;
  /** Highest sample heard of the reply before, for calls that come late. */
  private before: { reply: number; sample: number } | null = null;

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

  /** The reply that is under way. */
  get reply(): number | null {
    return this.now?.begin.reply ?? null;
  }

  begin(begin: ReplyBegin): void {
    if (this.now) this.finish(this.now, this.now.ledger, "disconnected");
    const ledger = new Ledger(
      begin.reply,
      begin.rate_hz,
      this.env.nowUs() / 1e6,
      this.playedEveryMs / 1000,
      (played) => this.reported(played),
      () => this.env.around(),
    );
    this.now = {
      begin,
      ledger,
      received: 0,
      firstArrivedUs: null,
      rendered: false,
      sounding: false,
      how: "finished",
      underruns: 0,
    };
    this.post({ do: "begin", reply: begin.reply, stream: begin.stream, rateHz: begin.rate_hz });
    this.schedule();
  }

  /** A media frame, as it came. */
  media(frame: ArrayBuffer): void {
    const media = decodeMedia(frame);
    const now = this.now;
    if (!now || now.begin.stream !== media.stream || now.how !== "finished") return;
    const nowUs = this.env.nowUs();
    const samples = media.payload.length / 2;
    this.stats.speechFrames++;
    now.firstArrivedUs ??= nowUs;
    now.received = Math.max(now.received, media.sample + samples);
    now.ledger.received(now.received, nowUs);
    const { stream, sample } = media;
    this.post({ do: "feed", stream, sample, frame }, [frame]);
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
    if (this.now?.begin.reply === end.reply) {
      this.post({ do: "end", reply: end.reply, samples: end.samples });
    }
  }

  cut(cut: ReplyCut): void {
    if (this.now?.begin.reply !== cut.reply || this.now.how !== "finished") return;
    this.now.how = cut.reason ?? "interrupted";
    this.now.ledger.voidWaiting();
    this.post({ do: "cut", reply: cut.reply });
  }

  turn(state: TurnState): void {
    const ducked = state.state === "ducked";
    this.post({ do: "turn", reply: state.reply ?? null, ducked, paused: state.paused ?? false });
  }

  /** A call is due when its reply's clock reaches `at`; one whose reply was cut before is void. */
  tool(call: ToolCall): void {
    const emit = (): void => this.env.emit({ on: "tool", call });
    const at = call.at ?? 0;
    if (call.reply == null || at === 0) emit();
    else if (call.reply === this.before?.reply) {
      if (at <= this.before.sample) emit();
    } else this.when(call.reply, at, emit);
  }

  /** The worklet says where a reply's clock stands. */
  status(status: PlayStatus): void {
    const now = this.now;
    const clock = this.clock();
    if (!now || status.reply !== now.begin.reply || !clock) return;
    if (status.running && !now.rendered) this.rendered(now);
    if (status.running) this.stats.buffered.add((status.buffered / now.begin.rate_hz) * 1000);
    this.stats.underruns += status.underruns - now.underruns;
    now.underruns = status.underruns;
    now.ledger.status({ ...status, at: status.at + clock.outputOffsetUs / 1e6 });
    this.step();
  }

  /** The audio context stands still. */
  stall(): void {
    this.now?.ledger.stall(this.env.nowUs() / 1e6);
  }

  /** The connection is gone: nothing more is played, and nobody hears of it. */
  leave(): void {
    this.post({ do: "cutAll" });
    if (this.now) this.finish(this.now, this.now.ledger, "disconnected");
    this.before = null;
  }

  /** Do what is due. */
  step(): void {
    this.now?.ledger.step(this.env.nowUs() / 1e6);
    this.schedule();
  }

  private rendered(now: UnderWay): void {
    now.rendered = true;
    if (now.firstArrivedUs !== null) {
      this.stats.receivedToOutput.add((this.env.nowUs() - now.firstArrivedUs) / 1000);
    }
  }

  private mark(reply: number, mark: Mark): void {
    this.when(reply, mark.at, () => this.env.emit({ on: "mark", reply, mark }));
  }

  private when(reply: number, at: number, act: () => void): void {
    if (this.now?.begin.reply !== reply) return;
    // What lies on sample 0 belongs to the sound's beginning, not to its announcement.
    this.now.ledger.when(Math.max(at, 1), act);
    this.schedule();
  }

  private reported(played: Played): void {
    const now = this.now;
    if (!now) return;
    this.env.report(played);
    if (played.sample > 0 && !now.sounding) {
      now.sounding = true;
      this.env.emit({ on: "sounding", reply: played.reply });
    }
    this.before = { reply: played.reply, sample: played.sample };
    if (played.done) this.finish(now, null, now.how);
  }

  private finish(now: UnderWay, abandoned: Ledger | null, how: ReplyEnding): void {
    abandoned?.abandon();
    this.now = null;
    const reply = now.begin.reply;
    const sample = this.before?.reply === reply ? this.before.sample : 0;
    this.env.emit({ on: "over", reply, sample, how });
  }

  private schedule(): void {
    if (!this.now) return;
    const ms = this.now.ledger.due() * 1000 - this.env.nowUs() / 1000;
    this.env.wake(Math.max(0, ms));
  }

  private post(command: PlayCommand, transfer: Transferable[] = []): void {
    if (this.port) this.port.postMessage(command, transfer);
    else if (this.waiting.length < WAITING_COMMANDS) this.waiting.push([command, transfer]);
  }
}
