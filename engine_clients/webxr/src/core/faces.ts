/** Translates the 15 mouth shapes to a face's morph targets. */

import {
  ALIASES,
  ARKIT,
  type Blendshapes,
  type MouthWeights,
  VISEMES,
  type Viseme,
  VRM,
} from "./visemes";

/** Which of a model's morph targets are used: the shapes themselves, ARKit's, VRM's, or none. */
export type FaceKind = "visemes" | "arkit" | "vrm" | "none";

/** A model's morph targets: their names in order, or name -> index (three's `morphTargetDictionary`). */
export type MorphTargets = Iterable<string> | Readonly<Record<string, number>>;

/** How shapes become the values of morph targets. */
export interface FaceMap {
  /** Which morph targets are used. */
  readonly kind: FaceKind;
  /** The morph targets that `apply` sets. */
  readonly targets: readonly string[];
  /** Set the values of `targets`, 0 to 1, at their indexes in `influences`; others stay as they are. */
  apply(weights: Readonly<MouthWeights>, influences: number[] | Float32Array): void;
}

/**
 * Map the shapes to these morph targets: to the shapes themselves (also under their aliases), else to ARKit's,
 * else to VRM's.
 */
export function mapFace(morphs: MorphTargets): FaceMap {
  const places = placesOf(morphs);
  const own = ownShapes(places);
  // A face may lack `sil`; for one that lacks more than a few shapes, another set is better.
  if (own.size >= 12) return faceMap("visemes", places, (viseme) => aliasTable(own, viseme));
  const tables = [
    ["arkit", ARKIT],
    ["vrm", VRM],
  ] as const;
  for (const [kind, table] of tables) {
    const known = new Set(Object.values(table).flatMap((shape) => Object.keys(shape)));
    const found = [...known].filter((name) => places.has(name));
    if (found.length > known.size / 2) return faceMap(kind, places, (viseme) => table[viseme]);
  }
  return faceMap("none", places, () => ({}));
}

/** Values of ARKit blendshapes, 0 to 1, for these weights. */
export function toArkit(weights: Readonly<MouthWeights>): Record<string, number> {
  return translate(ARKIT, weights);
}

/** Values of VRM 1.0 expressions, 0 to 1, for these weights. */
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

type Places = ReadonlyMap<string, number>;

function placesOf(morphs: MorphTargets): Places {
  if (Symbol.iterator in morphs) return new Map([...morphs].map((name, index) => [name, index]));
  return new Map(Object.entries(morphs));
}

function ownShapes(places: Places): Map<Viseme, string> {
  const found = new Map<Viseme, string>();
  for (const viseme of VISEMES) {
    const name = [viseme, ...ALIASES[viseme]].find((candidate) => places.has(candidate));
    if (name !== undefined) found.set(viseme, name);
  }
  return found;
}

function aliasTable(own: ReadonlyMap<Viseme, string>, viseme: Viseme): Blendshapes {
  const name = own.get(viseme);
  return name === undefined ? {} : { [name]: 1 };
}

function faceMap(
  kind: FaceKind,
  places: Places,
  shapeOf: (viseme: Viseme) => Blendshapes,
): FaceMap {
  const there = ([name]: [string, number]): boolean => places.has(name);
  const parts = VISEMES.map((viseme) => Object.entries(shapeOf(viseme)).filter(there));
  const targets = [...new Set(parts.flat().map(([name]) => name))];
  const slots = targets.map((name) => places.get(name) as number);
  const bySlot = parts.map((part) =>
    part.map(([name, value]) => [places.get(name) as number, value] as const),
  );
  const apply = (weights: Readonly<MouthWeights>, influences: number[] | Float32Array): void => {
    for (const slot of slots) influences[slot] = 0;
    for (let v = 0; v < VISEMES.length; v++) {
      const weight = weights[VISEMES[v] as Viseme];
      if (weight === 0) continue;
      for (const [slot, part] of bySlot[v] ?? []) {
        influences[slot] = Math.min(1, (influences[slot] as number) + part * weight);
      }
    }
  };
  return { kind, targets, apply };
}
