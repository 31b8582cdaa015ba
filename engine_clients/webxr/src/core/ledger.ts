/** What was heard of one reply: sends `played` reports, and acts when a sample is heard. */

import type { Played } from "./messages";
import type { PlayStatus } from "./playout";
import { ReplyClock } from "./replyclock";

/** An action that waits until `sample` is heard. */
export interface Waiting {
  sample: number;
  act(): void;
}

/** The fields of a report that the hub provides. */
export type Surroundings = Pick<
  Played,
  "t_us" | "mic_sample" | "input_ms" | "output_ms" | "frame_cost"
>;

const MARGIN_S = 0.0005; // a sample that is due within this has left

/**
 * Times are seconds of our own clock. `due` returns when to call `step` next.
 *
 * A report is sent when the first sample was heard, every `everyS`, whenever a waiting action is due, and when
 * the reply ends.
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
    private readonly surroundings: () => Surroundings,
  ) {
    this.clock = new ReplyClock(reply, rateHz);
    this.reportedAt = beganAt;
    this.clock.received = 0;
  }

  /** Take a report of the clock's position; `status.at` is when that sample is heard. */
  status(status: PlayStatus): void {
    this.clock.push(status);
  }

  /** `samples` have arrived so far; the first call gives the first one's time. */
  received(samples: number, atUs: number): void {
    this.arrivedUs ??= atUs;
    this.clock.received = samples;
  }

  /** The audio context was suspended at `now`, so no report of it will come. */
  stall(now: number): void {
    const latest = this.clock.latest;
    if (!latest?.running || latest.done) return;
    this.clock.push({ ...latest, at: now, sample: this.clock.sampleAt(now), running: false });
  }

  /** Call `act` when `sample` was heard; not at all if the reply ends before it. */
  when(sample: number, act: () => void): void {
    this.waiting.push({ sample, act });
    this.waiting.sort((a, b) => a.sample - b.sample);
  }

  /** When `step` must be called next. */
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
    // A device that stood still may tell late that it ended before what was reported.
    const sample = Math.max(this.clock.sampleAt(at), end?.sample ?? 0);
    const ready = this.takeReady(sample);
    const first = sample > 0 && !this.firstReported;
    if (end || first || ready.length > 0 || at >= this.reportedAt + this.everyS) {
      this.sendReport(now, sample, end !== null);
    }
    for (const { act } of ready) act();
  }

  /** The reply was cut: discard the actions that wait. */
  discardWaiting(): void {
    this.waiting = [];
  }

  /** The reply is no longer played: send no more reports. */
  close(): void {
    this.ended = true;
    this.waiting = [];
  }

  private takeReady(sample: number): Waiting[] {
    const ready = this.waiting.filter((entry) => entry.sample <= sample);
    if (ready.length > 0) this.waiting = this.waiting.filter((entry) => entry.sample > sample);
    return ready;
  }

  private sendReport(now: number, sample: number, done: boolean): void {
    this.reportedAt = now;
    this.firstReported ||= sample > 0;
    const { underruns = 0 } = this.clock.latest ?? {};
    this.report({
      type: "played",
      reply: this.reply,
      sample,
      ...this.surroundings(),
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
