import { expect, it } from "vitest";
import { ClockEstimate } from "../../src/core/clock";

const AHEAD = 1_000_000; // how far the other clock is ahead, in microseconds

/** A ping that took `there` and `back`. */
function ping(clock: ClockEstimate, atUs: number, there: number, back: number): void {
  const received = atUs + there + AHEAD;
  clock.add(atUs, received, received + 50, atUs + there + 50 + back);
}

it("knows nothing before the first ping", () => {
  const clock = new ClockEstimate();
  expect([clock.offsetUs, clock.errorUs, clock.roundTripUs, clock.jitterUs]).toEqual([
    null,
    null,
    null,
    null,
  ]);
});

it("uses the quickest of the newest pings, and bounds its error", () => {
  const clock = new ClockEstimate();
  ping(clock, 0, 5000, 45_000);
  ping(clock, 1e6, 2000, 2000);
  ping(clock, 2e6, 30_000, 1000);
  expect(clock.offsetUs).toBe(AHEAD);
  expect(clock.errorUs).toBe(2000);
  expect(clock.roundTripUs).toBe(31_000);
  expect(clock.jitterUs).toBeGreaterThan(0);
  for (let i = 3; i < 20; i++) ping(clock, i * 1e6, 4000, 2000);
  expect(Math.abs((clock.offsetUs ?? 0) - AHEAD)).toBeLessThanOrEqual(clock.errorUs ?? 0);
});

it("ignores a pong with impossible times", () => {
  const clock = new ClockEstimate();
  clock.add(1000, 500, 400, 2000);
  clock.add(1000, 0, 5000, 2000);
  expect(clock.offsetUs).toBeNull();
});
