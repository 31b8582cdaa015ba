/** The microphone on the page's side: permission, changing devices, echo cancellation. */

import { FrametalkError } from "../core/errors";
import type { EchoPolicy, MicMode } from "../core/messages";
import { SILENCE_DB } from "../core/onset";
import type { MicLevel } from "./capture_processor";
import type { ContextClock } from "./clock";
import { type FrametalkAudio, insecurePage } from "./engine";

/**
 * `off`: not started. `starting`: permission is being asked for. `on`: a device is open. `lost`: the device was
 * unplugged; another one is opened as soon as there is one.
 */
export type MicState = "off" | "starting" | "on" | "lost";

/** Options of `mic.start`. */
export interface MicOptions {
  /** `open`: the server finds turns in the sound. `ptt`: sound is sent only between `press` and `release`. */
  mode?: MicMode;
  /** A `deviceId` of `enumerateDevices`; default: the system's choice. */
  deviceId?: string;
  /** Whether the browser suppresses noise; default true. */
  noiseSuppression?: boolean;
  /** Whether the browser adjusts the gain; default true. */
  autoGainControl?: boolean;
}

/** The microphone changed: its state, mode, device, or whether sound is sent. */
export interface MicEvent {
  /** Whether there is a device. */
  state: MicState;
  /** Open, or push-to-talk. */
  mode: MicMode;
  /** The device's name; empty until permission is given. */
  device: string;
  /** Whether the system cancels echo; null while there is no device. */
  echoCancelled: boolean | null;
  /** Whether sound is sent to the server now. */
  open: boolean;
  /** Whether silence is sent in place of sound. */
  muted: boolean;
}

/** What the session provides to its microphone. */
export interface MicEnv {
  echo: EchoPolicy;
  /** The hub receives frames on this port. */
  attach(port: MessagePort): void;
  /** The voice receives the capture's messages on this port. */
  attachVoice(port: MessagePort): void;
  set(mode: MicMode | null, inputLatencyS: number | null): void;
  press(down: boolean): void;
  changed(event: MicEvent): void;
  failed(error: FrametalkError): void;
}

interface Device {
  stream: MediaStream;
  track: MediaStreamTrack;
  source: MediaStreamAudioSourceNode;
  node: AudioWorkletNode;
  clock: ContextClock;
}

/** The player's microphone. */
export class Microphone {
  /** Peak of the newest frame, in dB of full scale (-96 to 0), for a meter. */
  levelDb = SILENCE_DB;
  private device: Device | null = null;
  private current: MicState = "off";
  private options: MicOptions = {};
  private silent = false;
  private sending = false;
  private attempt = 0;
  private watching: AbortController | null = null;

  constructor(
    private readonly audio: FrametalkAudio,
    private readonly env: MicEnv,
  ) {}

  /** Whether there is a device. */
  get state(): MicState {
    return this.current;
  }

  /** The microphone's present state, as the event `mic` carries it. */
  get event(): MicEvent {
    return {
      state: this.current,
      mode: this.options.mode ?? "open",
      device: this.device?.track.label ?? "",
      echoCancelled: this.echoCancelled,
      open: this.sending,
      muted: this.silent,
    };
  }

  /** Whether the system cancels echo; null while there is no device. */
  get echoCancelled(): boolean | null {
    return this.device ? Boolean(this.device.track.getSettings().echoCancellation) : null;
  }

  /**
   * Ask for permission and open the microphone. May be called before `connect`.
   *
   * Throws FrametalkError `mic_denied`, `mic_absent`, `mic_busy`, `mic_failed`, `insecure_page`,
   * `audio_unavailable`.
   */
  async start(options: MicOptions = {}): Promise<void> {
    this.stop();
    this.options = { mode: "open", ...options };
    this.setState("starting");
    this.watch();
    try {
      await this.openDevice();
    } catch (error) {
      if (this.current === "starting") this.stop();
      throw error;
    }
  }

  /** Close the device. */
  stop(): void {
    this.attempt++;
    this.watching?.abort();
    this.watching = null;
    this.closeDevice();
    if (this.current !== "off") this.setState("off");
  }

  /** Open, or push-to-talk; may be changed while the microphone is on. */
  get mode(): MicMode {
    return this.options.mode ?? "open";
  }

  set mode(mode: MicMode) {
    this.options.mode = mode;
    if (this.device) this.env.set(mode, this.latencyS);
    this.env.changed(this.event);
  }

  /** The push-to-talk button is pressed. Interrupts a reply that is playing. */
  press(): void {
    this.env.press(true);
  }

  /** The push-to-talk button is released. Sound is sent for another 250 ms. */
  release(): void {
    this.env.press(false);
  }

  /** Whether silence is sent in place of sound. */
  get muted(): boolean {
    return this.silent;
  }

  set muted(muted: boolean) {
    this.silent = muted;
    this.device?.node.port.postMessage({ mute: muted });
    this.env.changed(this.event);
  }

  /** The hub opened or closed the stream to the server. For the session alone. */
  sent(open: boolean): void {
    this.sending = open;
    this.env.changed(this.event);
  }

  /** When time 0 of its context was rendered, in microseconds of our clock; null: no device. For the session alone. */
  renderOffsetUs(): number | null {
    return this.device?.clock.renderOffsetUs() ?? null;
  }

  /** What the browser says of the way from the microphone to the page; null: nothing. */
  private get latencyS(): number | null {
    const settings = this.device?.track.getSettings() as { latency?: number } | undefined;
    return settings?.latency ?? null;
  }

  private async openDevice(): Promise<void> {
    const attempt = ++this.attempt;
    await this.audio.ready(); // before the permission prompt, because it may fail
    const stream = await requestDevice(this.options, this.env.echo);
    const [track] = stream.getAudioTracks();
    const clock = await this.audio.capture(track?.getSettings().sampleRate);
    if (attempt !== this.attempt) {
      for (const extra of stream.getTracks()) extra.stop();
      this.audio.release(clock);
      return;
    }
    this.closeDevice();
    this.device = this.connect(clock, stream);
    this.setState("on");
    this.env.set(this.mode, this.latencyS);
    if (this.env.echo === "platform_aec" && this.echoCancelled === false) {
      this.env.failed(
        new FrametalkError({
          code: "echo_not_cancelled",
          text: "the system does not cancel echo on this microphone",
          stage: "hear",
          fault: "user",
          remedy: 'use headphones, or connect with `echo: "duck"`',
        }),
      );
    }
  }

  private connect(clock: ContextClock, stream: MediaStream): Device {
    const { context } = clock;
    const track = stream.getAudioTracks()[0] as MediaStreamTrack;
    const source = context.createMediaStreamSource(stream);
    const node = new AudioWorkletNode(context, "frametalk-capture", {
      numberOfInputs: 1,
      numberOfOutputs: 0,
      channelCount: 1,
      channelCountMode: "explicit",
    });
    node.port.onmessage = ({ data }: MessageEvent<MicLevel>) => {
      this.levelDb = data.levelDb;
    };
    const { port1, port2 } = new MessageChannel();
    node.port.postMessage({ hub: port1 }, [port1]);
    // With half_duplex the server does not listen during a reply, so the voice need not be lowered.
    if (this.env.echo !== "half_duplex") {
      const between = new MessageChannel();
      node.port.postMessage({ voice: between.port1 }, [between.port1]);
      this.env.attachVoice(between.port2);
    }
    if (this.silent) node.port.postMessage({ mute: true });
    source.connect(node);
    this.env.attach(port2);
    track.addEventListener("ended", () => this.lose(track));
    return { stream, track, source, node, clock };
  }

  private lose(track: MediaStreamTrack): void {
    if (this.device?.track !== track) return;
    this.closeDevice();
    this.setState("lost");
    this.env.failed(
      new FrametalkError({
        code: "mic_lost",
        text: "the microphone was unplugged",
        stage: "hear",
        fault: "user",
        remedy: "plug it in again; another microphone is used if there is one",
      }),
    );
    this.recover();
  }

  /** Open any microphone; if there is none, wait for one. */
  private recover(): void {
    if (this.current !== "lost") return;
    const { deviceId: _gone, ...any } = this.options;
    this.options = any;
    this.openDevice().catch(() => undefined); // it stays lost; `watch` tries again when something changes
  }

  private watch(): void {
    const watching = new AbortController();
    this.watching = watching;
    const options = { signal: watching.signal };
    navigator.mediaDevices?.addEventListener("devicechange", () => this.recover(), options);
    navigator.permissions
      ?.query({ name: "microphone" as PermissionName })
      .then((status) => status.addEventListener("change", () => this.recover(), options))
      .catch(() => undefined); // Firefox does not have this permission
  }

  private closeDevice(): void {
    const { device } = this;
    this.device = null;
    this.levelDb = SILENCE_DB;
    if (!device) return;
    this.env.set(null, null);
    device.source.disconnect();
    device.node.port.postMessage({ stop: true });
    device.node.port.close();
    for (const track of device.stream.getTracks()) track.stop();
    this.audio.release(device.clock);
  }

  private setState(state: MicState): void {
    this.current = state;
    this.env.changed(this.event);
  }
}

async function requestDevice(options: MicOptions, echo: EchoPolicy): Promise<MediaStream> {
  if (!globalThis.isSecureContext || !navigator.mediaDevices) throw insecurePage("microphone");
  const audio: MediaTrackConstraints = {
    channelCount: 1,
    echoCancellation: echo !== "none",
    noiseSuppression: options.noiseSuppression ?? true,
    autoGainControl: options.autoGainControl ?? true,
  };
  if (options.deviceId) audio.deviceId = { exact: options.deviceId };
  try {
    return await navigator.mediaDevices.getUserMedia({ audio });
  } catch (error) {
    throw micError(error as DOMException);
  }
}

function micError(error: DOMException): FrametalkError {
  const failures: Record<string, [string, string, string]> = {
    NotAllowedError: [
      "mic_denied",
      "this page has no permission to use the microphone",
      "allow it in the browser's address bar, and in the system's settings",
    ],
    NotFoundError: ["mic_absent", "there is no microphone", "plug one in, or type"],
    OverconstrainedError: [
      "mic_absent",
      "the chosen microphone is not connected",
      "choose another",
    ],
    NotReadableError: ["mic_busy", "another program uses the microphone", "close that program"],
  };
  const [code, text, remedy] = failures[error.name] ?? ["mic_failed", error.message, "try again"];
  return new FrametalkError({ code, text, stage: "hear", fault: "user", remedy });
}
