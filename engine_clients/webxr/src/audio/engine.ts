/** The audio context: unlocked by a gesture, placed on our clock, woken up when the system stops it. */

import { Emitter } from "../core/emitter";
import { FrametalkError } from "../core/errors";
import type { Position } from "../core/messages";
import type { AudioClock } from "../core/protocol";

declare const __AUDIO_URL__: URL;

const KEPT = 10; // readings of the context's clock, of which the least delayed counts

export interface AudioOptions {
  /** A context of your own; default: a new one at the device's rate. */
  context?: AudioContext;
  /** Where frametalk-audio.js lies; default: beside this module. */
  moduleUrl?: string | URL;
}

export interface AudioEvents {
  /** The context runs, or the system or the browser has stopped it. */
  state: { running: boolean };
}

/** One for a page, however many characters speak. */
export class FrametalkAudio extends Emitter<AudioEvents> {
  private made: AudioContext | null;
  private loading: Promise<AudioContext> | null = null;
  private readonly moduleUrl: string | URL | undefined;
  private readonly renderOffsetsS: number[] = [];

  constructor(options: AudioOptions = {}) {
    super();
    this.made = options.context ?? null;
    this.moduleUrl = options.moduleUrl;
  }

  /** The context; null before `ready`. */
  get context(): AudioContext | null {
    return this.made;
  }

  get running(): boolean {
    return this.made?.state === "running";
  }

  /** Make the context and load the worklets. It may stand still until `unlock`. Throws FrametalkError. */
  ready(): Promise<AudioContext> {
    this.loading ??= this.load().catch((error: unknown) => {
      this.loading = null;
      throw error;
    });
    return this.loading;
  }

  /** Start the sound; call it in a click, a key press or a controller's select. Throws FrametalkError. */
  async unlock(): Promise<void> {
    const context = this.made ?? (await this.ready());
    if (context.state === "running") return;
    await Promise.race([context.resume(), new Promise((resolve) => setTimeout(resolve, 1000))]);
    if (!this.running) {
      throw new FrametalkError({
        code: "audio_suspended",
        text: `the browser keeps the sound switched off (${context.state})`,
        stage: "speak",
        fault: "user",
        remedy: "click the page once, and look whether another program holds the loudspeaker",
      });
    }
  }

  /** Where the player's ears are: in metres, in the same axes as `voice.place`. */
  listen(position: Position, forward: Position = [0, 0, -1], up: Position = [0, 1, 0]): void {
    const listener = this.made?.listener;
    if (!listener) return;
    if (!listener.positionX) {
      // Firefox has only the old way.
      listener.setPosition(...position);
      listener.setOrientation(...forward, ...up);
      return;
    }
    const { positionX, positionY, positionZ, forwardX, forwardY, forwardZ, upX, upY, upZ } =
      listener;
    const values = [...position, ...forward, ...up];
    const params = [positionX, positionY, positionZ, forwardX, forwardY, forwardZ, upX, upY, upZ];
    params.forEach((param, i) => {
      param.value = values[i] as number;
    });
  }

  /** The context time, in seconds, of the sample that leaves the loudspeaker now. */
  get heardNow(): number {
    const context = this.made;
    if (!context) return 0;
    if (context.state !== "running") return context.currentTime;
    return performance.now() / 1000 - this.outputOffsetS(context);
  }

  /** Where the context's clock lies on ours; null while there is no context. */
  clock(): AudioClock | null {
    const context = this.made;
    if (!context) return null;
    const originUs = performance.timeOrigin * 1000;
    this.renderOffsetsS.push(performance.now() / 1000 - context.currentTime);
    if (this.renderOffsetsS.length > KEPT) this.renderOffsetsS.shift();
    return {
      outputOffsetUs: originUs + this.outputOffsetS(context) * 1e6,
      renderOffsetUs: originUs + Math.min(...this.renderOffsetsS) * 1e6,
      running: this.running,
    };
  }

  private outputOffsetS(context: AudioContext): number {
    const { contextTime, performanceTime } = context.getOutputTimestamp();
    if (performanceTime && contextTime) return performanceTime / 1000 - contextTime;
    const latency = context.outputLatency || context.baseLatency || 0;
    return performance.now() / 1000 - (context.currentTime - latency);
  }

  private async load(): Promise<AudioContext> {
    if (!globalThis.isSecureContext) throw insecurePage("AudioWorklet");
    const context = this.made ?? new AudioContext({ latencyHint: "interactive" });
    this.made = context;
    context.addEventListener("statechange", () => this.stateChanged());
    try {
      await context.audioWorklet.addModule(this.moduleUrl ?? __AUDIO_URL__);
    } catch (error) {
      throw new FrametalkError({
        code: "audio_unavailable",
        text: `the sound's module cannot be loaded: ${(error as Error).message}`,
        stage: "speak",
        fault: "client",
        remedy: "serve frametalk-audio.js beside frametalk.js, or give its address in `moduleUrl`",
        fatal: true,
      });
    }
    document.addEventListener("visibilitychange", () => this.wake());
    return context;
  }

  private stateChanged(): void {
    this.renderOffsetsS.length = 0;
    this.emit("state", { running: this.running });
  }

  /** Phones stop the sound of a page that is hidden, and may let it go on without another gesture. */
  private wake(): void {
    const context = this.made;
    if (document.visibilityState === "visible" && context && context.state !== "running") {
      context.resume().catch(() => undefined); // then a gesture is needed: the state says so
    }
  }
}

export function insecurePage(what: string): FrametalkError {
  return new FrametalkError({
    code: "insecure_page",
    text: `the browser gives no ${what} to a page without HTTPS`,
    stage: "hear",
    fault: "user",
    remedy: "open the page by https://, or from this machine as http://localhost",
    fatal: true,
  });
}
