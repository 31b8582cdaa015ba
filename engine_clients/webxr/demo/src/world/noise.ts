/** Smooth noise without assets: the same numbers each time, so that the tavern looks the same each time. */

/** A whole number's hash as a number in [0, 1). */
function hash(x: number, y: number, seed: number): number {
  let h = Math.imul(x, 374761393) ^ Math.imul(y, 668265263) ^ Math.imul(seed, 2147483647);
  h = Math.imul(h ^ (h >>> 13), 1274126177);
  return ((h ^ (h >>> 16)) >>> 0) / 4294967296;
}

/** Value noise in [0, 1], which repeats after `period` in both directions. */
export function noise(x: number, y: number, period: number, seed = 0): number {
  const x0 = Math.floor(x);
  const y0 = Math.floor(y);
  const u = fade(x - x0);
  const left = wrapped(x0, period);
  const right = wrapped(x0 + 1, period);
  const bottom = wrapped(y0, period);
  const top = wrapped(y0 + 1, period);
  const low = mixed(hash(left, bottom, seed), hash(right, bottom, seed), u);
  const high = mixed(hash(left, top, seed), hash(right, top, seed), u);
  return mixed(low, high, fade(y - y0));
}

/** Several octaves of `noise`, in [0, 1]. */
export function clouds(x: number, y: number, period: number, octaves: number, seed = 0): number {
  let sum = 0;
  let weight = 0;
  for (let octave = 0; octave < octaves; octave++) {
    const scale = 2 ** octave;
    sum += noise(x * scale, y * scale, period * scale, seed + octave) / scale;
    weight += 1 / scale;
  }
  return sum / weight;
}

/** A generator of numbers in [0, 1) that begins the same each time. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function wrapped(n: number, period: number): number {
  return ((n % period) + period) % period;
}

function mixed(a: number, b: number, part: number): number {
  return a + (b - a) * part;
}

function fade(t: number): number {
  return t * t * (3 - 2 * t);
}
