/** Detects in the client that the player begins to speak over a reply. */

const BLOCK_MS = 5;
const BLOCKS_TO_START = 2; // one loud block is a click
const QUIET_TO_END_MS = 200; // syllables of one sentence are one onset
const LOUDER_DB = -50; // full scale
const ABOVE_NOISE_DB = 12;
const ABOVE_ECHO_DB = 6;

/** The level of digital silence, in dB of full scale. */
export const SILENCE_DB = -96;
const LOWEST_NOISE_DB = -65;
const NOISE_RISES_DB = (6 * BLOCK_MS) / 1000;
const NOISE_FALLS = 0.1; // of the way down, each block

const FIRST_COUPLING_DB = -6;
const MOST_COUPLING_DB = 6;
const COUPLING_FALLS_DB = (4 * BLOCK_MS) / 1000;
const COUPLING_RISES_DB = (60 * BLOCK_MS) / 1000; // slow, so that a voice is not learned as echo
const ECHO_WITHIN_MS = 250; // the longest delay of an echo
const MEASURABLE_PLAYED_DB = -40; // the coupling cannot be measured from softer sound

/**
 * Detects the onset of a voice. A block of 5 ms is loud above -50 dB of full scale, 12 dB above the noise, and 6 dB
 * above the possible echo of what was played; the echo's strength is learned while the player is silent.
 */
export class VoiceOnset {
  /** Whether the server also hears speech; meanwhile nothing is learned. */
  confirmed = false;
  private noiseDb = LOWEST_NOISE_DB;
  private couplingDb = FIRST_COUPLING_DB;
  private readonly block: number;
  private readonly playedDb = new Float32Array(ECHO_WITHIN_MS / BLOCK_MS).fill(SILENCE_DB);
  private slot = 0;
  private loud = 0; // blocks in a row
  private quietMs = QUIET_TO_END_MS;
  private worstDb = SILENCE_DB; // the strongest return since the last onset, if it was echo

  constructor(rateHz: number) {
    this.block = Math.round((rateHz * BLOCK_MS) / 1000);
  }

  /** Whether a voice begins within these samples; `playedDb` is the loudspeaker's level then. */
  feed(samples: Float32Array, playedDb: number): boolean {
    let onset = false;
    for (let at = 0; at + this.block <= samples.length; at += this.block) {
      this.playedDb[this.slot] = playedDb;
      this.slot = (this.slot + 1) % this.playedDb.length;
      onset = this.take(levelDb(samples, at, at + this.block)) || onset;
    }
    return onset;
  }

  /** The last onset was not the player: raise the estimate of the echo. */
  falseAlarm(): void {
    this.couplingDb = Math.max(this.couplingDb, Math.min(this.worstDb, MOST_COUPLING_DB));
  }

  private take(heardDb: number): boolean {
    const echoDb = this.loudestPlayedDb();
    const threshold = Math.max(
      LOUDER_DB,
      this.noiseDb + ABOVE_NOISE_DB,
      echoDb <= SILENCE_DB ? SILENCE_DB : echoDb + this.couplingDb + ABOVE_ECHO_DB,
    );
    const loud = heardDb > threshold;
    const speaking = this.quietMs < QUIET_TO_END_MS;
    this.loud = loud ? this.loud + 1 : 0;
    this.quietMs = loud && speaking ? 0 : this.quietMs + BLOCK_MS;
    this.followNoise(heardDb);
    const starts = this.loud >= BLOCKS_TO_START && !speaking;
    if (starts) {
      this.quietMs = 0;
      this.worstDb = SILENCE_DB;
    }
    if (echoDb > MEASURABLE_PLAYED_DB) this.followEcho(heardDb - echoDb, speaking || starts, loud);
    return starts;
  }

  private loudestPlayedDb(): number {
    let most = SILENCE_DB;
    for (const level of this.playedDb) most = Math.max(most, level);
    return most;
  }

  private followNoise(heardDb: number): void {
    if (heardDb > this.noiseDb) this.noiseDb += NOISE_RISES_DB;
    else this.noiseDb += (heardDb - this.noiseDb) * NOISE_FALLS;
    this.noiseDb = Math.max(this.noiseDb, LOWEST_NOISE_DB);
  }

  private followEcho(backDb: number, speaking: boolean, loud: boolean): void {
    if (speaking) {
      this.worstDb = Math.max(this.worstDb, backDb);
    } else if (!loud && !this.confirmed) {
      const risen = this.couplingDb + COUPLING_RISES_DB;
      const fallen = this.couplingDb - COUPLING_FALLS_DB;
      this.couplingDb = Math.min(risen, Math.max(fallen, backDb));
    }
  }
}

/** The level of samples `from` up to `to` in dB of full scale; silence is -96. */
export function levelDb(samples: Float32Array, from: number, to: number): number {
  let power = 0;
  for (let i = from; i < to; i++) power += (samples[i] as number) ** 2;
  return Math.max(SILENCE_DB, 10 * Math.log10(power / Math.max(1, to - from)));
}
