/** What the playback worklet does with replies: prime, play, count samples, pause, fade, discard. */

import { FULL_SCALE } from "./media";
import { Resampler } from "./resampler";

/** How much sound is buffered before the first sample is played. */
export const PRIME_MS = 40;
/** Length of a fade to silence. */
export const FADE_MS = 10;
/** Length of a change of gain: without a click, and too short to be heard as a fade. */
export const RAMP_MS = 5;
/** The gain of a lowered reply: -12 dB. */
export const DUCK_GAIN = 10 ** (-12 / 20);
const STATUS_EVERY_MS = 100;
const LONGEST_HOLE_MS = 1000;

/** How a reply is played; `paused` stops its clock. */
export type Loudness = "raised" | "lowered" | "paused";

/** The position of a reply's clock: sample `sample` leaves the worklet at context time `at`, in seconds. */
export interface PlayStatus {
  reply: number;
  at: number;
  sample: number;
  /** Whether the clock runs from here on. */
  running: boolean;
  buffered: number;
  underruns: number;
  /** No more of it will be played. */
  done: boolean;
  cut: boolean;
}

/** One reply's sound. */
class Line {
  loudness: Loudness = "raised";
  running = false;
  started = false;
  done = false;
  wasCut = false;
  underruns = 0;
  statusAt = Number.NEGATIVE_INFINITY;
  private total: number | null = null;
  private gain = 1;
  private goal = 1;
  private step = 0;
  private readonly sound: Resampler;

  constructor(
    readonly reply: number,
    readonly stream: number,
    readonly rateHz: number,
    private readonly outHz: number,
  ) {
    this.sound = new Resampler(rateHz, outHz);
  }

  get played(): number {
    return Math.min(this.sound.position, this.total ?? this.sound.pushed);
  }

  get buffered(): number {
    return this.done ? 0 : this.sound.pushed - this.played;
  }

  feed(sample: number, pcm: Int16Array): void {
    if (this.total !== null || this.wasCut) return;
    const hole = sample - this.sound.pushed;
    if (hole > 0) {
      const most = (LONGEST_HOLE_MS * this.rateHz) / 1000;
      this.sound.push(new Float32Array(Math.min(hole, most)));
    }
    const fresh = hole < 0 ? pcm.subarray(-hole) : pcm;
    const floats = new Float32Array(fresh.length);
    for (let i = 0; i < fresh.length; i++) floats[i] = (fresh[i] as number) / FULL_SCALE;
    this.sound.push(floats);
  }

  end(samples: number): void {
    this.total ??= samples;
    this.sound.finish();
  }

  /** Fade to another gain; `paused` stops the clock once it is silent. */
  set(loudness: Loudness): void {
    if (this.wasCut || loudness === this.loudness) return;
    this.loudness = loudness;
    const gains = { raised: 1, lowered: DUCK_GAIN, paused: 0 };
    this.goal = gains[loudness];
    // What is not heard needs no fade, and would be heard because of it.
    if (!this.running) this.gain = this.goal;
    else this.ramp(this.goal, loudness === "paused" ? FADE_MS : RAMP_MS);
  }

  cut(): void {
    if (this.wasCut || this.done) return;
    this.wasCut = true;
    this.ramp(0, FADE_MS);
    if (!this.running) this.done = true;
  }

  /** Add the block's sound to `out`; returns whether the clock started, stopped or ended. */
  render(out: Float32Array, scratch: Float32Array): boolean {
    if (this.done) return false;
    const was = this.running;
    if (!this.running && !this.mayRun()) return this.finishIfEnded();
    const made = this.sound.read(scratch, 0, out.length);
    if (made > 0 && !was) this.go();
    this.mix(out, scratch, made);
    if (made < out.length) this.running = false;
    if (this.silenced()) this.stop();
    if (this.finishIfEnded()) return true;
    const dry = was && !this.running && !this.wasCut && this.loudness !== "paused";
    if (dry) this.underruns++;
    return was !== this.running || this.done;
  }

  private mayRun(): boolean {
    if (this.loudness === "paused" && this.gain === 0) return false;
    if (this.started || this.total !== null) return true;
    return this.sound.pushed >= (PRIME_MS * this.rateHz) / 1000;
  }

  private go(): void {
    this.running = true;
    if (!this.started) {
      this.started = true;
      return;
    }
    // It resumes in the middle of a sound: ramp, to avoid a click.
    const goal = this.goal;
    this.gain = 0;
    this.ramp(goal, RAMP_MS);
  }

  private silenced(): boolean {
    return this.gain === 0 && this.goal === 0;
  }

  private stop(): void {
    this.running = false;
    if (this.wasCut) this.done = true;
  }

  private finishIfEnded(): boolean {
    if (this.done) return true;
    if (this.total === null || this.running) return false;
    this.done = this.sound.position >= Math.min(this.total, this.sound.pushed);
    return this.done;
  }

  private ramp(goal: number, ms: number): void {
    this.goal = goal;
    this.step = (goal - this.gain) / Math.max(1, (ms * this.outHz) / 1000);
    if (this.step === 0) this.gain = goal;
  }

  private mix(out: Float32Array, sound: Float32Array, count: number): void {
    for (let i = 0; i < count; i++) {
      if (this.gain !== this.goal) {
        this.gain += this.step;
        if (this.step > 0 === this.gain > this.goal) this.gain = this.goal;
      }
      out[i] = (out[i] as number) + (sound[i] as number) * this.gain;
    }
  }
}

/**
 * Plays one character's replies. `report` gets the position of each reply's clock at every change and ten times a
 * second. Time is counted in output frames.
 */
export class Playout {
  private lines: Line[] = [];
  private readonly scratch = new Float32Array(4096);

  constructor(
    private readonly outHz: number,
    private readonly report: (status: PlayStatus) => void,
  ) {}

  /** The reply that is played now. */
  get current(): { started: boolean; loudness: Loudness } | null {
    const line = this.lines.at(-1);
    return line && !line.done && !line.wasCut ? line : null;
  }

  begin(reply: number, stream: number, rateHz: number): void {
    for (const line of this.lines) line.cut(); // the server keeps one reply at a time
    this.lines.push(new Line(reply, stream, rateHz, this.outHz));
  }

  /** Take sound; sound of an unknown stream is ignored. */
  feed(stream: number, sample: number, pcm: Int16Array): void {
    const line = this.lines.at(-1);
    if (line && line.stream === stream) line.feed(sample, pcm);
  }

  end(reply: number, samples: number): void {
    this.find(reply)?.end(samples);
  }

  cut(reply: number): void {
    this.find(reply)?.cut();
  }

  /** The connection was lost: cut every reply. */
  cutAll(): void {
    for (const line of this.lines) line.cut();
  }

  set(loudness: Loudness): void {
    this.lines.at(-1)?.set(loudness);
  }

  /** Fill `out`; its first sample is frame `frame` of the context. */
  render(out: Float32Array, frame: number): void {
    out.fill(0);
    for (const line of this.lines) {
      const before = line.played;
      const wasRunning = line.running;
      const changed = line.render(out, this.scratch);
      const late = (frame - line.statusAt) * 1000 >= STATUS_EVERY_MS * this.outHz;
      if (changed && line.running && !wasRunning) this.reportStatus(line, frame, before);
      else if (changed || line.done) this.reportStatus(line, frame + out.length, line.played);
      else if (late) this.reportStatus(line, frame + out.length, line.played);
    }
    if (this.lines.some((line) => line.done)) this.lines = this.lines.filter((line) => !line.done);
  }

  private find(reply: number): Line | undefined {
    return this.lines.find((line) => line.reply === reply);
  }

  private reportStatus(line: Line, frame: number, sample: number): void {
    line.statusAt = frame;
    this.report({
      reply: line.reply,
      at: frame / this.outHz,
      sample,
      running: line.running,
      buffered: line.buffered,
      underruns: line.underruns,
      done: line.done,
      cut: line.wasCut,
    });
  }
}
