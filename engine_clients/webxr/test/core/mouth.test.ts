import { describe, expect, it } from "vitest";
import type { Mark } from "../../src/core/messages";
import { atRest, MouthScript, weights } from "../../src/core/mouth";
import { VISEMES } from "../../src/core/visemes";
import { golden } from "../golden";

interface Case {
  name: string;
  rate_hz: number;
  marks: [Mark["kind"], number, number, string, number][];
  cut_at: number | null;
  values: [number, Record<string, number>][];
}

const cases = golden<{ cases: Case[] }>("weights.json").cases;

function marksOf(one: Case): Mark[] {
  return one.marks.map(([kind, at, end, name, value]) => ({ kind, at, end, name, value }));
}

function furthest(got: Record<string, number>, wanted: Record<string, number>): number {
  return Math.max(...VISEMES.map((name) => Math.abs((got[name] ?? 0) - (wanted[name] ?? 0))));
}

describe.each(cases.map((one) => [one.name, one] as const))("golden curve: %s", (_name, one) => {
  it("is the same from all marks", () => {
    const off = one.values.map(([t, wanted]) =>
      furthest(weights(marksOf(one), t, one.rate_hz, one.cut_at), wanted),
    );
    expect(Math.max(...off)).toBeLessThanOrEqual(0.000_05); // golden values have four digits
  });

  it("is the same through the window, in any order of time", () => {
    const script = new MouthScript(one.rate_hz);
    for (const mark of marksOf(one)) script.add([mark]);
    const pose = atRest();
    const off = [...one.values]
      .reverse()
      .map(([t]) =>
        furthest(
          script.weights(t, one.cut_at, pose),
          weights(marksOf(one), t, one.rate_hz, one.cut_at),
        ),
      );
    expect(Math.max(...off)).toBe(0);
  });
});

it("fills the given object", () => {
  const into = atRest();
  expect(weights([], 0, 16_000, null, into)).toBe(into);
});
