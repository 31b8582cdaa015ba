import { describe, expect, it } from "vitest";
import { mapFace, toArkit, toVrm } from "../../src/core/faces";
import { atRest } from "../../src/core/mouth";
import { ALIASES, ARKIT, VISEMES, VRM } from "../../src/core/visemes";

const AA = { ...atRest(), sil: 0.25, aa: 0.75 };

describe("a face with the shapes themselves", () => {
  it("has only its own targets set", () => {
    const morphs = Object.fromEntries(["blink", ...VISEMES].map((name, i) => [name, i]));
    const face = mapFace(morphs);
    const influences = new Array(16).fill(0.5);
    face.apply(AA, influences);
    expect(face.kind).toBe("visemes");
    expect(influences[0]).toBe(0.5);
    expect(influences[morphs.aa as number]).toBe(0.75);
    expect(influences[morphs.PP as number]).toBe(0);
  });

  it("is recognised by its aliases", () => {
    const face = mapFace(VISEMES.map((name) => ALIASES[name][0] as string));
    expect(face.kind).toBe("visemes");
    expect(face.targets).toContain("viseme_aa");
  });
});

describe("other faces", () => {
  it.each([
    ["arkit", ARKIT, toArkit],
    ["vrm", VRM, toVrm],
  ] as const)("are met by %s", (kind, table, translate) => {
    const names = [...new Set(Object.values(table).flatMap((shape) => Object.keys(shape)))];
    const face = mapFace(["unrelated", ...names]);
    const influences = new Float32Array(names.length + 1);
    face.apply(AA, influences);
    expect(face.kind).toBe(kind);
    const values = Object.fromEntries(names.map((name, i) => [name, influences[i + 1]]));
    for (const [name, value] of Object.entries(translate(AA))) {
      expect(values[name]).toBeCloseTo(value, 6);
    }
    expect(Math.max(...influences)).toBeGreaterThan(0.4);
  });

  it("without any mouth shape are not changed", () => {
    const face = mapFace(["smile", "blink"]);
    face.apply(AA, []);
    expect([face.kind, face.targets]).toEqual(["none", []]);
  });
});
