import { describe, expect, it } from "vitest";
import { Lips } from "../../src/core/lips";
import type { Mark } from "../../src/core/messages";
import { weights } from "../../src/core/mouth";
import type { PlayStatus } from "../../src/core/playout";

const HZ = 24_000;
const MARKS: Mark[] = [
  { kind: "viseme", at: 2400, end: 7200, name: "aa" },
  { kind: "viseme", at: 7200, end: 9600, name: "PP" },
  { kind: "viseme", at: 9600, end: 12_000, name: "oh" },
];

function status(
  reply: number,
  at: number,
  sample: number,
  more: Partial<PlayStatus> = {},
): PlayStatus {
  return {
    reply,
    at,
    sample,
    running: true,
    buffered: 0,
    underruns: 0,
    done: false,
    cut: false,
    ...more,
  };
}

function speaking(): Lips {
  const lips = new Lips();
  lips.begin(1, HZ);
  lips.marks(1, MARKS);
  lips.status(status(1, 10, 0));
  return lips;
}

describe("the mouth", () => {
  it("is at rest before the first reply", () => {
    expect(new Lips().weights(5)).toMatchObject({ sil: 1, aa: 0 });
  });

  it("follows the clock of the heard sound", () => {
    const lips = speaking();
    for (let ms = 0; ms < 600; ms += 11) {
      const pose = { ...lips.weights(10 + ms / 1000) };
      expect(pose).toEqual(weights(MARKS, (10 + ms / 1000 - 10) * HZ, HZ));
    }
    expect(lips.weights(10.2).aa).toBeGreaterThan(0.5);
    expect(lips.weights(10.35).PP).toBe(1);
  });

  it("stops and resumes with the sound", () => {
    const lips = speaking();
    lips.status(status(1, 10.2, 4800, { running: false }));
    const open = { ...lips.weights(10.2) };
    expect({ ...lips.weights(11.5) }).toEqual(open);
    lips.status(status(1, 12, 4800));
    expect(lips.weights(12.15).PP).toBe(1);
  });

  it("is at rest 80 ms after the last shape, also after the sound's end", () => {
    const lips = speaking();
    lips.status(status(1, 10.5, 12_000, { running: false, done: true }));
    expect(lips.weights(10.54).sil).toBeLessThan(1);
    expect(lips.weights(10.58)).toMatchObject({ sil: 1, oh: 0 });
  });

  it("is at rest 80 ms after a cut, whatever marks follow", () => {
    const lips = speaking();
    lips.status(status(1, 10.2, 4800, { running: false, done: true, cut: true }));
    expect(lips.weights(10.2).aa).toBe(1);
    const closing = [10.22, 10.24, 10.26].map((at) => lips.weights(at).aa);
    expect(closing).toEqual([...closing].sort((a, b) => b - a));
    expect(lips.weights(10.281).sil).toBe(1);
    expect(lips.weights(10.35).PP).toBe(0);
  });

  it("accepts reports that arrive before their reply", () => {
    const lips = new Lips();
    lips.status(status(1, 10, 0));
    lips.begin(1, HZ);
    lips.marks(1, MARKS);
    expect(lips.reply).toBe(1);
    expect(lips.weights(10.2).aa).toBe(1);
  });
});
