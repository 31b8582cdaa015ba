/** Whether a connection holds packets back, from the round trips of pings. */

const KEPT = 10; // one a second
const LATE_MS = 100; // beyond the quickest
const OFTEN = 2;

/**
 * A WebSocket waits for each packet that was lost. Two of ten pings that took 100 ms longer than the quickest are the sign
 * of it: one alone may be a busy machine.
 */
export class Stalls {
  private readonly roundTripsMs: number[] = [];

  /** A ping came back. */
  add(roundTripMs: number): void {
    this.roundTripsMs.push(roundTripMs);
    if (this.roundTripsMs.length > KEPT) this.roundTripsMs.shift();
  }

  get often(): boolean {
    const quickest = Math.min(...this.roundTripsMs);
    return this.roundTripsMs.filter((ms) => ms >= quickest + LATE_MS).length >= OFTEN;
  }
}
