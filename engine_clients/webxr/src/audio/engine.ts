/** The audio context: unlocked by a gesture, placed on our clock, woken up when the system stops it. */

import { Emitter } from "../core/emitter";
import { FrametalkError } from "../core/errors";
import type { Position } from "../core/messages";
import type { AudioClock } from "../core/protocol";
import { ContextClock } from "./clock";

declare const __AUDIO_URL__: URL;

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
  private failures = 0;
  private made: AudioContext | null;
  private time: ContextClock | null = null;
  private loading: Promise<AudioContext> | null = null;
  private readonly moduleUrl: string | URL | undefined;
  private readonly captures = new Set<AudioContext>();
  private readonly life = new AbortController();
  private readonly owned: boolean;

  constructor(options: AudioOptions = {}) {
    super();
    this.made = options.context ?? null;
    this.owned = !options.context;
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
    for (const capture of this.captures) capture.resume().catch(() => undefined);
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
    if (this.made) placeEars(this.made.listener, position, forward, up);
  }

  /** The context time, in seconds, of the sample that leaves the loudspeaker now. */
  get heardNow(): number {
    const { made, time } = this;
    if (!made || !time) return 0;
    if (made.state !== "running") return made.currentTime;
    return performance.now() / 1000 - time.outputOffsetS();
  }

  /** Where the context's clock lies on ours; null while there is no context. */
  clock(): AudioClock | null {
    if (!this.time) return null;
    const outputOffsetUs = (performance.timeOrigin / 1000 + this.time.outputOffsetS()) * 1e6;
    return { outputOffsetUs, running: this.running };
  }

  /**
   * A context for a microphone of this rate: the voices' own where the rates agree, for a browser that
   * converts holds the sound back (22 ms were measured). Give it back with `release`.
   */
  async capture(rateHz: number | undefined): Promise<ContextClock> {
    const context = await this.ready();
    if (this.time && (rateHz ?? context.sampleRate) === context.sampleRate) return this.time;
    const own = new AudioContext({ latencyHint: "interactive", sampleRate: rateHz as number });
    this.captures.add(own);
    await this.addModule(own);
    if (own.state !== "running") own.resume().catch(() => undefined); // else `unlock` will do it
    return new ContextClock(own);
  }

  /** The microphone is done with its context. */
  release({ context }: ContextClock): void {
    if (this.captures.delete(context)) context.close().catch(() => undefined);
  }

  /** The page is done with sound; a context that it brought itself stays. */
  close(): void {
    this.life.abort();
    for (const context of this.captures) context.close().catch(() => undefined);
    if (this.owned) this.made?.close().catch(() => undefined);
  }

  private async load(): Promise<AudioContext> {
    if (!globalThis.isSecureContext) throw insecurePage("AudioWorklet");
    const context = this.made ?? new AudioContext({ latencyHint: "interactive" });
    this.made = context;
    this.time = new ContextClock(context);
    const { signal } = this.life;
    const changed = (): void => this.emit("state", { running: this.running });
    context.addEventListener("statechange", changed, { signal });
    await this.addModule(context);
    document.addEventListener("visibilitychange", () => this.wake(), { signal });
    return context;
  }

  private async addModule(context: AudioContext): Promise<void> {
    const url = new URL(this.moduleUrl ?? __AUDIO_URL__, location.href);
    // A browser asks no more for an address that has failed once, though the server is back.
    if (this.failures) url.searchParams.set("again", String(this.failures));
    try {
      await context.audioWorklet.addModule(url);
    } catch (error) {
      this.failures++;
      throw new FrametalkError({
        code: "audio_unavailable",
        text: `the sound's module cannot be loaded: ${(error as Error).message}`,
        stage: "speak",
        fault: "client",
        remedy: "serve frametalk-audio.js beside frametalk.js, or give its address in `moduleUrl`",
        fatal: true,
      });
    }
  }

  /** Phones stop the sound of a page that is hidden, and may let it go on without another gesture. */
  private wake(): void {
    if (document.visibilityState !== "visible") return;
    for (const context of [this.made, ...this.captures]) {
      // Where a gesture is needed, the event `state` has said so.
      if (context && context.state !== "running") context.resume().catch(() => undefined);
    }
  }
}

function placeEars(listener: AudioListener, position: Position, forward: Position, up: Position) {
  if (!listener.positionX) {
    // Firefox has only the old way.
    listener.setPosition(...position);
    listener.setOrientation(...forward, ...up);
    return;
  }
  const { positionX, positionY, positionZ, forwardX, forwardY, forwardZ, upX, upY, upZ } = listener;
  const params = [positionX, positionY, positionZ, forwardX, forwardY, forwardZ, upX, upY, upZ];
  const values = [...position, ...forward, ...up];
  for (const [i, param] of params.entries()) param.value = values[i] as number;
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
