/** The audio context: unlocked by a gesture, placed on our clock, resumed after the system stops it. */

import { Emitter } from "../core/emitter";
import { FrametalkError } from "../core/errors";
import type { Position } from "../core/messages";
import type { AudioClock } from "../core/protocol";
import { ContextClock } from "./clock";

declare const __AUDIO_URL__: URL;

/** Options of `FrametalkAudio`. */
export interface AudioOptions {
  /** An audio context of your own; default: a new one at the device's rate. */
  context?: AudioContext;
  /** The address of frametalk-audio.js; default: beside this module. */
  moduleUrl?: string | URL;
}

/** Events of `FrametalkAudio`. */
export interface AudioEvents {
  /** The context started, or the system or the browser stopped it. */
  state: { running: boolean };
}

/** A page's sound, which the sessions of several characters can share. */
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

  /** Whether sound plays; false before `unlock`, and while the system has stopped it. */
  get running(): boolean {
    return this.made?.state === "running";
  }

  /**
   * Make the context and load the worklets. The context may not run before `unlock`.
   *
   * Throws FrametalkError `insecure_page`, `audio_unavailable`.
   */
  ready(): Promise<AudioContext> {
    this.loading ??= this.load().catch((error: unknown) => {
      this.loading = null;
      throw error;
    });
    return this.loading;
  }

  /**
   * Start the sound; call it in a click, a key press or a controller's select.
   *
   * Throws FrametalkError `audio_suspended`, and those of `ready`.
   */
  async unlock(): Promise<void> {
    const context = this.made ?? (await this.ready());
    for (const capture of this.captures) capture.resume().catch(() => undefined);
    if (context.state === "running") return;
    await Promise.race([context.resume(), new Promise((resolve) => setTimeout(resolve, 1000))]);
    if (!this.running) {
      throw new FrametalkError({
        code: "audio_suspended",
        text: `the browser does not start the sound (${context.state})`,
        stage: "speak",
        fault: "user",
        remedy: "click the page once, and check whether another program uses the loudspeaker",
      });
    }
  }

  /** Where the player's ears are, in metres, and which way they face, in the axes of `voice.place`. */
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

  /** Where the context's clock lies on ours; null while there is no context. For the session alone. */
  clock(): AudioClock | null {
    if (!this.time) return null;
    const outputOffsetUs = (performance.timeOrigin / 1000 + this.time.outputOffsetS()) * 1e6;
    return { outputOffsetUs, outputMs: this.time.outputMs(), running: this.running };
  }

  /**
   * A context for a microphone of this rate: the voices' own if the rates agree, because a browser that
   * converts delays the sound (by 22 ms, measured). Return it with `release`. For the microphone alone.
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

  /** Close the context of `capture` if it is the microphone's own. For the microphone alone. */
  release({ context }: ContextClock): void {
    if (this.captures.delete(context)) context.close().catch(() => undefined);
  }

  /** End the page's sound. A context that was passed as an option stays open. */
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
    // A browser does not load an address again that has failed once, even if the server is back.
    if (this.failures) url.searchParams.set("again", String(this.failures));
    try {
      await context.audioWorklet.addModule(url);
    } catch (error) {
      this.failures++;
      throw new FrametalkError({
        code: "audio_unavailable",
        text: `frametalk-audio.js cannot be loaded: ${(error as Error).message}`,
        stage: "speak",
        fault: "client",
        remedy: "serve frametalk-audio.js beside frametalk.js, or give its address in `moduleUrl`",
        fatal: true,
      });
    }
  }

  /** Phones stop the sound of a hidden page, and may resume it without another gesture. */
  private wake(): void {
    if (document.visibilityState !== "visible") return;
    for (const context of [this.made, ...this.captures]) {
      // If a gesture is needed, the event `state` has reported it.
      if (context && context.state !== "running") context.resume().catch(() => undefined);
    }
  }
}

function placeEars(listener: AudioListener, position: Position, forward: Position, up: Position) {
  if (!listener.positionX) {
    // Firefox has only the older methods.
    listener.setPosition(...position);
    listener.setOrientation(...forward, ...up);
    return;
  }
  const { positionX, positionY, positionZ, forwardX, forwardY, forwardZ, upX, upY, upZ } = listener;
  const params = [positionX, positionY, positionZ, forwardX, forwardY, forwardZ, upX, upY, upZ];
  const values = [...position, ...forward, ...up];
  for (const [i, param] of params.entries()) param.value = values[i] as number;
}

/** The error of a page without HTTPS, which has no `what`. */
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
