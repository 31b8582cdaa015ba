/** What this library costs the page's main thread in each frame. */

import type { FrameCost } from "./messages";

const MOST = 512; // frames of a second
const SECOND_MS = 1000;
const SAME_FRAME_MS = 1; // two faces in one frame read the mouth twice

/** Adds up what is spent between two frames. Times are those of `performance.now`. */
export class FrameCosts {
  private readonly times = new Float64Array(MOST);
  private count = 0;
  private spentMs = 0;
  private frameAtMs: number | null = null;
  private secondAtMs = 0;

  /** `ended` gets each frame's cost in milliseconds, `second` that of each full second's frames. */
  constructor(
    private readonly ended: (ms: number) => void,
    private readonly second: (cost: FrameCost) => void,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /** Count what has passed since `beganMs` to the present frame. */
  spend(beganMs: number): void {
    this.spentMs += this.nowMs() - beganMs;
  }

  /** A frame begins at `atMs`. */
  frame(atMs: number): void {
    const passedMs = this.frameAtMs === null ? Number.POSITIVE_INFINITY : atMs - this.frameAtMs;
    if (passedMs < SAME_FRAME_MS) return;
    this.frameAtMs = atMs;
    if (passedMs > SECOND_MS) this.begin(atMs);
    else this.end(atMs);
    this.spentMs = 0;
  }

  /** The first frame, or the first after the page was hidden. */
  private begin(atMs: number): void {
    this.secondAtMs = atMs;
    this.count = 0;
  }

  private end(atMs: number): void {
    this.ended(this.spentMs);
    if (this.count < MOST) this.times[this.count++] = this.spentMs;
    if (atMs - this.secondAtMs < SECOND_MS) return;
    const sorted = this.times.subarray(0, this.count).sort();
    const at = (place: number): number => sorted[Math.floor(place)] as number;
    this.second({
      frames: this.count,
      p99_ms: at(0.99 * (this.count - 1)),
      max_ms: at(this.count - 1),
    });
    this.begin(atMs);
  }
}
