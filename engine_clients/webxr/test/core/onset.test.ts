import { expect, it } from "vitest";
import { levelDb, VoiceOnset } from "../../src/core/onset";

const HZ = 16_000;
const FRAME = 320;
const SILENT_DB = -96;

function sound(amplitude: number): Float32Array {
  return Float32Array.from({ length: FRAME }, (_, i) => amplitude * Math.sin(i * 0.3));
}

/** In which of these 20 ms frames a voice sets in. */
function onsets(detector: VoiceOnset, amplitudes: number[], playedDb = SILENT_DB): number[] {
  return amplitudes.flatMap((amplitude, i) =>
    detector.feed(sound(amplitude), playedDb) ? [i] : [],
  );
}

const times = (count: number, amplitude: number): number[] => new Array(count).fill(amplitude);

it("detects a voice in its first frame, once for a sentence", () => {
  const spoken = [...times(25, 0.0005), ...times(10, 0.1), ...times(5, 0.0005), ...times(10, 0.1)];
  expect(onsets(new VoiceOnset(HZ), spoken)).toEqual([25]);
  const pause = [...spoken, ...times(25, 0.0005), ...times(5, 0.1)];
  expect(onsets(new VoiceOnset(HZ), pause)).toEqual([25, 75]);
});

it("ignores a click", () => {
  const detector = new VoiceOnset(HZ);
  const click = new Float32Array(FRAME);
  click[100] = 0.9;
  expect(detector.feed(click, SILENT_DB)).toBe(false);
});

it("ignores the loudspeaker, and detects the player over it", () => {
  const detector = new VoiceOnset(HZ);
  const playedDb = levelDb(sound(0.3), 0, FRAME);
  expect(onsets(detector, times(100, 0.05), playedDb)).toEqual([]);
  expect(onsets(detector, times(10, 0.4), playedDb)).toEqual([0]);
});

it("learns the echo's strength from a false alarm", () => {
  const detector = new VoiceOnset(HZ);
  const playedDb = levelDb(sound(0.1), 0, FRAME);
  expect(onsets(detector, [...times(10, 0), ...times(10, 0.12)], playedDb)).toHaveLength(1);
  detector.falseAlarm();
  expect(onsets(detector, [...times(20, 0), ...times(10, 0.12)], playedDb)).toHaveLength(0);
});
