/** What this client costs and waits, measured where it happens. */

import type { ClockEstimate } from "./clock";

/** Median and 95th percentile of the newest measurements; null: none yet. */
export interface Spread {
  p50: number | null;
  p95: number | null;
  n: number;
}

export interface Stats {
  /** A microphone frame's last sample was rendered -> the frame was given to the socket. */
  captureToWireMs: Spread;
  /** A reply's first frame came -> the audio thread said that its first sample is in the output. */
  receivedToOutputMs: Spread;
  /** Sound that waited to be played, some ten times a second: how near replies are to running dry. */
  bufferedMs: Spread;
  roundTripMs: number | null;
  /** How much round trips differ from one to the next, smoothed as in RFC 3550. */
  jitterMs: number | null;
  /** What to add to our clock to get the server's, and by how much that may be wrong. */
  clockOffsetMs: number | null;
  clockErrorMs: number | null;
  underruns: number;
  micFrames: number;
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
