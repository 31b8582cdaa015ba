/** One character's voice on the audio thread. */

import { HEADER_BYTES } from "../core/media";
import { Playout } from "../core/playout";
import type { EarToVoice, PlayCommand, VoiceToEar } from "../core/protocol";
import { currentFrame, Processor, sampleRate } from "./worklet_scope";

const CONFIRM_MS = 400; // the server says `ducked` by then, or it was nobody

const LEVEL_EVERY_MS = 20;
const SILENT_DB = -96;

/** From the page: `hub` is where sound comes from, `ear` the session's microphone. */
export type VoiceControl = { hub: MessagePort } | { ear: MessagePort } | { stop: true };

/**
 * Plays what the hub sends, without the page. Tells both where each reply's clock stands. The session's
 * microphone lowers it at once; the server's `turn.state` confirms, holds or gives back.
 */
export class VoiceProcessor extends Processor {
  private hub: MessagePort | null = null;
  private stopped = false;
  private reply: number | null = null;
  private alarmFrame = Number.POSITIVE_INFINITY;
  private ear: MessagePort | null = null;
  private power = 0;
  private powerFrames = 0;
  private toldDb = SILENT_DB;
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
    if (this.ear) this.measure(out);
    return true;
  }

  /** The player's own voice set in. */
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
    const levelDb = Math.max(SILENT_DB, 10 * Math.log10(this.power / this.powerFrames));
    if (levelDb !== this.toldDb) this.tellEar({ levelDb });
    this.toldDb = levelDb;
    this.power = 0;
    this.powerFrames = 0;
  }

  private tellEar(news: VoiceToEar): void {
    this.ear?.postMessage(news);
  }

  private control(data: VoiceControl): void {
    if ("hub" in data) {
      this.hub = data.hub;
      this.hub.onmessage = ({ data: command }: MessageEvent<PlayCommand>) => this.command(command);
    } else if ("ear" in data) {
      this.ear = data.ear;
      this.ear.onmessage = (_heard: MessageEvent<EarToVoice>) => this.lower();
    } else {
      this.stopped = true;
      this.hub?.close();
      this.ear?.close();
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
    this.tellEar({ confirmed: ducked });
    if (reply !== this.reply) return;
    if (ducked) {
      this.clearAlarm();
      this.playout.set(paused ? "paused" : "lowered");
    } else if (this.alarmFrame === Number.POSITIVE_INFINITY) {
      // Otherwise the message is of before the voice that is being judged.
      this.playout.set("raised");
    }
  }

  private falseAlarm(): void {
    this.clearAlarm();
    this.tellEar({ falseAlarm: true });
    this.playout.set("raised");
  }

  private clearAlarm(): void {
    this.alarmFrame = Number.POSITIVE_INFINITY;
  }
}
