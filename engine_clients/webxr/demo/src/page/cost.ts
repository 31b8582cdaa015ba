/** The cost of a rendered frame, and how far the lips are behind the sound. */

const KEPT = 600;
const LONGEST_MS = 1000; // a longer time means that the page was hidden

/** Percentiles of the newest measurements. */
export class Ring {
  private readonly values = new Float64Array(KEPT);
  private readonly sorted = new Float64Array(KEPT);
  private added = 0;

  add(value: number): void {
    this.values[this.added++ % KEPT] = value;
  }

  /** The quantile `part` of the measurements; null without any. */
  at(part: number): number | null {
    const { count } = this;
    this.sorted.set(this.values);
    const sorted = this.sorted.subarray(0, count).sort();
    return sorted[Math.min(count - 1, Math.floor(part * count))] ?? null;
  }

  get count(): number {
    return Math.min(this.added, KEPT);
  }

  clear(): void {
    this.added = 0;
  }
}

/** Measures each frame of the page. */
export class Cost {
  readonly frameMs = new Ring();
  readonly oursMs = new Ring();
  readonly lipsMs = new Ring();
  private lastMs = 0;
  private begunMs = 0;
  private shown: { reply: number | null; sample: number } = { reply: null, sample: 0 };

  /** A frame begins; `mouth` is at the sample that is heard now. A frame is seen about when the next one begins. */
  begin(
    mouth: { reply: number | null; sample: number } | null,
    rateHz: number,
    talking: boolean,
  ): void {
    this.begunMs = performance.now();
    const passedMs = this.begunMs - this.lastMs;
    this.lastMs = this.begunMs;
    if (passedMs < LONGEST_MS) this.frameMs.add(passedMs);
    if (!mouth) return;
    // Each of these reads the audio clock, so read them once.
    const { reply, sample } = mouth;
    if (talking && reply === this.shown.reply && passedMs < LONGEST_MS) {
      this.lipsMs.add(((sample - this.shown.sample) / rateHz) * 1000);
    }
    this.shown = { reply, sample };
  }

  /** Our part of the frame is done; drawing comes after it. */
  end(): void {
    this.oursMs.add(performance.now() - this.begunMs);
  }
}
