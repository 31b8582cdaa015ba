/** The curve of the mouth: the pure function of protocols/visemes.md, and a window that makes it fast. */

import type { Mark } from "./messages";
import { CLOSURES, CURVE, type MouthWeights, VISEMES, type Viseme } from "./visemes";

/** The mouth at rest. */
export function atRest(): MouthWeights {
  const pose = Object.fromEntries(VISEMES.map((name) => [name, 0])) as MouthWeights;
  pose.sil = 1;
  return pose;
}

/**
 * The weight of each mouth shape, 0 to 1, at sample `t` of a reply's clock.
 *
 * `marks`: in order of `at`; kinds other than `viseme` are ignored. `rateHz`: the clock's rate. `cutAt`: the sample
 * at which the reply was cut, or null. `into` is filled and returned, so that no object is allocated per frame.
 */
export function weights(
  marks: readonly Mark[],
  t: number,
  rateHz: number,
  cutAt: number | null = null,
  into: MouthWeights = atRest(),
): MouthWeights {
  const ms = rateHz / 1000;
  if (cutAt !== null && t > cutAt) {
    weights(marks, cutAt, rateHz, null, into);
    const left = ramp(1 - (t - cutAt) / (CURVE.cut_release_ms * ms));
    for (const name of VISEMES) into[name] *= left;
    return withRest(into);
  }
  for (const name of VISEMES) into[name] = 0;
  openShapes(marks, t, ms, into);
  for (const mark of marks) {
    if (!isShape(mark, into) || !CLOSURES.has(mark.name)) continue;
    const level = levelOf(mark, t, CURVE.closure_attack_ms * ms, CURVE.closure_release_ms * ms);
    if (level > 0) close(mark.name as Viseme, level, into);
  }
  return withRest(into);
}

function openShapes(marks: readonly Mark[], t: number, ms: number, into: MouthWeights): void {
  for (const mark of marks) {
    if (!isShape(mark, into) || CLOSURES.has(mark.name)) continue;
    const level = levelOf(mark, t, CURVE.attack_ms * ms, CURVE.release_ms * ms);
    into[mark.name as Viseme] = Math.max(into[mark.name as Viseme], level);
  }
  let sum = 0;
  for (const name of VISEMES) sum += into[name];
  if (sum > 1) for (const name of VISEMES) into[name] /= sum;
}

function close(shape: Viseme, level: number, into: MouthWeights): void {
  for (const name of VISEMES) into[name] *= 1 - level;
  into[shape] = Math.max(into[shape], level);
}

function isShape(mark: Mark, into: MouthWeights): boolean {
  return mark.kind === "viseme" && mark.name !== "sil" && mark.name in into;
}

function levelOf(mark: Mark, t: number, attack: number, release: number): number {
  const rise = ramp(1 - Math.max(mark.at - t, 0) / attack);
  return (mark.value ?? 1) * rise * ramp(1 - Math.max(t - mark.end, 0) / release);
}

function ramp(x: number): number {
  const limited = Math.min(Math.max(x, 0), 1);
  return limited * limited * (3 - 2 * limited);
}

function withRest(into: MouthWeights): MouthWeights {
  into.sil = 0;
  let sum = 0;
  for (const name of VISEMES) sum += into[name];
  into.sil = Math.max(0, 1 - sum);
  return into;
}

const REACH_MS = Math.max(...Object.values(CURVE));

/** The viseme marks of one reply; computes weights from the marks near a sample only. */
export class MouthScript {
  private readonly marks: Mark[] = [];
  private longest = 0;
  private readonly window: Mark[] = [];

  constructor(private readonly rateHz: number) {}

  /** Add marks. */
  add(marks: readonly Mark[]): void {
    for (const mark of marks) {
      if (mark.kind !== "viseme") continue;
      // They come in order of `at`, so this is the end.
      this.marks.splice(this.firstFrom(mark.at + 1), 0, mark);
      this.longest = Math.max(this.longest, mark.end - mark.at);
    }
  }

  /** The weights at sample `t`; fills `into`. */
  weights(t: number, cutAt: number | null, into: MouthWeights): MouthWeights {
    return weights(this.near(cutAt === null ? t : Math.min(t, cutAt)), t, this.rateHz, cutAt, into);
  }

  private near(t: number): readonly Mark[] {
    const reach = (REACH_MS * this.rateHz) / 1000;
    this.window.length = 0;
    for (let i = this.firstFrom(t - reach - this.longest); i < this.marks.length; i++) {
      const mark = this.marks[i] as Mark;
      if (mark.at >= t + reach) break;
      if (mark.end > t - reach) this.window.push(mark);
    }
    return this.window;
  }

  private firstFrom(at: number): number {
    let low = 0;
    let high = this.marks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.marks[middle] as Mark).at < at) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
