import { expect, it } from "vitest";
import { decodeMedia, type Media, OPUS, PCM16 } from "../../src/core/media";
import { OpusReply } from "../../src/core/opus_reply";
import { FakeCoders } from "../coders";

const TOC = 31 << 3;

function packet(seq: number): Media {
  const sample = Math.max(0, 960 * seq - 312);
  return { kind: OPUS, flags: 0, stream: 3, seq, sample, payload: Uint8Array.of(TOC, seq) };
}

function reply(coders: FakeCoders): { reply: OpusReply; frames: Media[]; failures: string[] } {
  const frames: Media[] = [];
  const failures: string[] = [];
  const made = new OpusReply(
    coders,
    (_sample, frame) => frames.push(decodeMedia(frame)),
    (text) => failures.push(text),
  );
  return { reply: made, frames, failures };
}

it("gives the sound of each packet once, without the pre-skip", () => {
  const coders = new FakeCoders();
  const { reply: one, frames } = reply(coders);
  for (const seq of [0, 1, 2, 1, 2, 3]) one.feed(packet(seq));
  coders.work();
  expect(frames.map(({ kind, sample, payload }) => [kind, sample, payload.length / 2])).toEqual([
    [PCM16, 0, 648],
    [PCM16, 648, 960],
    [PCM16, 1608, 960],
    [PCM16, 2568, 960],
  ]);
});

it("calls back when all that came is decoded", () => {
  const coders = new FakeCoders();
  const { reply: one, frames } = reply(coders);
  const at: number[] = [];
  one.whenDecoded(() => at.push(frames.length));
  one.feed(packet(0));
  one.feed(packet(1));
  one.whenDecoded(() => at.push(frames.length));
  coders.work();
  expect(at).toEqual([0, 2]);
});

it("is silent once it is closed", () => {
  const coders = new FakeCoders();
  const { reply: one, frames } = reply(coders);
  one.feed(packet(0));
  one.close();
  coders.work();
  expect(frames).toEqual([]);
});

it("does not wait for a decoder that failed", () => {
  const coders = new FakeCoders();
  const { reply: one, failures } = reply(coders);
  coders.failing = true;
  let done = 0;
  one.feed(packet(0));
  one.feed(packet(1));
  one.whenDecoded(() => done++);
  coders.work();
  expect([done, failures]).toEqual([1, ["broken"]]);
});
