import { expect, it } from "vitest";
import { FrameCosts } from "../../src/core/framecosts";
import type { FrameCost } from "../../src/core/messages";

class Page {
  nowMs = 5000;
  readonly frames: number[] = [];
  readonly seconds: FrameCost[] = [];
  readonly costs = new FrameCosts(
    (ms) => this.frames.push(ms),
    (cost) => this.seconds.push(cost),
    () => this.nowMs,
  );

  /** A frame that costs `ms` begins; the next one comes after a 100th of a second. */
  frame(ms: number): void {
    this.costs.frame(this.nowMs);
    this.nowMs += ms;
    this.costs.spend(this.nowMs - ms);
    this.nowMs += 10 - ms;
  }
}

it("gives each frame's cost when the next one begins, events between them included", () => {
  const page = new Page();
  page.frame(0.25);
  page.costs.spend(page.nowMs - 0.5);
  page.frame(0.125);
  expect(page.frames).toEqual([0.75]);
});

it("sums up each full second", () => {
  const page = new Page();
  for (let i = 0; i < 201; i++) page.frame(i === 7 ? 2 : i === 8 ? 1 : 0.25);
  expect(page.seconds).toEqual([
    { frames: 100, p99_ms: 1, max_ms: 2 },
    { frames: 100, p99_ms: 0.25, max_ms: 0.25 },
  ]);
});

it("counts a frame once that shows two faces", () => {
  const page = new Page();
  page.frame(0.25);
  page.costs.frame(page.nowMs);
  page.nowMs += 0.125;
  page.costs.spend(page.nowMs - 0.125);
  page.costs.frame(page.nowMs);
  page.nowMs += 0.125;
  page.costs.spend(page.nowMs - 0.125);
  page.nowMs += 10;
  page.costs.frame(page.nowMs);
  expect(page.frames).toEqual([0.25, 0.25]);
});

it("begins anew after the page was hidden", () => {
  const page = new Page();
  for (let i = 0; i < 50; i++) page.frame(0.25);
  page.nowMs += 60_000;
  for (let i = 0; i < 101; i++) page.frame(0.125);
  expect(page.seconds).toEqual([{ frames: 100, p99_ms: 0.125, max_ms: 0.125 }]);
});
