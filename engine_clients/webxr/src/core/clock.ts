/** The offset between our clock and the server's, from pings. Times are microseconds. */

interface Measured {
  atUs: number;
  offsetUs: number;
  errorUs: number;
}

const KEPT = 8;
const SMOOTHED = 1 / 16;
const DRIFT = 100e-6; // how far two clocks run apart at most, part of the time passed

export class ClockEstimate {
  /** How much round trips differ, smoothed; null until there were two. */
  jitterUs: number | null = null;
  private measured: Measured[] = [];

  /** One ping: sent and returned by our clock, received and answered by theirs. */
  add(sentUs: number, receivedUs: number, answeredUs: number, returnedUs: number): void {
    const roundTripUs = returnedUs - sentUs - (answeredUs - receivedUs);
    if (!(roundTripUs >= 0) || answeredUs < receivedUs) return;
    const before = this.roundTripUs;
    if (before !== null) {
      const jitterUs = this.jitterUs ?? 0;
      this.jitterUs = jitterUs + (Math.abs(roundTripUs - before) - jitterUs) * SMOOTHED;
    }
    const offsetUs = (receivedUs - sentUs + (answeredUs - returnedUs)) / 2;
    this.measured.push({ atUs: returnedUs, offsetUs, errorUs: roundTripUs / 2 });
    if (this.measured.length > KEPT) this.measured.shift();
  }

  /** Forget everything: another server, another clock. */
  reset(): void {
    this.measured = [];
    this.jitterUs = null;
  }

  /** What to add to our clock to get theirs; null while nothing is known. */
  get offsetUs(): number | null {
    return this.best?.offsetUs ?? null;
  }

  /** By how much `offsetUs` may be wrong. */
  get errorUs(): number | null {
    return this.best?.errorUs ?? null;
  }

  /** The newest round trip. */
  get roundTripUs(): number | null {
    const newest = this.measured.at(-1);
    return newest ? newest.errorUs * 2 : null;
  }

  private get best(): Measured | undefined {
    const nowUs = this.measured.at(-1)?.atUs ?? 0;
    const worth = (one: Measured): number => one.errorUs + (nowUs - one.atUs) * DRIFT;
    return this.measured.reduce<Measured | undefined>(
      (best, one) => (best && worth(best) < worth(one) ? best : one),
      undefined,
    );
  }
}
