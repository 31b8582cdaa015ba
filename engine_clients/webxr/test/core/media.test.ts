import { expect, it } from "vitest";
import { decodeMedia, HEADER_BYTES, writeHeader } from "../../src/core/media";
import { fromHex, golden, toHex } from "../golden";

interface Frame {
  name: string;
  hex: string;
  kind: number;
  flags: number;
  stream: number;
  seq: number;
  sample: number;
  payload_hex: string;
}

it.each(golden<Frame[]>("media.json").map((frame) => [frame.name, frame] as const))(
  "%s, both ways",
  (_name, { hex, payload_hex, kind, flags, stream, seq, sample }) => {
    const media = decodeMedia(fromHex(hex));
    expect(media).toMatchObject({ kind, flags, stream, seq, sample });
    expect(toHex(media.payload)).toBe(payload_hex);
    const frame = new ArrayBuffer(HEADER_BYTES + media.payload.length);
    writeHeader(frame, media);
    new Uint8Array(frame).set(media.payload, HEADER_BYTES);
    expect(toHex(frame)).toBe(hex);
  },
);
