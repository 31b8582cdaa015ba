/** What was heard of the reply under way: `played` reports, and what waits for a sample to be heard. */

import type { Played } from "./messages";
import type { PlayStatus } from "./playout";
import { ReplyClock } from "./replyclock";

export interface Waiting {
  sample: number;
  act(): void;
}

/** The fields of a report that others know. */
export type Surroundings = Pick<Played, "t_us" | "mic_sample">;

const MARGIN_S = 0.0005; // a sample that is due at this very instant has left

/**
 * Times are seconds of our own clock. `due` says when to call `step` next.
 *
 * A report goes out when the first sample was heard, every `everyS`, whenever something that waited is
 * due, and when the reply is over.
 */
export class Ledger {
  arrivedUs: number | null = null;
  private readonly clock: ReplyClock;
  private waiting: Waiting[] = [];
  private reportedAt: number;
  private firstReported = false;
  private ended = false;

  constructor(
    readonly reply: number,
    rateHz: number,
    beganAt: number,
    private readonly everyS: number,
    private readonly report: (played: Played) => void,
    private readonly around: () => Surroundings,
  ) {
    this.clock = new ReplyClock(reply, rateHz);
    this.reportedAt = beganAt;
    this.clock.received = 0;
  }

  get over(): boolean {
    return this.ended;
  }

  /** Where the clock stands; `status.at` is when that is heard. */
  status(status: PlayStatus): void {
    this.clock.push(status);
  }

  /** So many samples came by now, the first of them at `atUs`. */
  received(samples: number, atUs: number): void {
    this.arrivedUs ??= atUs;
    this.clock.received = samples;
  }

  /** The sound stands still at `now`, and nobody says so: the context was suspended. */
  stall(now: number): void {
    const latest = this.clock.latest;
    if (!latest?.running || latest.done) return;
    this.clock.push({ ...latest, at: now, sample: this.clock.sampleAt(now), running: false });
  }

  /** Act when `sample` was heard; never, if the reply does not get there. */
  when(sample: number, act: () => void): void {
    this.waiting.push({ sample, act });
    this.waiting.sort((a, b) => a.sample - b.sample);
  }

  /** When there is something to do. */
  due(): number {
    if (this.ended) return Number.POSITIVE_INFINITY;
    const times = [this.reportedAt + this.everyS];
    const first = this.waiting[0];
    const latest = this.clock.latest;
    if (first) times.push(this.clock.timeOf(first.sample) ?? Number.POSITIVE_INFINITY);
    if (!this.firstReported) times.push(this.clock.timeOf(1) ?? Number.POSITIVE_INFINITY);
    if (latest?.done) times.push(latest.at);
    return Math.min(...times);
  }

  /** Do what is due at `now`. */
  step(now: number): void {
    if (this.ended) return;
    const at = now + MARGIN_S;
    const end = this.clock.endBy(at);
    const sample = end?.sample ?? this.clock.sampleAt(at);
    const ready = this.takeReady(sample);
    const first = sample > 0 && !this.firstReported;
    if (end || first || ready.length > 0 || at >= this.reportedAt + this.everyS) {
      this.tell(now, sample, end !== null);
    }
    for (const one of ready) one.act();
  }

  /** The reply was cut: what waits for later samples never happens. */
  voidWaiting(): void {
    this.waiting = [];
  }

  /** Nobody plays it any more, and nobody will say so. */
  abandon(): void {
    this.ended = true;
    this.waiting = [];
  }

  private takeReady(sample: number): Waiting[] {
    const ready = this.waiting.filter((one) => one.sample <= sample);
    if (ready.length > 0) this.waiting = this.waiting.filter((one) => one.sample > sample);
    return ready;
  }

  private tell(now: number, sample: number, done: boolean): void {
    this.reportedAt = now;
    this.firstReported ||= sample > 0;
    const { underruns = 0 } = this.clock.latest ?? {};
    this.report({
      type: "played",
      reply: this.reply,
      sample,
      ...this.around(),
      arrived_us: this.arrivedUs,
      underruns,
      done,
    });
    if (done) {
      this.ended = true;
      this.waiting = [];
    }
  }
}
