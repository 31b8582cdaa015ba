/** One character's voice on the audio thread. */

import { HEADER_BYTES } from "../core/media";
import type { VoiceOnset } from "../core/onset";
import { Playout } from "../core/playout";
import type { PlayCommand } from "../core/protocol";
import { enter, leave, type Voice } from "./voices";
import { currentFrame, Processor, sampleRate } from "./worklet_scope";

const CONFIRM_MS = 400; // the server says `ducked` by then, or it was nobody

/** From the page. */
export type VoiceControl = { hub: MessagePort } | { stop: true };

/**
 * Plays what the hub sends, without the page. Tells both where each reply's clock stands. A microphone of
 * the same session lowers it at once; the server's `turn.state` confirms, holds or gives back.
 */
export class VoiceProcessor extends Processor implements Voice {
  private hub: MessagePort | null = null;
  private stopped = false;
  private reply: number | null = null;
  private alarmFrame = Number.POSITIVE_INFINITY;
  private onset: VoiceOnset | null = null;
  private power = 0;
  private powerFrames = 0;
  private readonly session: string;
  private readonly playout: Playout;

  constructor({ processorOptions }: { processorOptions: { session: string } }) {
    super();
    this.session = processorOptions.session;
    this.playout = new Playout(sampleRate, (status) => {
      this.hub?.postMessage(status);
      this.port.postMessage(status);
    });
    enter(this.session, this);
    this.port.onmessage = ({ data }: MessageEvent<VoiceControl>) => this.control(data);
  }

  process(_inputs: Float32Array[][], outputs: Float32Array[][]): boolean {
    if (this.stopped) return false;
    const out = outputs[0]?.[0];
    if (!out) return true;
    if (currentFrame() >= this.alarmFrame) this.falseAlarm();
    this.playout.render(out, currentFrame());
    for (let i = 0; i < out.length; i++) this.power += (out[i] as number) ** 2;
    this.powerFrames += out.length;
    return true;
  }

  lower(onset: VoiceOnset): boolean {
    const current = this.playout.current;
    if (!current?.started || current.loudness !== "raised") return false;
    this.onset = onset;
    this.alarmFrame = currentFrame() + (CONFIRM_MS * sampleRate) / 1000;
    this.playout.set("lowered");
    return true;
  }

  takeLevelDb(): number {
    const level = this.power === 0 ? -96 : 10 * Math.log10(this.power / this.powerFrames);
    this.power = 0;
    this.powerFrames = 0;
    return Math.max(-96, level);
  }

  private control(data: VoiceControl): void {
    if ("hub" in data) {
      this.hub = data.hub;
      this.hub.onmessage = ({ data: command }: MessageEvent<PlayCommand>) => this.command(command);
    } else {
      this.stopped = true;
      leave(this.session, this);
      this.hub?.close();
    }
  }

  private command(command: PlayCommand): void {
    switch (command.do) {
      case "begin":
        this.settle();
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

  private turn({ reply, ducked, hold }: Extract<PlayCommand, { do: "turn" }>): void {
    if (this.onset) this.onset.confirmed = ducked;
    if (reply !== this.reply) return;
    if (ducked) {
      this.settle();
      this.playout.set(hold ? "held" : "lowered");
    } else if (this.alarmFrame === Number.POSITIVE_INFINITY) {
      // Otherwise the message is of before the voice that is being judged.
      this.playout.set("raised");
    }
  }

  private falseAlarm(): void {
    this.settle();
    this.onset?.falseAlarm();
    this.playout.set("raised");
  }

  private settle(): void {
    this.alarmFrame = Number.POSITIVE_INFINITY;
  }
}
