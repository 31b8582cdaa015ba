/** One character's voice on the audio thread. */

import { HEADER_BYTES } from "../core/media";
import { SILENCE_DB } from "../core/onset";
import { Playout } from "../core/playout";
import type { CaptureToVoice, PlayCommand, VoiceToCapture } from "../core/protocol";
import { currentFrame, Processor, sampleRate } from "./worklet_scope";

const CONFIRM_MS = 400; // the server sends `ducked` by then, or it was a false alarm

const LEVEL_EVERY_MS = 20;

/** From the page. `hub`: the port for sound. `capture`: the port of the session's microphone. `stop`: end. */
export type VoiceControl = { hub: MessagePort } | { capture: MessagePort } | { stop: true };

/**
 * The worklet `frametalk-voice`: plays the hub's sound, and reports the position of each reply's clock to hub and
 * page. The session's microphone lowers the voice at once; the server's `turn.state` then confirms that, pauses the
 * reply, or raises it again.
 */
export class VoiceProcessor extends Processor {
  private hub: MessagePort | null = null;
  private stopped = false;
  private reply: number | null = null;
  private alarmFrame = Number.POSITIVE_INFINITY;
  private capture: MessagePort | null = null;
  private power = 0;
  private powerFrames = 0;
  private sentDb = SILENCE_DB;
  private readonly playout: Playout;

  constructor() {
    super();
    this.playout = new Playout(sampleRate, (status) => {
      this.hub?.postMessage(status);
      this.port.postMessage(status);
    });
    this.port.onmessage = ({ data }: MessageEvent<VoiceControl>) => this.control(data);
  }

  process(_inputs: Float32Array[][], outputs: Float32Array[][]): boolean {
    if (this.stopped) return false;
    const out = outputs[0]?.[0];
    if (!out) return true;
    if (currentFrame() >= this.alarmFrame) this.falseAlarm();
    this.playout.render(out, currentFrame());
    if (this.capture) this.measure(out);
    return true;
  }

  /** The player begins to speak: lower the reply until the server confirms. */
  private lower(): void {
    const current = this.playout.current;
    if (!current?.started || current.loudness !== "raised") return;
    this.alarmFrame = currentFrame() + (CONFIRM_MS * sampleRate) / 1000;
    this.playout.set("lowered");
  }

  private measure(out: Float32Array): void {
    for (let i = 0; i < out.length; i++) this.power += (out[i] as number) ** 2;
    this.powerFrames += out.length;
    if (this.powerFrames * 1000 < LEVEL_EVERY_MS * sampleRate) return;
    const levelDb = Math.max(SILENCE_DB, 10 * Math.log10(this.power / this.powerFrames));
    if (levelDb !== this.sentDb) this.sendToCapture({ levelDb });
    this.sentDb = levelDb;
    this.power = 0;
    this.powerFrames = 0;
  }

  private sendToCapture(message: VoiceToCapture): void {
    this.capture?.postMessage(message);
  }

  private control(data: VoiceControl): void {
    if ("hub" in data) {
      this.hub = data.hub;
      this.hub.onmessage = ({ data: command }: MessageEvent<PlayCommand>) => this.command(command);
    } else if ("capture" in data) {
      this.capture = data.capture;
      this.capture.onmessage = (_event: MessageEvent<CaptureToVoice>) => this.lower();
    } else {
      this.stopped = true;
      this.hub?.close();
      this.capture?.close();
    }
  }

  private command(command: PlayCommand): void {
    switch (command.do) {
      case "begin":
        this.clearAlarm();
        this.reply = command.reply;
        return this.playout.begin(command.reply, command.stream, command.rateHz);
      case "feed":
        return this.playout.feed(
          command.stream,
          command.sample,
          new Int16Array(command.frame, HEADER_BYTES),
        );
      case "end":
        return this.playout.end(command.reply, command.samples);
      case "cut":
        return this.playout.cut(command.reply);
      case "cutAll":
        return this.playout.cutAll();
      case "turn":
        return this.turn(command);
    }
  }

  private turn({ reply, ducked, paused }: Extract<PlayCommand, { do: "turn" }>): void {
    this.sendToCapture({ confirmed: ducked });
    if (reply !== this.reply) return;
    if (ducked) {
      this.clearAlarm();
      this.playout.set(paused ? "paused" : "lowered");
    } else if (this.alarmFrame === Number.POSITIVE_INFINITY) {
      // While an alarm is pending, this message is older than the sound that raised the alarm.
      this.playout.set("raised");
    }
  }

  private falseAlarm(): void {
    this.clearAlarm();
    this.sendToCapture({ falseAlarm: true });
    this.playout.set("raised");
  }

  private clearAlarm(): void {
    this.alarmFrame = Number.POSITIVE_INFINITY;
  }
}
