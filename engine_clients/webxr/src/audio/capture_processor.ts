/** The microphone on the audio thread: the device's rate to the wire's, whole media frames to the hub. */

import { FULL_SCALE, HEADER_BYTES, PCM16, writeHeader } from "../core/media";
import { SILENCE_DB, VoiceOnset } from "../core/onset";
import type { CaptureCommand, Captured, CaptureToVoice, VoiceToCapture } from "../core/protocol";
import { Resampler } from "../core/resampler";
import { currentFrame, Processor, sampleRate } from "./worklet_scope";

/**
 * From the page. `hub`: the port for frames. `voice`: the port that reports when the player begins to speak.
 * `mute`: send silence. `stop`: end the processor.
 */
export type CaptureControl =
  | { hub: MessagePort }
  | { voice: MessagePort }
  | { mute: boolean }
  | { stop: true };

/** The peak of a frame, in dB of full scale; to the page, ten times a second. */
export interface MicLevel {
  levelDb: number;
}

/** One stream of the microphone, from `mic.start` to `mic.stop`. */
class Stream {
  readonly frame: Float32Array;
  filled = 0;
  sample = 0;
  seq = 0;
  readonly sound: Resampler;
  readonly onset: VoiceOnset;

  constructor(
    readonly id: number,
    readonly rateHz: number,
    frameMs: number,
  ) {
    this.sound = new Resampler(sampleRate, rateHz);
    this.onset = new VoiceOnset(rateHz);
    this.frame = new Float32Array(Math.round((rateHz * frameMs) / 1000));
  }
}

/** The worklet `frametalk-capture`. */
export class CaptureProcessor extends Processor {
  private hub: MessagePort | null = null;
  private stream: Stream | null = null;
  private muted = false;
  private stopped = false;
  private frames = 0;
  private voice: MessagePort | null = null;
  private voiceDb = SILENCE_DB;
  private readonly silence = new Float32Array(128);

  constructor() {
    super();
    this.port.onmessage = ({ data }: MessageEvent<CaptureControl>) => this.control(data);
  }

  process(inputs: Float32Array[][]): boolean {
    if (this.stopped) return false;
    const stream = this.stream;
    if (!stream) return true;
    // A device that is unplugged or muted by the system gives no sound; the clock continues.
    const input = inputs[0]?.[0] ?? this.silence;
    stream.sound.push(this.muted ? this.silence.subarray(0, input.length) : input);
    for (;;) {
      const room = stream.frame.length - stream.filled;
      const made = stream.sound.read(stream.frame, stream.filled, room);
      stream.filled += made;
      if (made < room) return true;
      this.send(stream, (currentFrame() + input.length) / sampleRate);
    }
  }

  private control(data: CaptureControl): void {
    if ("hub" in data) {
      this.hub = data.hub;
      this.hub.onmessage = ({ data: command }: MessageEvent<CaptureCommand>) =>
        this.command(command);
    } else if ("mute" in data) {
      this.muted = data.mute;
    } else if ("voice" in data) {
      this.voice = data.voice;
      this.voice.onmessage = ({ data: message }: MessageEvent<VoiceToCapture>) =>
        this.fromVoice(message);
    } else {
      this.stopped = true;
      this.stream = null;
      this.hub?.close();
      this.voice?.close();
    }
  }

  private fromVoice(message: VoiceToCapture): void {
    const onset = this.stream?.onset;
    if ("levelDb" in message) this.voiceDb = message.levelDb;
    else if (onset && "confirmed" in message) onset.confirmed = message.confirmed;
    else onset?.falseAlarm();
  }

  private command(command: CaptureCommand): void {
    const opens = command.do === "open";
    this.stream = opens ? new Stream(command.stream, command.rateHz, command.frameMs) : null;
  }

  private send(stream: Stream, at: number): void {
    const count = stream.frame.length;
    const frame = new ArrayBuffer(HEADER_BYTES + 2 * count);
    writeHeader(frame, {
      kind: PCM16,
      flags: 0,
      stream: stream.id,
      seq: stream.seq,
      sample: stream.sample,
    });
    const pcm = new Int16Array(frame, HEADER_BYTES);
    for (let i = 0; i < count; i++) {
      const scaled = Math.round((stream.frame[i] as number) * FULL_SCALE);
      pcm[i] = Math.max(-FULL_SCALE, Math.min(FULL_SCALE - 1, scaled));
    }
    const message: Captured = { stream: stream.id, sample: stream.sample, count, at, frame };
    this.hub?.postMessage(message, [frame]);
    this.analyse(stream);
    stream.sample += count;
    stream.seq = (stream.seq + 1) % 2 ** 32;
    stream.filled = 0;
  }

  private analyse(stream: Stream): void {
    const begins = stream.onset.feed(stream.frame, this.voiceDb);
    if (begins) this.voice?.postMessage({ onset: true } satisfies CaptureToVoice);
    if (this.frames++ % 5 === 0) {
      let peak = 0;
      for (const sample of stream.frame) peak = Math.max(peak, Math.abs(sample));
      const level: MicLevel = { levelDb: Math.max(SILENCE_DB, 20 * Math.log10(peak)) };
      this.port.postMessage(level);
    }
  }
}
