/** What a rendered frame costs this page, and how far lips are behind the sound. */

const KEPT = 600;
const LONGEST_MS = 1000; // longer is a page that was hidden, not a frame

/** Percentiles of the newest measurements. */
export class Ring {
  private readonly values: number[] = [];
  private next = 0;

  add(value: number): void {
    this.values[this.next] = value;
    this.next = (this.next + 1) % KEPT;
  }

  /** The value that `part` of the measurements do not exceed; null without any. */
  at(part: number): number | null {
    const sorted = Float64Array.from(this.values).sort();
    return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? null;
  }

  get count(): number {
    return this.values.length;
  }
}

export class Cost {
  readonly frameMs = new Ring();
  readonly oursMs = new Ring();
  readonly lipsMs = new Ring();
  private lastMs = 0;
  private begunMs = 0;
  private shown: { reply: number | null; sample: number } = { reply: null, sample: 0 };

  /** A frame begins; `mouth` is what is heard now. Frames are seen about when the next one begins. */
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
