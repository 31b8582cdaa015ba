/** The mouth for a page: weights for the sample that is heard now, once for each rendered frame. */

import type { FrametalkAudio } from "./audio/engine";
import { toArkit, toVrm } from "./core/faces";
import type { FrameCosts } from "./core/framecosts";
import type { Lips } from "./core/lips";
import type { MouthWeights } from "./core/visemes";

const SMOOTHED = 0.1; // the weight of a new frame time
const LONGEST_FRAME_MS = 1000; // a longer time means that the page was hidden

/** The character's mouth, at the sample that leaves the loudspeaker now. */
export class Mouth {
  private lastMs = 0;
  private frame: number | null = null;

  constructor(
    private readonly audio: FrametalkAudio,
    private readonly lips: Lips,
    private readonly costs: FrameCosts,
  ) {}

  /** The 15 shapes' weights now; the same object each time. Call it once a frame. */
  weights(): Readonly<MouthWeights> {
    const beganMs = this.count();
    const weights = this.lips.weights(this.audio.heardNow);
    this.costs.spend(beganMs);
    return weights;
  }

  /** The weights now as ARKit blendshapes. */
  arkit(): Record<string, number> {
    return toArkit(this.weights());
  }

  /** The weights now as VRM 1.0 expressions. */
  vrm(): Record<string, number> {
    return toVrm(this.weights());
  }

  /** The reply whose mouth is shown; null before the first. */
  get reply(): number | null {
    return this.lips.reply;
  }

  /** The sample of that reply's clock that is heard now. */
  get sample(): number {
    return this.lips.sampleAt(this.audio.heardNow);
  }

  /** The page's frame time in milliseconds, from the calls of `weights`; null before the second call. */
  get frameMs(): number | null {
    return this.frame;
  }

  private count(): number {
    const nowMs = performance.now();
    this.costs.frame(nowMs);
    const passedMs = nowMs - this.lastMs;
    this.lastMs = nowMs;
    if (passedMs > LONGEST_FRAME_MS || passedMs === 0) return nowMs;
    this.frame = this.frame === null ? passedMs : this.frame + SMOOTHED * (passedMs - this.frame);
    return nowMs;
  }
}
