/** The microphone on the page's side: permission, devices that come and go, echo cancellation. */

import { FrametalkError } from "../core/errors";
import type { EchoPolicy, MicMode } from "../core/messages";
import type { MicLevel } from "./capture_processor";
import type { ContextClock } from "./clock";
import { type FrametalkAudio, insecurePage } from "./engine";

/** lost: it was there and is gone; it is taken up again as soon as one is there. */
export type MicState = "off" | "starting" | "on" | "lost";

export interface MicOptions {
  /** `open`: the server finds turns in the sound. `ptt`: only between `press` and `release`. */
  mode?: MicMode;
  deviceId?: string;
  noiseSuppression?: boolean;
  autoGainControl?: boolean;
}

export interface MicEvent {
  state: MicState;
  mode: MicMode;
  /** The device's name, once permission is given. */
  device: string;
  /** Whether the system cancels echo; null while there is no device. */
  echoCancelled: boolean | null;
  /** Whether sound goes to the server now. */
  open: boolean;
  muted: boolean;
}

export interface MicEnv {
  echo: EchoPolicy;
  /** Frames come from this port. */
  attach(port: MessagePort): void;
  /** The voice is to hear on this port when the player speaks. */
  heed(port: MessagePort): void;
  set(mode: MicMode | null, inputLatencyS: number): void;
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

export class Microphone {
  /** Loudness of the newest frames, dB of full scale: for a meter. */
  levelDb = -96;
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

  get state(): MicState {
    return this.current;
  }

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

  /** Whether the system takes the loudspeaker out of the sound; null while there is no device. */
  get echoCancelled(): boolean | null {
    return this.device ? Boolean(this.device.track.getSettings().echoCancellation) : null;
  }

  /** Ask for the microphone and listen. Throws FrametalkError `mic_denied`, `mic_absent`, `mic_busy`... */
  async start(options: MicOptions = {}): Promise<void> {
    this.stop();
    this.options = { mode: "open", ...options };
    this.become("starting");
    this.watch();
    try {
      await this.take();
    } catch (error) {
      if (this.current === "starting") this.stop();
      throw error;
    }
  }

  /** Let the device go. */
  stop(): void {
    this.attempt++;
    this.watching?.abort();
    this.watching = null;
    this.letGo();
    if (this.current !== "off") this.become("off");
  }

  /** Another way of taking turns, with the device as it is. */
  set mode(mode: MicMode) {
    this.options.mode = mode;
    if (this.device) this.env.set(mode, this.latencyS);
    this.env.changed(this.event);
  }

  get mode(): MicMode {
    return this.options.mode ?? "open";
  }

  /** The push-to-talk button goes down. */
  press(): void {
    this.env.press(true);
  }

  /** It goes up; sound follows for another quarter of a second. */
  release(): void {
    this.env.press(false);
  }

  /** Send silence instead of sound. */
  set muted(muted: boolean) {
    this.silent = muted;
    this.device?.node.port.postMessage({ mute: muted });
    this.env.changed(this.event);
  }

  get muted(): boolean {
    return this.silent;
  }

  /** The hub opened or closed the way to the server. */
  sent(open: boolean): void {
    this.sending = open;
    this.env.changed(this.event);
  }

  /** When time 0 of its context was rendered, in microseconds of our clock; null: there is no device. */
  renderOffsetUs(): number | null {
    return this.device?.clock.renderOffsetUs() ?? null;
  }

  private get latencyS(): number {
    const settings = this.device?.track.getSettings() as { latency?: number } | undefined;
    return settings?.latency ?? 0;
  }

  private async take(): Promise<void> {
    const attempt = ++this.attempt;
    await this.audio.ready(); // before the question: it fails sooner, and asks nobody
    const stream = await askFor(this.options, this.env.echo);
    const [track] = stream.getAudioTracks();
    const clock = await this.audio.capture(track?.getSettings().sampleRate);
    if (attempt !== this.attempt) {
      for (const each of stream.getTracks()) each.stop();
      this.audio.release(clock);
      return;
    }
    this.letGo();
    this.device = this.connect(clock, stream);
    this.become("on");
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
    // With half_duplex the server does not listen now: nobody can mean to interrupt.
    if (this.env.echo !== "half_duplex") {
      const between = new MessageChannel();
      node.port.postMessage({ voice: between.port1 }, [between.port1]);
      this.env.heed(between.port2);
    }
    if (this.silent) node.port.postMessage({ mute: true });
    source.connect(node);
    this.env.attach(port2);
    track.addEventListener("ended", () => this.lose(track));
    return { stream, track, source, node, clock };
  }

  private lose(track: MediaStreamTrack): void {
    if (this.device?.track !== track) return;
    this.letGo();
    this.become("lost");
    this.env.failed(
      new FrametalkError({
        code: "mic_lost",
        text: "the microphone is gone",
        stage: "hear",
        fault: "user",
        remedy: "plug it in again; another one is taken if there is one",
      }),
    );
    this.recover();
  }

  /** Take whatever microphone there is; if there is none, wait for one. */
  private recover(): void {
    if (this.current !== "lost") return;
    const { deviceId: _gone, ...any } = this.options;
    this.options = any;
    this.take().catch(() => undefined); // it stays lost: `watch` tries again when something changes
  }

  private watch(): void {
    const watching = new AbortController();
    this.watching = watching;
    const again = { signal: watching.signal };
    navigator.mediaDevices?.addEventListener("devicechange", () => this.recover(), again);
    navigator.permissions
      ?.query({ name: "microphone" as PermissionName })
      .then((status) => status.addEventListener("change", () => this.recover(), again))
      .catch(() => undefined); // Firefox knows no such permission
  }

  private letGo(): void {
    const { device } = this;
    this.device = null;
    this.levelDb = -96;
    if (!device) return;
    this.env.set(null, 0);
    device.source.disconnect();
    device.node.port.postMessage({ stop: true });
    device.node.port.close();
    for (const track of device.stream.getTracks()) track.stop();
    this.audio.release(device.clock);
  }

  private become(state: MicState): void {
    this.current = state;
    this.env.changed(this.event);
  }
}

async function askFor(options: MicOptions, echo: EchoPolicy): Promise<MediaStream> {
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
      "the microphone is not allowed here",
      "allow it in the browser's address bar, and in the system's settings",
    ],
    NotFoundError: ["mic_absent", "there is no microphone", "plug one in, or type"],
    OverconstrainedError: ["mic_absent", "the chosen microphone is not there", "choose another"],
    NotReadableError: [
      "mic_busy",
      "the system does not hand out the microphone",
      "close the program that uses it",
    ],
  };
  const [code, text, remedy] = failures[error.name] ?? ["mic_failed", error.message, "try again"];
  return new FrametalkError({ code, text, stage: "hear", fault: "user", remedy });
}
