/** The tables of protocols/visemes.json that a client needs. */

import { aliases, arkit, closures, curve, visemes, vrm } from "../../../../protocols/visemes.json";

/** Names of the 15 mouth shapes. */
// biome-ignore format: as in the table
export const VISEMES = [
  "sil", "PP", "FF", "TH", "DD", "kk", "CH", "SS", "nn", "RR", "aa", "E", "ih", "oh", "ou",
] as const;

/** The name of a mouth shape. */
export type Viseme = (typeof VISEMES)[number];
/** A weight for each of the 15 mouth shapes, 0 to 1; they add up to 1. */
export type MouthWeights = Record<Viseme, number>;
/** Values of a face's blendshapes by name, 0 to 1. */
export type Blendshapes = Readonly<Record<string, number>>;

if (visemes.join() !== VISEMES.join()) throw new Error("visemes.json names other shapes");

/** Shapes that close the mouth. */
export const CLOSURES: ReadonlySet<string> = new Set(closures);
/** The curve's constants, in milliseconds. */
export const CURVE = curve;
/** Each shape as ARKit blendshapes. */
export const ARKIT: Readonly<Record<Viseme, Blendshapes>> = arkit as Record<Viseme, Blendshapes>;
/** Each shape as VRM 1.0 expressions. */
export const VRM: Readonly<Record<Viseme, Blendshapes>> = vrm as Record<Viseme, Blendshapes>;
/** Names that models use for each shape. */
export const ALIASES: Readonly<Record<Viseme, readonly string[]>> = aliases;
