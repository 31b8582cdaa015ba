/** Opus by the browser's WebCodecs, which work in another thread. */

import { FULL_SCALE } from "./core/media";
import {
  OPUS_FRAME,
  OPUS_RATE_HZ,
  type OpusCoders,
  type OpusDecoder,
  type OpusEncoder,
  PRE_SKIP,
} from "./core/opus";

const BIT_RATE = 24_000;
const FORMAT = { codec: "opus", sampleRate: OPUS_RATE_HZ, numberOfChannels: 1 };
const ENCODER: AudioEncoderConfig = {
  ...FORMAT,
  bitrate: BIT_RATE,
  opus: { frameDuration: 20_000, format: "opus" },
} as AudioEncoderConfig;
const HEAD_BYTES = 12; // of `OpusHead` up to the pre-skip
const WITHIN_MS = 1000;

/** The browser's coders; null if it has none that can be used. */
export async function opusCoders(): Promise<OpusCoders | null> {
  if (typeof AudioEncoder === "undefined" || typeof AudioDecoder === "undefined") return null;
  try {
    const [encodes, decodes] = await Promise.all([
      AudioEncoder.isConfigSupported(ENCODER),
      AudioDecoder.isConfigSupported(FORMAT),
    ]);
    if (!encodes.supported || !decodes.supported) return null;
    const preSkip = await probe();
    return preSkip === null ? null : { preSkip, encoder, decoder };
  } catch {
    return null;
  }
}

/** The encoder's delay, from the first packet; null if none comes. */
function probe(): Promise<number | null> {
  return new Promise((resolve) => {
    const coder = new AudioEncoder({
      output: (_chunk, metadata) => {
        resolve(preSkipOf(metadata?.decoderConfig?.description));
        coder.close();
      },
      error: () => resolve(null),
    });
    coder.configure(ENCODER);
    coder.encode(audio(new Int16Array(2 * OPUS_FRAME), 0));
    coder.flush().catch(() => undefined);
    setTimeout(() => resolve(null), WITHIN_MS);
  });
}

/** The pre-skip of an `OpusHead` (RFC 7845, section 5.1). */
function preSkipOf(head: AllowSharedBufferSource | undefined): number {
  if (!head) return PRE_SKIP;
  const view = ArrayBuffer.isView(head)
    ? new DataView(head.buffer, head.byteOffset, head.byteLength)
    : new DataView(head);
  return view.byteLength < HEAD_BYTES ? PRE_SKIP : view.getUint16(10, true);
}

function audio(pcm: Int16Array, sample: number): AudioData {
  return new AudioData({
    format: "s16",
    sampleRate: OPUS_RATE_HZ,
    numberOfFrames: pcm.length,
    numberOfChannels: 1,
    timestamp: Math.round((sample * 1e6) / OPUS_RATE_HZ),
    data: pcm as Int16Array<ArrayBuffer>,
  });
}

function encoder(
  onPacket: (packet: Uint8Array) => void,
  onError: (text: string) => void,
): OpusEncoder {
  const coder = new AudioEncoder({
    output: (chunk) => {
      const packet = new Uint8Array(chunk.byteLength);
      chunk.copyTo(packet);
      onPacket(packet);
    },
    error: (error) => onError(error.message),
  });
  coder.configure(ENCODER);
  let fed = 0;
  return {
    encode: (pcm) => {
      const data = audio(pcm, fed);
      fed += pcm.length;
      coder.encode(data);
      data.close();
    },
    close: () => {
      if (coder.state !== "closed") coder.close();
    },
  };
}

function decoder(onSound: (pcm: Int16Array) => void, onError: (text: string) => void): OpusDecoder {
  const coder = new AudioDecoder({
    output: (data) => {
      const floats = new Float32Array(data.numberOfFrames);
      data.copyTo(floats, { planeIndex: 0, format: "f32-planar" });
      data.close();
      const pcm = new Int16Array(floats.length);
      for (let i = 0; i < floats.length; i++) {
        const scaled = Math.round((floats[i] as number) * FULL_SCALE);
        pcm[i] = Math.max(-FULL_SCALE, Math.min(FULL_SCALE - 1, scaled));
      }
      onSound(pcm);
    },
    error: (error) => onError(error.message),
  });
  coder.configure(FORMAT);
  let timestamp = 0;
  return {
    decode: (packet) => {
      coder.decode(
        new EncodedAudioChunk({ type: "key", timestamp, data: packet as Uint8Array<ArrayBuffer> }),
      );
      timestamp += 20_000;
    },
    close: () => {
      if (coder.state !== "closed") coder.close();
    },
  };
}
