/** The tavern's surfaces, painted by noise: nothing is loaded. */

import {
  DataTexture,
  LinearFilter,
  LinearMipmapLinearFilter,
  RepeatWrapping,
  RGBAFormat,
  SRGBColorSpace,
} from "three";
import { clouds, noise, random } from "./noise.ts";

const SIZE = 256;

type Shade = (u: number, v: number) => [number, number, number];

/** A square that repeats; `shade` gives red, green and blue, 0 to 1, for u and v in [0, 1). */
function paint(shade: Shade): DataTexture {
  const pixels = new Uint8Array(SIZE * SIZE * 4);
  for (let y = 0; y < SIZE; y++) {
    for (let x = 0; x < SIZE; x++) {
      const [r, g, b] = shade(x / SIZE, y / SIZE);
      pixels.set([r * 255, g * 255, b * 255, 255], (y * SIZE + x) * 4);
    }
  }
  const texture = new DataTexture(pixels, SIZE, SIZE, RGBAFormat);
  texture.wrapS = texture.wrapT = RepeatWrapping;
  texture.magFilter = LinearFilter;
  texture.minFilter = LinearMipmapLinearFilter;
  texture.generateMipmaps = true;
  texture.anisotropy = 4;
  texture.colorSpace = SRGBColorSpace;
  texture.needsUpdate = true;
  return texture;
}

/** Boards along u, four to the square, grain and a dark gap between them. */
export function boards(): DataTexture {
  const tone = Array.from({ length: 4 }, random(7));
  return paint((u, v) => {
    const board = Math.floor(v * 4);
    const within = v * 4 - board;
    const gap = Math.min(within, 1 - within) < 0.025 ? 0.45 : 1;
    const bend = clouds(u * 3, v * 3, 3, 2, board) * 0.9;
    const rings = 0.5 + 0.5 * Math.sin((v * 36 + bend * 9) * Math.PI);
    const grain = clouds(u * 4, v * 64, 4, 3, 20 + board);
    const shade = gap * (0.66 + 0.2 * (tone[board] ?? 0) + 0.1 * rings + 0.22 * (grain - 0.5));
    return [shade, shade * 0.97, shade * 0.93];
  });
}

/** Rough stones in courses, each of its own grey. */
export function stones(): DataTexture {
  const rows = 6;
  const columns = 4;
  return paint((u, v) => {
    const row = Math.floor(v * rows);
    const shifted = u * columns + (row % 2) * 0.5 + 0.12 * (noise(u * 8, v * 8, 8, 3) - 0.5);
    const column = ((Math.floor(shifted) % columns) + columns) % columns;
    const x = shifted - Math.floor(shifted);
    const y = v * rows - row + 0.12 * (noise(u * 8, v * 8, 8, 4) - 0.5);
    const edge = Math.min(x * 1.4, (1 - x) * 1.4, y, 1 - y);
    const joint = Math.min(1, Math.max(0, edge / 0.09));
    const own = noise(column + 0.5, row + 0.5, 24, 9);
    const rough = clouds(u * 16, v * 16, 16, 3, 11);
    const shade = (0.38 + 0.62 * joint) * (0.55 + 0.3 * own + 0.3 * (rough - 0.5));
    return [shade, shade * 0.98, shade * 0.95];
  });
}

/** Lime plaster, uneven and a little stained. */
export function plaster(): DataTexture {
  return paint((u, v) => {
    const fine = clouds(u * 32, v * 32, 32, 2, 5);
    const stain = clouds(u * 4, v * 4, 4, 4, 6);
    const shade = 0.8 + 0.1 * (fine - 0.5) + 0.3 * (stain - 0.5);
    return [shade, shade * 0.97, shade * 0.92];
  });
}
