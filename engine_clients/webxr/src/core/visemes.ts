/** The tables of protocols/visemes.json that a client needs. */

import { aliases, arkit, closures, curve, visemes, vrm } from "../../../../protocols/visemes.json";

// biome-ignore format: as in the table
export const VISEMES = [
  "sil", "PP", "FF", "TH", "DD", "kk", "CH", "SS", "nn", "RR", "aa", "E", "ih", "oh", "ou",
] as const;

export type Viseme = (typeof VISEMES)[number];
/** 15 weights, 0 to 1, that add up to 1. */
export type MouthWeights = Record<Viseme, number>;
export type Blendshapes = Readonly<Record<string, number>>;

if (visemes.join() !== VISEMES.join()) throw new Error("visemes.json names other shapes");

export const CLOSURES: ReadonlySet<string> = new Set(closures);
export const CURVE = curve;
export const ARKIT: Readonly<Record<Viseme, Blendshapes>> = arkit as Record<Viseme, Blendshapes>;
export const VRM: Readonly<Record<Viseme, Blendshapes>> = vrm as Record<Viseme, Blendshapes>;
/** Names under which models have the shape itself. */
export const ALIASES: Readonly<Record<Viseme, readonly string[]>> = aliases;
