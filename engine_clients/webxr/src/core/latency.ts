/** The times of turns, from the server's traces, and this client's own measurements. */

import type { StageTime, Trace } from "./messages";
import type { Stats } from "./stats";

/** The times of one turn, from the player's last word to the first audible sample. */
export interface Waterfall {
  /** The turn's id. */
  turn: number;
  /** The id of the reply to it. */
  reply: number;
  /** Mouth-to-ear in milliseconds; null: not measured, for the reason in `unmeasured`. */
  mouthToEarMs: number | null;
  /** Its stages in order; they add up to `mouthToEarMs`. */
  stages: readonly StageTime[];
  /** Why `mouthToEarMs` is null. */
  unmeasured: string;
  /** Stages that nothing measured or estimated, so that `mouthToEarMs` lacks them. */
  unseen: readonly string[];
  /** Whether the draft was in time: its first sound was ready when the turn ended. */
  ready: boolean;
  /** How many drafts for earlier revisions of this turn were discarded. */
  discarded: number;
  /** What the server did to answer sooner, because the session misses its latency objective. */
  measures: readonly string[];
}

const KEPT = 64;

/** The times of the newest turns, and this client's own measurements. */
export class Latency {
  /** This client's own measurements, renewed once a second; null before the first. */
  stats: Stats | null = null;
  /** What this library cost the page's main thread in the newest frame, in milliseconds; null before the second. */
  frameMs: number | null = null;
  private readonly turns: Waterfall[] = [];

  /** The newest turns, up to 64, oldest first. */
  get history(): readonly Waterfall[] {
    return this.turns;
  }

  /** The newest turn; null before the first. */
  get last(): Waterfall | null {
    return this.turns.at(-1) ?? null;
  }

  /** The median of the measured turns, in milliseconds; null before the first. */
  get mouthToEarMs(): number | null {
    const measured = this.turns.flatMap((turn) => turn.mouthToEarMs ?? []);
    const sorted = measured.sort((a, b) => a - b);
    return sorted[sorted.length >> 1] ?? null;
  }

  /** Add the server's trace of a turn. For the session alone. */
  add(trace: Trace): Waterfall {
    const waterfall: Waterfall = {
      turn: trace.turn,
      reply: trace.reply,
      mouthToEarMs: trace.mouth_to_ear_ms ?? null,
      stages: trace.stages ?? [],
      unmeasured: trace.unmeasured ?? "",
      unseen: trace.unseen ?? [],
      ready: trace.ready ?? false,
      discarded: trace.discarded ?? 0,
      measures: trace.measures ?? [],
    };
    this.turns.push(waterfall);
    if (this.turns.length > KEPT) this.turns.shift();
    return waterfall;
  }
}
