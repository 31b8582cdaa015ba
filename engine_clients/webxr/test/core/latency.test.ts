import { expect, it } from "vitest";
import { Latency } from "../../src/core/latency";
import type { Trace } from "../../src/core/messages";

function trace(turn: number, ms: number | null): Trace {
  return { type: "trace", seq: turn, turn, reply: turn, mouth_to_ear_ms: ms, stages: [] };
}

it("keeps the newest turns, and gives the median of the measured ones", () => {
  const latency = new Latency();
  expect([latency.last, latency.mouthToEarMs]).toEqual([null, null]);
  for (let turn = 1; turn <= 100; turn++) latency.add(trace(turn, turn % 2 ? turn : null));
  expect(latency.history).toHaveLength(64);
  expect(latency.last).toMatchObject({
    turn: 100,
    mouthToEarMs: null,
    unmeasured: "",
    ready: false,
  });
  expect(latency.mouthToEarMs).toBe(69);
});

it("keeps which stages nothing measured or estimated", () => {
  const latency = new Latency();
  expect(latency.add(trace(1, 5)).unseen).toEqual([]);
  const unseen = ["input_device"];
  expect(latency.add({ ...trace(2, 5), unseen }).unseen).toEqual(unseen);
});
