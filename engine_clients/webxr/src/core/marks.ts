/** Reads `reply.marks`: packed into 7 bytes a mark in MessagePack, rows in JSON (protocols/wire.md). */

import type { Mark, MarkKind } from "./messages";
import { VISEMES } from "./visemes";

const MARK_BYTES = 7;
/** From this number on a mark is of a kind in KINDS and has a name. */
const NAMED = 16;
const KINDS: readonly MarkKind[] = ["word", "gesture", "emotion", "gaze", "viseme"];

/** The message's fields as they are on the wire. */
export interface WireMarks {
  at?: unknown;
  marks?: unknown;
  names?: unknown;
}

/** The marks of either form, without unknown kinds; null if it is neither. */
export function readMarks({ at, marks, names }: WireMarks): Mark[] | null {
  if (marks instanceof Uint8Array) {
    if (typeof at !== "number" || !Array.isArray(names) || marks.length % MARK_BYTES) return null;
    return unpack(at, marks, names);
  }
  if (!Array.isArray(marks) || !marks.every(Array.isArray)) return null;
  return marks.map(([kind, at, end, name, value]) => ({ kind, at, end, name, value }));
}

function unpack(base: number, packed: Uint8Array, names: readonly string[]): Mark[] {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  const marks: Mark[] = [];
  let next = 0;
  for (let i = 0; i < packed.length; i += MARK_BYTES) {
    const low = view.getUint32(i, true);
    const high = view.getUint32(i + 3, true) >>> 8;
    const at = base + (low & 0xffffff);
    const end = at + ((low >>> 24) | ((high & 0xfff) << 8));
    const what = (high >>> 12) & 0x1f;
    const value = (high >>> 17) / 100;
    const kind = what < NAMED ? "viseme" : KINDS[what - NAMED];
    const name = what < NAMED ? VISEMES[what] : names[next++];
    if (kind !== undefined && name !== undefined) marks.push({ kind, at, end, name, value });
  }
  return marks;
}
