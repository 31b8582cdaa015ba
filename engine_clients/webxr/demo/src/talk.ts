/** This page's session: shows the library's events, and offers the tavern's rules as tools. */

import {
  type CaptionEvent,
  type ConnectionEvent,
  type FrametalkAudio,
  FrametalkError,
  FrametalkSession,
  type MarkEvent,
  type MicEvent,
  Refusal,
  type ReplyEvent,
  type ToolEvent,
  type Transcript,
  type TurnState,
} from "frametalk";
import type { Mood } from "./character/pose.ts";
import type { Game } from "./game.ts";
import type { Choice, View } from "./page/view.ts";
import type { Stage } from "./stage.ts";

const MOODS: Record<string, Mood> = {
  hearing: "listening",
  holding: "listening",
  ducked: "listening",
  thinking: "thinking",
};
const ACTION_SHOWN_MS = 6000;
const CAPTION_CHARACTERS = 140; // of the words before the present clause

/** The captions, on the page or on a headset's panel. */
export interface Captions {
  player: string;
  unstable: string;
  heard: string;
  unheard: string;
}

/** One visit: from joining to leaving. */
export class Talk {
  readonly session: FrametalkSession;
  captions: Captions = { player: "", unstable: "", heard: "", unheard: "" };
  private sounding: number | null = null;
  private actionTimer = 0;
  private micState: MicEvent["state"] = "off";
  private readonly unsubscribe: (() => void)[];

  constructor(
    private readonly choice: Choice,
    audio: FrametalkAudio,
    private readonly game: Game,
    private readonly stage: Stage,
    private readonly view: View,
  ) {
    const { character, language } = choice;
    this.session = new FrametalkSession({
      audio,
      client: { name: "tavern" },
      ...(language ? { language } : {}),
      ...(character ? { character } : {}),
    });
    this.defineTools();
    const { session } = this;
    this.unsubscribe = [
      session.on("connection", (event) => this.connected(event)),
      session.on("transport", () => this.carried()),
      session.on("turn", (state) => this.turned(state)),
      session.on("transcript", (transcript) => this.understood(transcript)),
      session.on("reply", (event) => this.replied(event)),
      session.on("caption", (event) => this.said(event)),
      session.on("mark", (event) => this.marked(event)),
      session.on("tool", (event) => this.acted(event)),
      session.on("mic", (event) => this.listening(event)),
      session.on("sound", ({ running }) => this.sounds(running)),
      session.on("error", (error) => this.failed(error)),
    ];
  }

  /** Connect, send the scene, start the microphone. Call it in a gesture. */
  async join(): Promise<void> {
    const { session } = this;
    await session.unlock();
    this.view.connection("trying", "connecting");
    session.scene.snapshot(this.game.entities);
    await session.connect();
    session.scene.event("player_entered", { entity: "player" });
    if (this.choice.mode !== "none") await this.listen();
  }

  /** Start the sound again, within a gesture. */
  unlock(): void {
    this.session.unlock().catch((error: unknown) => this.failed(error));
  }

  /** Start the microphone; without one the player may still type. */
  async listen(): Promise<void> {
    const { mode } = this.choice;
    if (mode === "none") return;
    try {
      await this.session.mic.start({ mode });
      for (const code of ["mic_denied", "mic_absent", "mic_busy", "mic_failed"])
        this.view.solved(code);
    } catch (error) {
      this.view.microphone("none");
      this.failed(error);
    }
  }

  leave(): void {
    // Events that still arrive must not change the page.
    for (const off of this.unsubscribe) off();
    clearTimeout(this.actionTimer);
    this.session.close("the player left");
    this.stage.character.be("idle");
  }

  // ---- the game's side ------------------------------------------------------------------------------

  private defineTools(): void {
    for (const { rules: _rules, ...spec } of this.game.tools) {
      this.session.tools.define(spec, (args) => {
        const decision = this.game.decide(spec.name, args);
        if (decision.refused) throw new Refusal(decision.refused);
        this.game.change(decision);
        this.session.scene.patch({ state: decision.state, move: decision.move });
        this.stage.refresh(spec.name === "give" ? String(args.target) : null);
        if (decision.move.player) this.stage.walk();
        return decision.value;
      });
    }
  }

  // ---- events of the session ------------------------------------------------------------------------

  private connected({ state, retryMs, resumable }: ConnectionEvent): void {
    const seconds = retryMs === null ? "" : `, again in ${Math.ceil(retryMs / 1000)} s`;
    if (state === "open") {
      this.carried();
      for (const code of ["cannot_connect", "connection_lost", "server_stopped"])
        this.view.solved(code);
    } else if (resumable) this.view.connection("lost", "reconnecting, nothing is lost");
    else if (state === "waiting") this.view.connection("lost", `connection lost${seconds}`);
    else if (state === "closed") this.view.connection("away", "not connected");
    else this.view.connection("trying", "connecting");
    if (state !== "open") this.stage.character.be("idle");
  }

  /** Connected: show what carries the microphone, unless it is the usual. */
  private carried(): void {
    const { state, transport } = this.session;
    const by = transport === "webrtc" ? ", microphone by WebRTC" : "";
    if (state === "open") this.view.connection("here", `connected${by}`);
  }

  private turned({ state, gesture }: TurnState): void {
    this.view.hearing(state === "hearing" || state === "ducked");
    const mood = MOODS[state];
    if (mood) this.stage.character.be(mood);
    else if (this.sounding === null) this.stage.character.be("idle");
    if (gesture) this.stage.character.gesture(gesture);
  }

  private understood({ text, stable = 0, final = false }: Transcript): void {
    const shown = final ? text.length : stable;
    this.show({ player: text.slice(0, shown), unstable: text.slice(shown) });
    if (final && text) this.view.tell(`You: ${text}`);
  }

  private replied(event: ReplyEvent): void {
    if (event.phase === "begin") {
      this.show({ heard: "", unheard: "" });
    } else if (event.phase === "sounding") {
      this.sounding = event.reply;
      this.stage.character.be("talking");
    } else if (event.reply === this.sounding) {
      this.sounding = null;
      this.stage.character.be("idle");
      const { heard, unheard } = this.captions;
      // Words that were cut were not said.
      this.show({ heard: event.how === "finished" ? heard + unheard : heard, unheard: "" });
      if (this.view.muted)
        this.view.tell(`${this.game.entity("blacksmith")?.name}: ${heard}${unheard}`);
    }
  }

  private said({ text }: CaptionEvent): void {
    const before = `${this.captions.heard}${this.captions.unheard}`.slice(-CAPTION_CHARACTERS);
    this.show({ heard: before ? `${before} ` : "", unheard: text });
  }

  private marked({ mark }: MarkEvent): void {
    if (mark.kind === "gesture") this.stage.character.gesture(mark.name);
    else if (mark.kind === "emotion") this.stage.character.feel(mark.name, mark.value ?? 1);
    else if (mark.kind === "word") {
      const { heard, unheard } = this.captions;
      const end = unheard.indexOf(mark.name) + mark.name.length;
      if (end >= mark.name.length) {
        this.show({ heard: heard + unheard.slice(0, end), unheard: unheard.slice(end) });
      }
    }
  }

  private acted({ name, args, state, reason }: ToolEvent): void {
    if (state === "called") return;
    const shown = Object.values(args).map(
      (arg) => this.game.entity(String(arg))?.name ?? String(arg),
    );
    this.view.action(`${name} ${shown.join(" ")}: ${state}${reason ? `, ${reason}` : ""}`);
    clearTimeout(this.actionTimer);
    this.actionTimer = window.setTimeout(() => this.view.action(""), ACTION_SHOWN_MS);
  }

  private listening({ state, open }: MicEvent): void {
    if (state === "on") this.view.solved("mic_lost");
    // Showing a mode mutes or unmutes, which calls this again.
    const news = state !== this.micState;
    this.micState = state;
    if (news && state === "on") this.view.microphone(this.choice.mode);
    if (news && state === "lost") this.view.microphone("none");
    if (!open) this.view.hearing(false);
  }

  private sounds(running: boolean): void {
    if (running) this.view.solved("audio_suspended");
    else this.suspended();
  }

  private suspended(): void {
    this.view.problem(
      "audio_suspended",
      "The browser has stopped the sound.",
      "Click to start it again.",
      () => this.unlock(),
    );
  }

  failed(error: unknown): void {
    if (!(error instanceof FrametalkError)) throw error;
    const { code, text, remedy } = error;
    const again = code.startsWith("mic_") ? () => void this.listen() : undefined;
    if (code === "audio_suspended") this.suspended();
    else this.view.problem(code, text, remedy, again);
  }

  private show(changed: Partial<Captions>): void {
    this.captions = { ...this.captions, ...changed };
    const { player, unstable, heard, unheard } = this.captions;
    this.view.captions(player, unstable, heard, unheard);
  }
}
