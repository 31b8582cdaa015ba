/** One player's session with one character, for a page. */

import { FrametalkAudio } from "./audio/engine";
import { Microphone } from "./audio/mic";
import { Voice } from "./audio/playback";
import type { ConnectionState } from "./core/connection";
import { Emitter } from "./core/emitter";
import { FrametalkError } from "./core/errors";
import { Focus } from "./core/focus";
import { FrameCosts } from "./core/framecosts";
import { Latency } from "./core/latency";
import { Lips } from "./core/lips";
import type {
  ClientMessage,
  EchoPolicy,
  FloorMode,
  MicMode,
  ReportReason,
  TurnHintKind,
  TurnState,
  Welcome,
} from "./core/messages";
import type { Transport } from "./core/route";
import { Scene } from "./core/scene";
import { Tools } from "./core/tools";
import type { SessionEvents } from "./events";
import { nowUs, type ToHub } from "./host";
import { HubReports } from "./hub_reports";
import { type Link, openLink } from "./link";
import { Mouth } from "./mouth";
import { bestEcho, helloOf, type SessionOptions, serverAddress } from "./options";
import { hasPeers, Peer } from "./peer";

const CLOCK_EVERY_MS = 1000;

/** A session with one character: connection, microphone, voice, mouth, scene and tools. Events: `SessionEvents`. */
export class FrametalkSession extends Emitter<SessionEvents> {
  /** The page's sound. */
  readonly audio: FrametalkAudio;
  /** The character's voice: its volume and place. */
  readonly voice: Voice;
  /** The player's microphone. */
  readonly mic: Microphone;
  /** The character's mouth. */
  readonly mouth: Mouth;
  /** The scene that the character knows. */
  readonly scene: Scene;
  /** What the character can do in the game. */
  readonly tools: Tools;
  /** What the player attends to. */
  readonly focus: Focus;
  /** The times of turns. */
  readonly latency = new Latency();
  /** The server's answer to hello; null before it. */
  welcome: Welcome | null = null;
  /** The newest `turn.state`; null before the first, and without a connection. */
  turn: TurnState | null = null;
  private readonly lips = new Lips();
  private readonly costs: FrameCosts;
  /** The microphone may be started before there is a connection. */
  private earlyMic: { port: MessagePort | null; command: ToHub | null } = {
    port: null,
    command: null,
  };
  private link: Link | null = null;
  private readonly peer = new Peer((data, transfer) => this.link?.send(data, transfer));
  private readonly reports: HubReports;
  private clockTimer: ReturnType<typeof setInterval> | undefined;
  private offSound: () => void = () => undefined;

  constructor(private readonly options: SessionOptions = {}) {
    super();
    this.audio = options.audio ?? new FrametalkAudio();
    this.voice = new Voice();
    this.costs = new FrameCosts(
      (ms) => {
        this.latency.frameMs = ms;
      },
      (cost) => this.command({ do: "frames", cost }),
    );
    this.mouth = new Mouth(this.audio, this.lips, this.costs);
    const send = (message: ClientMessage): void => this.command({ do: "send", message });
    this.scene = new Scene(send);
    this.tools = new Tools(send, (event) => this.emit("tool", event));
    this.focus = new Focus(nowUs, (entity) => send({ type: "focus", entity }));
    this.mic = new Microphone(this.audio, {
      echo: options.echo ?? bestEcho(),
      attach: (port) => this.attachMic(port),
      attachVoice: (port) => this.voice.attachCapture(port),
      set: (mode, inputLatencyS) => this.setMic(mode, inputLatencyS),
      press: (down) => this.command({ do: down ? "press" : "release" }),
      changed: (event) => this.emit("mic", event),
      failed: (error) => this.emit("error", error),
    });
    this.reports = new HubReports(this, this.lips, this.peer, () => this.sendClock());
    this.voice.onstatus = (status) => this.lips.status(status);
  }

  /** What carries the microphone. */
  get transport(): Transport {
    return this.reports.transport;
  }

  /** The connection's state. */
  get state(): ConnectionState {
    return this.reports.state;
  }

  /**
   * Connect and join; define tools before. Later failures come as events.
   *
   * Throws FrametalkError `cannot_connect`, `session_used`, `worker_failed`, `insecure_page`, `audio_unavailable`,
   * and the server's fatal errors.
   */
  async connect(): Promise<Welcome> {
    if (this.link) throw used();
    // Set at once, so that two calls cannot both open one.
    const link = openLink(this.options.workerUrl, (event) => {
      const beganMs = performance.now();
      this.reports.take(event);
      this.costs.spend(beganMs);
    });
    this.link = link;
    try {
      const context = await this.audio.ready();
      const port = this.voice.open(context);
      link.send({ do: "playback", port }, [port]);
    } catch (error) {
      this.shutDown();
      throw error;
    }
    this.offSound = this.audio.on("state", (event) => {
      this.sendClock();
      this.emit("sound", event);
    });
    this.clockTimer = setInterval(() => this.sendClock(), CLOCK_EVERY_MS);
    this.sendClock();
    this.attachEarlyMic();
    return this.join(link);
  }

  /**
   * Start the sound; call it in a click, a key press or a controller's select.
   *
   * Throws FrametalkError `audio_suspended`, `insecure_page`, `audio_unavailable`.
   */
  async unlock(): Promise<void> {
    await this.audio.unlock();
    this.sendClock();
  }

  /**
   * Send a typed turn of 1 to 2,000 characters; while a lost connection can be resumed it is sent later. Throws
   * FrametalkError `not_connected`.
   */
  say(text: string): void {
    if (this.state !== "open" && !this.reports.resumable) throw notConnected();
    this.command({ do: "send", message: { type: "say", text } });
  }

  /** Stop the present reply: the player's stop button. */
  interrupt(): void {
    this.command({ do: "send", message: { type: "interrupt" } });
  }

  /** Set whether the character may speak and listen; `untilMs`: for so long, null: until the next call. */
  floor(mode: FloorMode, untilMs: number | null = null): void {
    this.command({ do: "send", message: { type: "floor.set", mode, until_ms: untilMs } });
  }

  /** Tell the server what the game knows of a turn's end. */
  hint(turn: number, hint: TurnHintKind): void {
    this.command({ do: "send", message: { type: "turn.hint", turn, hint } });
  }

  /**
   * The game stands still (a menu, a level that loads), for at most `forMs`, or goes on. The reply stands still too, and
   * nothing fails meanwhile.
   */
  pause(paused = true, forMs: number | null = null): void {
    this.command({ do: "pause", paused, forMs });
  }

  /** Report what the character said or did in `reply` (null: in the conversation); `text`: up to 1,000 characters. */
  report(reply: number | null = null, reason: ReportReason = "other", text = ""): void {
    this.command({ do: "send", message: { type: "report", reply, reason, text } });
  }

  /** Open a lost connection again now. */
  retry(): void {
    this.command({ do: "retry" });
  }

  /** End the session, with its sound, microphone and connection. To talk again, make a new session. */
  close(reason = ""): void {
    this.mic.stop();
    this.command({ do: "disconnect", reason });
    this.shutDown();
    if (!this.options.audio) this.audio.close();
  }

  // ---- connecting and closing ---------------------------------------------------------------------------------------

  private join(link: Link): Promise<Welcome> {
    return new Promise((resolve, reject) => {
      const done = [
        this.on("welcome", (welcome) => {
          for (const off of done) off();
          resolve(welcome);
        }),
        this.on("connection", ({ state, error }) => {
          if (state !== "closed") return;
          for (const off of done) off();
          reject(error ?? notConnected());
        }),
        this.on("error", (error) => {
          if (error.code !== "worker_failed") return;
          for (const off of done) off();
          this.shutDown();
          reject(error);
        }),
      ];
      const { reconnect = true } = this.options;
      const transport = hasPeers() ? (this.options.transport ?? "auto") : "websocket";
      // A data channel slows down when packets are lost: PCM16 is too much for it then.
      const opus = this.options.opus ?? transport === "webrtc";
      const url = serverAddress(this.options.url);
      const hello = helloOf(this.options, this.echo, this.tools.declare(), transport);
      link.send({ do: "connect", url, hello, reconnect, opus, transport });
    });
  }

  private shutDown(): void {
    clearInterval(this.clockTimer);
    this.offSound();
    this.voice.close();
    this.peer.close();
    const { link } = this;
    this.link = null;
    // A Worker that is ended at once would not send `bye`.
    if (link) setTimeout(() => link.close(), 100);
    this.reports.close();
  }

  private command(command: ToHub): void {
    this.link?.send(command);
  }

  private setMic(mode: MicMode | null, inputLatencyS: number | null): void {
    this.sendClock();
    const command: ToHub = { do: "mic", mode, inputLatencyS };
    if (this.link) this.command(command);
    else this.earlyMic.command = command;
  }

  private attachMic(port: MessagePort): void {
    if (this.link) this.link.send({ do: "capture", port }, [port]);
    else this.earlyMic.port = port;
  }

  private attachEarlyMic(): void {
    const { port, command } = this.earlyMic;
    if (port) this.attachMic(port);
    if (command) this.command(command);
  }

  /** The option, or what the microphone that was started before supports. */
  private get echo(): EchoPolicy {
    const best = this.mic.echoCancelled === false ? "duck" : bestEcho();
    return this.options.echo ?? best;
  }

  private sendClock(): void {
    const clock = this.audio.clock();
    if (clock) this.command({ do: "audio", clock });
    const renderOffsetUs = this.mic.renderOffsetUs();
    if (renderOffsetUs !== null) this.command({ do: "micClock", renderOffsetUs });
  }
}

function notConnected(): FrametalkError {
  return new FrametalkError({
    code: "not_connected",
    text: "there is no connection to the server",
    stage: "link",
    fault: "client",
    remedy: "wait for the event `connection` with the state `open`",
  });
}

function used(): FrametalkError {
  return new FrametalkError({
    code: "session_used",
    text: "connect() was already called",
    stage: "session",
    fault: "client",
    remedy: "make a new FrametalkSession",
  });
}
