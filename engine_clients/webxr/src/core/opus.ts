/** Opus on the wire: how long a packet is, and where its sound lies on the stream's clock. */

import { OPUS } from "./media";

/** The rate of every clock with Opus. */
export const OPUS_RATE_HZ = 48_000;
/** Samples that the packet at sample 0 begins with and that are discarded. */
export const PRE_SKIP = 312;
/** Samples of a packet that is made here: 20 ms. */
export const OPUS_FRAME = 960;
const LONGEST = 5760; // 120 ms

// Samples of one frame at 48 kHz by a packet's first 5 bits (RFC 6716, table 2).
const SILK = [480, 960, 1920, 2880];
const HYBRID = [480, 960];
const CELT = [120, 240, 480, 960];
const FRAME_SAMPLES = [SILK, SILK, SILK, HYBRID, HYBRID, CELT, CELT, CELT, CELT].flat();

/** How many samples a packet decodes to (RFC 6716, section 3.1); 0 if it is none. */
export function packetSamples(packet: Uint8Array): number {
  const [first, second] = packet;
  if (first === undefined) return 0;
  const code = first & 3;
  const frames = code === 0 ? 1 : code < 3 ? 2 : (second ?? 0) & 0x3f;
  const samples = frames * (FRAME_SAMPLES[first >> 3] as number);
  return samples <= LONGEST ? samples : 0;
}

/** How far the clock moves on with a frame's payload: the first packet's pre-skip does not count. */
export function usedSamples(kind: number, sample: number, payload: Uint8Array): number {
  if (kind !== OPUS) return payload.length / 2;
  const samples = packetSamples(payload);
  return sample === 0 ? Math.max(0, samples - PRE_SKIP) : samples;
}

/** Encodes and decodes, in another thread: results come later, in order. `preSkip`: the encoder's delay in samples. */
export interface OpusCoders {
  readonly preSkip: number;
  encoder(onPacket: (packet: Uint8Array) => void, onError: (text: string) => void): OpusEncoder;
  decoder(onSound: (pcm: Int16Array) => void, onError: (text: string) => void): OpusDecoder;
}

/** One stream's encoder, mono at 48 kHz. Each 960 samples give one packet. */
export interface OpusEncoder {
  encode(pcm: Int16Array): void;
  close(): void;
}

/** One stream's decoder. Each packet gives its sound. */
export interface OpusDecoder {
  decode(packet: Uint8Array): void;
  close(): void;
}
