import { describe, expect, it } from "vitest";
import { readMarks } from "../../src/core/marks";

function packed(...numbers: bigint[]): Uint8Array {
  const bytes = numbers.flatMap((n) =>
    [...Array(7).keys()].map((i) => Number((n >> BigInt(8 * i)) & 255n)),
  );
  return new Uint8Array(bytes);
}

function mark(offset: number, length: number, what: number, hundredths: number): bigint {
  const [o, l, w, v] = [offset, length, what, hundredths].map(BigInt) as [
    bigint,
    bigint,
    bigint,
    bigint,
  ];
  return o | (l << 24n) | (w << 44n) | (v << 49n);
}

describe("readMarks", () => {
  it("reads numbers up to their limits, beyond 2^32 too", () => {
    const at = 2 ** 40;
    const marks = packed(mark(0, 0, 0, 0), mark(0xffffff, 0xfffff, 14, 100), mark(7, 300, 10, 70));
    expect(readMarks({ at, marks, names: [] })).toEqual([
      { kind: "viseme", at, end: at, name: "sil", value: 0 },
      { kind: "viseme", at: at + 0xffffff, end: at + 0xffffff + 0xfffff, name: "ou", value: 1 },
      { kind: "viseme", at: at + 7, end: at + 307, name: "aa", value: 0.7 },
    ]);
  });

  it("gives each named mark its name, and leaves out what it does not know", () => {
    const kinds = [16, 31, 10, 17, 15, 19].map((what, i) => mark(i, 1, what, 100));
    const names = ["It", "of a later version", "nod", "door"];
    const read = readMarks({ at: 0, marks: packed(...kinds), names });
    expect(read?.map(({ kind, name }) => [kind, name])).toEqual([
      ["word", "It"],
      ["viseme", "aa"],
      ["gesture", "nod"],
      ["gaze", "door"],
    ]);
  });

  it("reads a part of a larger buffer", () => {
    const whole = new Uint8Array([9, 9, 9, ...packed(mark(1, 2, 1, 50))]);
    const marks = whole.subarray(3);
    expect(readMarks({ at: 5, marks, names: [] })).toEqual([
      { kind: "viseme", at: 6, end: 8, name: "PP", value: 0.5 },
    ]);
  });

  it("reads rows", () => {
    expect(readMarks({ marks: [["word", 0, 9, "It", 1]] })).toEqual([
      { kind: "word", at: 0, end: 9, name: "It", value: 1 },
    ]);
  });

  it.each([
    { at: 0, marks: new Uint8Array(8), names: [] },
    { marks: new Uint8Array(7), names: [] },
    { at: 0, marks: new Uint8Array(7) },
    { marks: [{ kind: "word" }] },
    {},
  ])("refuses another form %#", (wire) => {
    expect(readMarks(wire)).toBeNull();
  });
});
