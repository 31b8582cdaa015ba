import { expect, it } from "vitest";
import { Ledger } from "../../src/core/ledger";
import type { Played } from "../../src/core/messages";
import type { PlayStatus } from "../../src/core/playout";

const RATE_HZ = 24_000;

function status(at: number, sample: number, more: Partial<PlayStatus> = {}): PlayStatus {
  const rest = { buffered: 0, underruns: 0, done: false, cut: false };
  return { reply: 1, at, sample, running: true, ...rest, ...more };
}

it("never reports a lower sample, also when a device that stood still says where it was cut", () => {
  const reports: Played[] = [];
  const surroundings = { t_us: 0, mic_sample: null, input_ms: null, output_ms: null };
  const ledger = new Ledger(
    1,
    RATE_HZ,
    10,
    0.1,
    (played) => reports.push(played),
    () => ({ ...surroundings, frame_cost: null }),
  );
  ledger.received(RATE_HZ, 0);
  ledger.status(status(10, 0));
  ledger.step(10.5);
  ledger.status(status(10.2, 4_800, { running: false, done: true, cut: true }));
  ledger.step(10.6);
  expect(reports.map(({ sample, done }) => [sample, done])).toEqual([
    [12_012, false],
    [12_012, true],
  ]);
});
