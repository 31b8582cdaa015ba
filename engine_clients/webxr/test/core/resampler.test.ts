import { describe, expect, it } from "vitest";
import { Resampler } from "../../src/core/resampler";

function tone(hz: number, rateHz: number, samples: number): Float32Array {
  return Float32Array.from({ length: samples }, (_, i) =>
    Math.sin((2 * Math.PI * hz * i) / rateHz),
  );
}

/** Everything through a resampler, pushed in pieces of these lengths and read in pieces of 128. */
function through(input: Float32Array, inHz: number, outHz: number, pieces: number[]): Float32Array {
  const sound = new Resampler(inHz, outHz);
  const out: number[] = [];
  const quantum = new Float32Array(128);
  const drain = (): void => {
    for (let made = 128; made === 128; ) {
      made = sound.read(quantum, 0, 128);
      out.push(...quantum.subarray(0, made));
    }
  };
  for (let at = 0, i = 0; at < input.length; i++) {
    const length = pieces[i % pieces.length] as number;
    sound.push(input.subarray(at, at + length));
    at += length;
    drain();
  }
  sound.finish();
  drain();
  return Float32Array.from(out);
}

function errorDb(got: Float32Array, wanted: Float32Array, skip: number): number {
  let error = 0;
  let power = 0;
  for (let i = skip; i < got.length - skip; i++) {
    error += ((got[i] as number) - (wanted[i] as number)) ** 2;
    power += (wanted[i] as number) ** 2;
  }
  return 10 * Math.log10(error / power);
}

const PAIRS = [
  [48_000, 16_000],
  [44_100, 16_000],
  [96_000, 16_000],
  [22_050, 48_000],
  [22_050, 44_100],
  [16_000, 48_000],
  [24_000, 44_100],
  [48_000, 48_000],
] as const;

describe.each(PAIRS)("from %i to %i Hz", (inHz, outHz) => {
  const input = tone(1000, inHz, inHz / 2);

  it("keeps a tone and its position", () => {
    const got = through(input, inHz, outHz, [128]);
    expect(got.length).toBe(Math.ceil((input.length * outHz) / inHz));
    expect(errorDb(got, tone(1000, outHz, got.length), 200)).toBeLessThan(-60);
  });

  it("does not depend on the lengths of the pieces", () => {
    const one = through(input, inHz, outHz, [input.length]);
    expect(through(input, inHz, outHz, [1, 440, 7, 128, 961])).toEqual(one);
  });

  it("reports the next input sample as its position", () => {
    const sound = new Resampler(inHz, outHz);
    sound.push(input);
    const out = new Float32Array(outHz / 10);
    sound.read(out, 0, out.length);
    expect(sound.position).toBe(inHz / 10);
  });
});

it("removes everything above half the new rate", () => {
  const got = through(tone(11_000, 48_000, 24_000), 48_000, 16_000, [128]);
  const loudest = Math.max(...got.subarray(200, -200).map(Math.abs));
  expect(20 * Math.log10(loudest)).toBeLessThan(-60);
});

it("produces a microphone frame after little more than its length", () => {
  const sound = new Resampler(48_000, 16_000);
  const out = new Float32Array(320);
  sound.push(new Float32Array(960));
  const made = sound.read(out, 0, 320);
  expect((320 - made) / 16).toBeLessThan(1.5); // ms that are still to come
});
