/** The tavern: page, scene and session put together. */

import { FrametalkAudio } from "frametalk";
import { PerspectiveCamera, Vector3, WebGLRenderer } from "three";
import { Game } from "./game.ts";
import { Cost } from "./page/cost.ts";
import { welcomeGuests } from "./page/guest.ts";
import { rows, show } from "./page/latency.ts";
import { Look } from "./page/look.ts";
import { type Choice, View } from "./page/view.ts";
import { EYE_HEIGHT, Stage } from "./stage.ts";
import { Talk } from "./talk.ts";
import { Headset } from "./xr/headset.ts";
import { Immersion } from "./xr/immersion.ts";

const LATENCY_EVERY_MS = 250;
// Beside the view of a screen, in the camera's own space: what the player carries.
const BELT = { x: -0.42, y: -0.14, z: -0.85, step: 0.09 };

class Tavern {
  readonly game = new Game();
  readonly cost = new Cost();
  readonly audio = new FrametalkAudio();
  readonly view: View;
  readonly stage: Stage;
  readonly immersion: Immersion;
  readonly headset: Headset;
  talk: Talk | null = null;
  private readonly renderer: WebGLRenderer;
  private readonly camera = new PerspectiveCamera(44, 1, 0.05, 40);
  private readonly look: Look;
  private readonly eye = new Vector3();
  private readonly ahead = new Vector3();
  private readonly mouth = new Vector3();
  private lastS = 0;
  private shownMs = 0;

  constructor() {
    this.view = new View({
      join: (choice) => void this.join(choice),
      leave: () => this.leave(),
      press: () => this.talk?.session.mic.press(),
      release: () => this.talk?.session.mic.release(),
      say: (text) => this.say(text),
      mute: (muted) => {
        if (this.talk) this.talk.session.voice.volume = muted ? 0 : 1;
      },
      showLatency: (shown) => {
        this.view.latency.hidden = !shown;
      },
      enter: (kind) => void this.headset.enter(kind),
    });
    this.renderer = new WebGLRenderer({ canvas: this.view.canvas, antialias: true, alpha: true });
    Stage.prepare(this.renderer);
    this.immersion = new Immersion(this.camera);
    this.stage = new Stage(this.game, { slot: (index) => this.slot(index) });
    this.camera.position.set(0, EYE_HEIGHT, 0);
    this.stage.player.add(this.camera);
    this.look = new Look(this.view.canvas);
    this.headset = new Headset(this.renderer, this.stage.player, {
      entered: (kind) => this.immersion.entered(kind, this.stage),
      left: () => this.immersion.left(this.stage),
      press: () => this.talk?.session.mic.press(),
      release: () => this.talk?.session.mic.release(),
      visible: (here) => this.talk?.session.floor(here ? "free" : "hold"),
      failed: (error) =>
        this.view.problem(
          "xr_failed",
          `The headset does not begin: ${error}`,
          "Is it on, and free?",
        ),
    });
    this.view.offer(
      [
        ["en", "English"],
        ["en-us", "English, American"],
        ["en-gb-scotland", "English, Scottish"],
      ],
      [],
    );
    new ResizeObserver(() => this.fit()).observe(this.view.canvas);
    this.fit();
    welcomeGuests({
      recast: (character) => this.stage.recast(character),
      problem: (text, remedy) => this.view.problem("vrm_failed", text, remedy),
    });
    void this.offerXr();
    void this.offerCharacters();
    this.renderer.setAnimationLoop((timeMs, frame) => this.frame(timeMs / 1000, frame));
  }

  // ---- coming and going -----------------------------------------------------------------------------

  private async join(choice: Choice): Promise<void> {
    const talk = new Talk(choice, this.audio, this.game, this.stage, this.view);
    this.talk = talk;
    try {
      await talk.join();
      this.view.joined(true);
    } catch (error) {
      this.leave();
      talk.failed(error);
    }
  }

  private leave(): void {
    this.talk?.leave();
    this.talk = null;
    this.view.joined(false);
    this.view.connection("away", "not connected");
  }

  private say(text: string): void {
    try {
      this.talk?.session.say(text);
    } catch (error) {
      this.talk?.failed(error);
    }
  }

  private async offerXr(): Promise<void> {
    for (const kind of ["vr", "ar"] as const) this.view.offerXr(kind, await Headset.offers(kind));
  }

  private async offerCharacters(): Promise<void> {
    const answer = await fetch("/healthz").catch(() => null);
    const health = (await answer?.json().catch(() => null)) as { characters?: string[] } | null;
    const names = health?.characters ?? [];
    this.view.offer(
      [],
      names.map((name) => [name, name]),
    );
  }

  // ---- frames ---------------------------------------------------------------------------------------

  private frame(timeS: number, frame: XRFrame | undefined): void {
    const stepS = Math.min(0.1, timeS - this.lastS);
    this.lastS = timeS;
    const session = this.talk?.session;
    const mouth = session?.mouth ?? null;
    const weights = mouth?.weights();
    this.cost.begin(mouth, session?.welcome?.rate_hz ?? 1, (weights?.sil ?? 1) < 1);
    this.stage.character.speak(weights ?? { sil: 1 });
    const camera = this.headset.inside ? this.renderer.xr.getCamera() : this.camera;
    if (!this.headset.inside) this.look.apply(this.camera);
    camera.getWorldPosition(this.eye);
    camera.getWorldDirection(this.ahead);
    this.stage.character.watch(this.eye);
    this.stage.update(timeS, stepS);
    this.headset.update(frame);
    if (session) this.attend(session);
    this.cost.end();
    this.immersion.update(this.talk, this.cost, !this.view.latency.hidden);
    this.renderer.render(this.stage.scene, this.camera);
    this.showLatency(timeS * 1000);
  }

  /** Where the ears are, where the mouth is, what is looked and pointed at. */
  private attend({ audio, voice, focus }: Talk["session"]): void {
    const { eye, ahead } = this;
    audio.listen(eye.toArray(), ahead.toArray());
    voice.place(this.stage.character.eyes(this.mouth).toArray());
    const pointers = this.headset.inside ? this.headset.pointers() : this.mouse();
    focus.gaze(this.stage.pointedAt(eye, ahead));
    const pointed = pointers.map(({ origin, direction }) =>
      this.stage.pointedAt(origin, direction),
    );
    focus.point(pointed.find((id) => id !== null) ?? null);
  }

  private mouse(): { origin: Vector3; direction: Vector3 }[] {
    const at = this.look.pointer;
    if (!at) return [];
    const direction = new Vector3(at.x, at.y, 0.5).unproject(this.camera).sub(this.eye).normalize();
    return [{ origin: this.eye, direction }];
  }

  private showLatency(nowMs: number): void {
    if (this.view.latency.hidden || !this.talk || nowMs - this.shownMs < LATENCY_EVERY_MS) return;
    this.shownMs = nowMs;
    show(this.view.latency, rows(this.talk.session, this.cost));
  }

  private slot(index: number) {
    const at = this.immersion.belt(index);
    at.position.set(BELT.x + index * BELT.step, BELT.y, BELT.z);
    return at;
  }

  private fit(): void {
    const { clientWidth, clientHeight } = this.view.canvas;
    if (this.headset.inside || !clientWidth || !clientHeight) return;
    this.renderer.setPixelRatio(Math.min(2, devicePixelRatio));
    this.renderer.setSize(clientWidth, clientHeight, false);
    this.camera.aspect = clientWidth / clientHeight;
    // On an upright screen as much of the blacksmith is seen as on a wide one.
    this.camera.fov = this.camera.aspect < 0.9 ? 60 : 44;
    this.camera.updateProjectionMatrix();
  }
}

/** For the console, and for tests. */
declare global {
  var tavern: Tavern;
}

globalThis.tavern = new Tavern();
