/** The offset between our clock and the server's, from pings. Times are microseconds. */

/** One ping's result. */
interface Measured {
  atUs: number;
  offsetUs: number;
  errorUs: number;
}

const KEPT = 8;
const SMOOTHED = 1 / 16;
const DRIFT = 100e-6; // how far two clocks drift apart at most, as a part of the time passed

/** Estimates the offset of the server's clock. */
export class ClockEstimate {
  /** How much round trips differ, smoothed as in RFC 3550; null before the second one. */
  jitterUs: number | null = null;
  private measured: Measured[] = [];

  /** Add a ping: sent and returned on our clock, received and answered on theirs. */
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

  /** Discard all pings: another server has another clock. */
  reset(): void {
    this.measured = [];
    this.jitterUs = null;
  }

  /** Their clock minus ours; null before the first ping. */
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
    const uncertaintyUs = (ping: Measured): number => ping.errorUs + (nowUs - ping.atUs) * DRIFT;
    return this.measured.reduce<Measured | undefined>(
      (best, ping) => (best && uncertaintyUs(best) < uncertaintyUs(ping) ? best : ping),
      undefined,
    );
  }
}
