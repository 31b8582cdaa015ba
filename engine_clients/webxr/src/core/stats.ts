/** This client's own measurements of delays and counts. */

import type { ClockEstimate } from "./clock";

/** Percentiles of the newest measurements. */
export interface Spread {
  /** The median; null without measurements. */
  p50: number | null;
  /** The 95th percentile; null without measurements. */
  p95: number | null;
  /** How many measurements, up to 256. */
  n: number;
}

/** This client's own measurements. Times are milliseconds. */
export interface Stats {
  /** From a microphone frame's last sample to the frame's being passed to the socket. */
  captureToWireMs: Spread;
  /** From a reply's first frame to the audio thread's report that its first sample is in the output. */
  receivedToOutputMs: Spread;
  /** How much sound was buffered, sampled ten times a second. */
  bufferedMs: Spread;
  /** The newest ping's round trip; null before the first. */
  roundTripMs: number | null;
  /** How much round trips differ, smoothed as in RFC 3550; null before the second. */
  jitterMs: number | null;
  /** The server's clock minus ours; null before the first ping. */
  clockOffsetMs: number | null;
  /** The largest possible error of `clockOffsetMs`. */
  clockErrorMs: number | null;
  /** How often replies ran out of sound. */
  underruns: number;
  /** Microphone frames sent. */
  micFrames: number;
  /** Media frames of replies received. */
  speechFrames: number;
}

const KEPT = 256;

class Window {
  private readonly values: number[] = [];
  private next = 0;

  add(value: number): void {
    this.values[this.next] = value;
    this.next = (this.next + 1) % KEPT;
  }

  get spread(): Spread {
    const sorted = [...this.values].sort((a, b) => a - b);
    const at = (part: number): number | null =>
      sorted[Math.floor(part * (sorted.length - 1))] ?? null;
    return { p50: at(0.5), p95: at(0.95), n: sorted.length };
  }
}

/** Collects the measurements. */
export class StatsKeeper {
  readonly captureToWire = new Window();
  readonly receivedToOutput = new Window();
  readonly buffered = new Window();
  underruns = 0;
  micFrames = 0;
  speechFrames = 0;

  constructor(private readonly clock: ClockEstimate) {}

  get stats(): Stats {
    return {
      captureToWireMs: this.captureToWire.spread,
      receivedToOutputMs: this.receivedToOutput.spread,
      bufferedMs: this.buffered.spread,
      roundTripMs: ms(this.clock.roundTripUs),
      jitterMs: ms(this.clock.jitterUs),
      clockOffsetMs: ms(this.clock.offsetUs),
      clockErrorMs: ms(this.clock.errorUs),
      underruns: this.underruns,
      micFrames: this.micFrames,
      speechFrames: this.speechFrames,
    };
  }
}

function ms(us: number | null): number | null {
  return us === null ? null : us / 1000;
}
