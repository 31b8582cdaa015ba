/** Media frames: a header of 16 bytes, then sound. It imports no codec, so that the audio thread can use it. */

import { FrametalkError } from "./errors";

/** Length of a media frame's header. */
export const HEADER_BYTES = 16;
/** `kind`: signed 16-bit little-endian samples. */
export const PCM16 = 1;
/** `kind`: one Opus packet. */
export const OPUS = 2;
/** `flags`: nothing follows on this stream. */
export const FLAG_LAST = 1;
/** `flags`: the sender finds speech in this frame. */
export const FLAG_SPEECH = 2;
/** The PCM16 value of 1.0. */
export const FULL_SCALE = 32_768;

/** One media frame. */
export interface Media {
  kind: number;
  flags: number;
  stream: number;
  seq: number;
  sample: number;
  payload: Uint8Array<ArrayBuffer>;
}

/** Decode a frame; `payload` is a view, not a copy. Throws FrametalkError. */
export function decodeMedia(frame: ArrayBuffer): Media {
  if (frame.byteLength < HEADER_BYTES) {
    throw bad("media_truncated", `a media frame of ${frame.byteLength} bytes`);
  }
  const view = new DataView(frame);
  const kind = view.getUint8(0);
  if (kind !== PCM16 && kind !== OPUS) throw bad("media_kind_unknown", `media of kind ${kind}`);
  const payload = new Uint8Array(frame, HEADER_BYTES);
  if (kind === PCM16 && payload.length % 2) throw bad("media_odd_length", "half a sample");
  const sample = view.getUint32(8, true) + view.getUint32(12, true) * 2 ** 32;
  if (sample > Number.MAX_SAFE_INTEGER) {
    throw bad("message_invalid", "a media frame's sample is 2^53 or more");
  }
  return {
    kind,
    flags: view.getUint8(1),
    stream: view.getUint16(2, true),
    seq: view.getUint32(4, true),
    sample,
    payload,
  };
}

/** Write a media frame's header to the first 16 bytes of `frame`. */
export function writeHeader(frame: ArrayBuffer, media: Omit<Media, "payload">): void {
  const view = new DataView(frame);
  view.setUint8(0, media.kind);
  view.setUint8(1, media.flags);
  view.setUint16(2, media.stream, true);
  view.setUint32(4, media.seq, true);
  view.setUint32(8, media.sample % 2 ** 32, true);
  view.setUint32(12, Math.floor(media.sample / 2 ** 32), true);
}

function bad(code: string, text: string): FrametalkError {
  return new FrametalkError({ code, text, stage: "wire", fault: "client" });
}
