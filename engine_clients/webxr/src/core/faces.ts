/** From the 15 mouth shapes to the morph targets that a face has. */

import {
  ALIASES,
  ARKIT,
  type Blendshapes,
  type MouthWeights,
  VISEMES,
  type Viseme,
  VRM,
} from "./visemes";

/** How a model's morph targets are met: by the shapes themselves, ARKit, VRM, or not at all. */
export type FaceKind = "visemes" | "arkit" | "vrm" | "none";

/** Which morph target gets how much of which shape. */
export interface FaceMap {
  readonly kind: FaceKind;
  /** Morph targets that are moved, each once. */
  readonly targets: readonly string[];
  /** The targets' values in the order of `targets`, 0 to 1; fills and returns `into`. */
  apply(weights: Readonly<MouthWeights>, into?: number[]): number[];
}

/**
 * The best way to move a face with morph targets of these names: the shapes themselves (also under their
 * aliases), else ARKit's, else VRM's.
 */
export function mapFace(names: Iterable<string>): FaceMap {
  const there = new Set(names);
  const own = ownShapes(there);
  // A face may lack `sil`; one that lacks more than a few shapes is better met another way.
  if (own.size >= 12) return faceMap("visemes", (viseme) => aliasTable(own, viseme));
  for (const [kind, table] of [
    ["arkit", ARKIT],
    ["vrm", VRM],
  ] as const) {
    const known = new Set(Object.values(table).flatMap((shape) => Object.keys(shape)));
    const found = [...known].filter((name) => there.has(name));
    if (found.length > known.size / 2) return faceMap(kind, (viseme) => only(table[viseme], there));
  }
  return faceMap("none", () => ({}));
}

/** Values of ARKit blendshapes for these weights. */
export function toArkit(weights: Readonly<MouthWeights>): Record<string, number> {
  return translate(ARKIT, weights);
}

/** Values of VRM 1.0 expressions for these weights. */
export function toVrm(weights: Readonly<MouthWeights>): Record<string, number> {
  return translate(VRM, weights);
}

function translate(table: Readonly<Record<Viseme, Blendshapes>>, weights: Readonly<MouthWeights>) {
  const values: Record<string, number> = {};
  for (const viseme of VISEMES) {
    for (const name of Object.keys(table[viseme])) values[name] ??= 0;
    if (weights[viseme] === 0) continue;
    for (const [name, part] of Object.entries(table[viseme])) {
      values[name] = Math.min(1, (values[name] ?? 0) + part * weights[viseme]);
    }
  }
  return values;
}

function ownShapes(there: ReadonlySet<string>): Map<Viseme, string> {
  const found = new Map<Viseme, string>();
  for (const viseme of VISEMES) {
    const name = [viseme, ...ALIASES[viseme]].find((candidate) => there.has(candidate));
    if (name !== undefined) found.set(viseme, name);
  }
  return found;
}

function aliasTable(own: ReadonlyMap<Viseme, string>, viseme: Viseme): Blendshapes {
  const name = own.get(viseme);
  return name === undefined ? {} : { [name]: 1 };
}

function only(shape: Blendshapes, there: ReadonlySet<string>): Blendshapes {
  return Object.fromEntries(Object.entries(shape).filter(([name]) => there.has(name)));
}

function faceMap(kind: FaceKind, shapeOf: (viseme: Viseme) => Blendshapes): FaceMap {
  const parts = VISEMES.map((viseme) => Object.entries(shapeOf(viseme)));
  const targets = [...new Set(parts.flat().map(([name]) => name))];
  const indexed = parts.map((part) =>
    part.map(([name, value]) => [targets.indexOf(name), value] as const),
  );
  const apply = (weights: Readonly<MouthWeights>, into: number[] = []): number[] => {
    for (let i = 0; i < targets.length; i++) into[i] = 0;
    for (let v = 0; v < VISEMES.length; v++) {
      const weight = weights[VISEMES[v] as Viseme];
      if (weight === 0) continue;
      for (const [target, part] of indexed[v] ?? []) {
        into[target] = Math.min(1, (into[target] as number) + part * weight);
      }
    }
    return into;
  };
  return { kind, targets, apply };
}
