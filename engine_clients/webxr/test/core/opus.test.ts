import { expect, it } from "vitest";
import { OPUS, PCM16 } from "../../src/core/media";
import { packetSamples, usedSamples } from "../../src/core/opus";
import { fromHex, golden } from "../golden";

interface Packet {
  hex: string;
  samples: number;
}

it.each(golden<Packet[]>("opus.json").map(({ hex, samples }) => [hex, samples] as const))(
  "a packet %s has %i samples",
  (hex, samples) => {
    expect(packetSamples(new Uint8Array(fromHex(hex)))).toBe(samples);
  },
);

it("counts the pre-skip once, in the first packet", () => {
  const packet = new Uint8Array(fromHex("f8fffe"));
  expect(usedSamples(OPUS, 0, packet)).toBe(648);
  expect(usedSamples(OPUS, 648, packet)).toBe(960);
  expect(usedSamples(PCM16, 0, new Uint8Array(640))).toBe(320);
});
