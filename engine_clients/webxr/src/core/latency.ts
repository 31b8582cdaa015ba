/** Where a turn's time went: the server's waterfalls, and what is measured here. */

import type { StageTime, Trace } from "./messages";
import type { Stats } from "./stats";

/** One turn's way from the player's last word to the first audible sample. */
export interface Waterfall {
  turn: number;
  reply: number;
  /** null: it could not be measured; `unmeasured` says why. */
  mouthToEarMs: number | null;
  stages: readonly StageTime[];
  unmeasured: string;
  ready: boolean;
  discarded: number;
}

const KEPT = 64;

export class Latency {
  /** What this client costs and waits, about once a second; null before the first second. */
  stats: Stats | null = null;
  private readonly turns: Waterfall[] = [];

  /** The newest turns, oldest first. */
  get history(): readonly Waterfall[] {
    return this.turns;
  }

  get last(): Waterfall | null {
    return this.turns.at(-1) ?? null;
  }

  /** Half of the measured turns were answered within this; null: none yet. */
  get mouthToEarMs(): number | null {
    const measured = this.turns.flatMap((turn) => turn.mouthToEarMs ?? []);
    const sorted = measured.sort((a, b) => a - b);
    return sorted[sorted.length >> 1] ?? null;
  }

  add(trace: Trace): Waterfall {
    const waterfall: Waterfall = {
      turn: trace.turn,
      reply: trace.reply,
      mouthToEarMs: trace.mouth_to_ear_ms ?? null,
      stages: trace.stages ?? [],
      unmeasured: trace.unmeasured ?? "",
      ready: trace.ready ?? false,
      discarded: trace.discarded ?? 0,
    };
    this.turns.push(waterfall);
    if (this.turns.length > KEPT) this.turns.shift();
    return waterfall;
  }
}
