import { expect, it } from "vitest";
import { decodeMedia, OPUS } from "../../src/core/media";
import { OpusMic } from "../../src/core/opus_mic";
import { FakeCoders } from "../coders";

function mic(coders: FakeCoders): { mic: OpusMic; frames: ArrayBuffer[]; failures: string[] } {
  const frames: ArrayBuffer[] = [];
  const failures: string[] = [];
  const made = new OpusMic(
    7,
    coders,
    (frame) => frames.push(frame),
    (text) => failures.push(text),
  );
  return { mic: made, frames, failures };
}

function samples(frames: ArrayBuffer[]): number[] {
  return frames.map((frame) => decodeMedia(frame).sample);
}

it("sends each packet at the place of its sound", () => {
  const coders = new FakeCoders();
  const { mic: one, frames } = mic(coders);
  for (let i = 0; i < 4; i++) one.push(new Int16Array(960));
  expect(frames).toEqual([]);
  coders.work();
  expect(samples(frames)).toEqual([0, 648, 1608, 2568]);
  expect(frames.map((frame) => decodeMedia(frame))).toMatchObject(
    [0, 1, 2, 3].map((seq) => ({ kind: OPUS, stream: 7, seq })),
  );
});

it.each([
  [100, [212, 960, 960]],
  [312, [960, 960]],
  [500, [772, 960]],
])("makes the delay of an encoder with %i samples that of the wire", (preSkip, fed) => {
  const coders = new FakeCoders(preSkip);
  const { mic: one } = mic(coders);
  one.push(new Int16Array(960));
  one.push(new Int16Array(960));
  expect(coders.fed).toEqual(fed);
});

it.each([1, 3, 4])("sends all of %i frames before the stream ends", (count) => {
  const coders = new FakeCoders();
  const { mic: one, frames } = mic(coders);
  for (let i = 0; i < count; i++) one.push(new Int16Array(960));
  let done = 0;
  one.finish(() => done++);
  expect(done).toBe(0);
  coders.work();
  expect(done).toBe(1);
  expect((samples(frames).at(-1) ?? 0) + 960).toBeGreaterThanOrEqual(count * 960);
});

it("says that the encoder failed, or ends the stream that was ending", () => {
  const coders = new FakeCoders();
  const first = mic(coders);
  coders.failing = true;
  first.mic.push(new Int16Array(960));
  coders.work();
  expect(first.failures).toEqual(["broken"]);
  const second = mic(coders);
  let done = 0;
  second.mic.push(new Int16Array(960));
  second.mic.finish(() => done++);
  coders.work();
  expect([done, second.failures.length]).toEqual([1, 0]);
});
