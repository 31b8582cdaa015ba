/** Converts sample rates, in pieces of any length, exact to the sample. */

const ZERO_CROSSINGS = 16; // on each side of the kernel's middle
const PASSBAND = 0.92; // of the lower of the two rates' halves

/**
 * A windowed sinc, one row of taps for each phase between two input samples.
 *
 * Output sample k is at input position k * inHz / outHz: the clock is not delayed, but each output sample needs
 * `reach` more input samples. Float32 in and out. `push` input, then `read` what is ready.
 */
export class Resampler {
  /** Input samples to each side that one output sample needs. */
  readonly reach: number;
  private readonly up: number; // output samples in `down` input samples
  private readonly down: number;
  private readonly taps: Float32Array[];
  private buffer: Float32Array;
  private first: number; // input index of buffer[0]; before 0 there is silence
  private end = 0; // input samples pushed
  private whole = 0; // input index of the next output sample, and its phase
  private phase = 0;
  private ended = false;

  constructor(inHz: number, outHz: number) {
    const divisor = gcd(inHz, outHz);
    this.up = outHz / divisor;
    this.down = inHz / divisor;
    const cutoff = Math.min(1, outHz / inHz) * PASSBAND;
    this.reach = inHz === outHz ? 1 : Math.ceil(ZERO_CROSSINGS / cutoff);
    this.taps = inHz === outHz ? [Float32Array.of(1, 0)] : kernel(this.reach, this.up, cutoff);
    this.first = 1 - this.reach;
    this.buffer = new Float32Array(4096 + 2 * this.reach);
  }

  /** The input sample at which the next output sample lies, rounded down. */
  get position(): number {
    return this.whole;
  }

  /** Input samples so far. */
  get pushed(): number {
    return this.end;
  }

  /** Add input samples. */
  push(input: Float32Array): void {
    this.makeRoom(input.length);
    this.buffer.set(input, this.end - this.first);
    this.end += input.length;
  }

  /** End the input: silence follows the last sample. */
  finish(): void {
    if (this.ended) return;
    this.ended = true;
    this.makeRoom(this.reach);
    this.buffer.fill(0, this.end - this.first, this.end - this.first + this.reach);
  }

  /** Write up to `count` output samples to `out` from `at` on; returns how many. */
  read(out: Float32Array, at: number, count: number): number {
    const limit = this.ended ? this.end : this.end - this.reach;
    const { buffer, reach, up, down, taps } = this;
    let made = 0;
    while (made < count && this.whole < limit) {
      const row = taps[this.phase] as Float32Array;
      const from = this.whole - reach + 1 - this.first;
      let sum = 0;
      for (let k = 0; k < row.length; k++) sum += (row[k] as number) * (buffer[from + k] as number);
      out[at + made++] = sum;
      this.phase += down;
      while (this.phase >= up) {
        this.phase -= up;
        this.whole++;
      }
    }
    return made;
  }

  private makeRoom(count: number): void {
    if (this.end - this.first + count <= this.buffer.length) return;
    const keepFrom = Math.min(this.whole - this.reach + 1, this.end);
    const kept = this.buffer.subarray(keepFrom - this.first, this.end - this.first);
    const needed = kept.length + count;
    const buffer = needed > this.buffer.length / 2 ? new Float32Array(2 * needed) : this.buffer;
    if (buffer === this.buffer)
      buffer.copyWithin(0, kept.byteOffset / 4, kept.byteOffset / 4 + kept.length);
    else buffer.set(kept);
    this.buffer = buffer;
    this.first = keepFrom;
  }
}

function kernel(reach: number, phases: number, cutoff: number): Float32Array[] {
  const rows: Float32Array[] = [];
  for (let phase = 0; phase < phases; phase++) {
    const row = new Float32Array(2 * reach);
    let sum = 0;
    for (let k = 0; k < row.length; k++) {
      const x = k - reach + 1 - phase / phases;
      const sinc = x === 0 ? 1 : Math.sin(Math.PI * cutoff * x) / (Math.PI * cutoff * x);
      row[k] = sinc * blackman(x / reach);
      sum += row[k] as number;
    }
    rows.push(row.map((tap) => tap / sum));
  }
  return rows;
}

function blackman(x: number): number {
  if (Math.abs(x) >= 1) return 0;
  return 0.42 + 0.5 * Math.cos(Math.PI * x) + 0.08 * Math.cos(2 * Math.PI * x);
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
