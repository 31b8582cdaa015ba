/** The tavern: joins page, scene and session. */

import { FrametalkAudio } from "frametalk";
import { PerspectiveCamera, Vector3, WebGLRenderer } from "three";
import { Game } from "./game.ts";
import { Cost } from "./page/cost.ts";
import { rows, Table } from "./page/latency.ts";
import { Look } from "./page/look.ts";
import { offerModels } from "./page/model.ts";
import { type Choice, View } from "./page/view.ts";
import { EYE_HEIGHT, Stage } from "./stage.ts";
import { Talk } from "./talk.ts";
import { Headset, type Kind, type Pointer } from "./xr/headset.ts";
import { Immersion } from "./xr/immersion.ts";

const LATENCY_EVERY_MS = 500;
const LANGUAGES: [string, string][] = [
  ["en", "English"],
  ["en-us", "English, American"],
  ["en-gb-scotland", "English, Scottish"],
];
// The vertical field of view in degrees; an upright screen shows as much of the blacksmith as a wide one.
const VIEW = { wide: 50, upright: 60 };
const AT_REST = { sil: 1 };
const UP: [number, number, number] = [0, 1, 0];

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
  private readonly mouse: Pointer = { origin: this.eye, direction: new Vector3() };
  private readonly place: [number, number, number] = [0, 0, 0];
  private readonly lips: [number, number, number] = [0, 0, 0];
  private readonly towards: [number, number, number] = [0, 0, -1];
  private readonly table: Table;
  private lastS = 0;
  private shownMs = 0;

  constructor() {
    this.view = new View({
      join: (choice) => void this.join(choice),
      leave: () => this.leave(),
      press: () => this.talk?.session.mic.press(),
      release: () => this.talk?.session.mic.release(),
      muteMicrophone: (muted) => {
        if (this.talk) this.talk.session.mic.muted = muted;
      },
      say: (text) => this.say(text),
      mute: (muted) => {
        if (this.talk) this.talk.session.voice.volume = muted ? 0 : 1;
      },
      showLatency: (shown) => {
        this.view.latency.hidden = !shown;
      },
      enter: (kind) => void this.headset.enter(kind),
    });
    this.table = new Table(this.view.latency);
    this.renderer = new WebGLRenderer({ canvas: this.view.canvas, antialias: true, alpha: true });
    Stage.prepare(this.renderer);
    this.immersion = new Immersion(this.camera);
    this.stage = new Stage(this.game, { slot: (index) => this.immersion.belt(index) });
    this.camera.position.set(0, EYE_HEIGHT, 0);
    this.stage.player.add(this.camera);
    this.look = new Look(this.view.canvas);
    this.headset = new Headset(this.renderer, this.stage.player, {
      entered: (kind) => this.entered(kind),
      left: () => this.left(),
      press: () => this.talk?.session.mic.press(),
      release: () => this.talk?.session.mic.release(),
      visible: (here) => this.talk?.session.floor(here ? "free" : "hold"),
      failed: (error) =>
        this.view.problem(
          "xr_failed",
          `The headset does not start: ${error}`,
          "Check that it is switched on and not in use.",
        ),
    });
    this.view.offer("language", LANGUAGES);
    new ResizeObserver(() => this.fit()).observe(this.view.canvas);
    this.fit();
    offerModels({
      recast: (character) => this.stage.recast(character),
      problem: (text, remedy) => this.view.problem("vrm_failed", text, remedy),
    });
    void this.offerXr();
    void this.offerCharacters();
    this.renderer.setAnimationLoop((timeMs, frame) => this.frame(timeMs / 1000, frame));
  }

  // ---- joining and leaving -----------------------------------------------------------------------------

  private async join(choice: Choice): Promise<void> {
    if (this.talk) return; // a second click
    const talk = new Talk(choice, this.audio, this.game, this.stage, this.view);
    this.talk = talk;
    this.view.joining(true);
    try {
      await talk.join();
      this.view.joined(true);
    } catch (error) {
      this.leave();
      // Without a server no file loads either, and an error about a file would be misleading.
      if (await health()) talk.failed(error);
      else this.view.problem("cannot_connect", "The server does not answer.", "Start it again.");
    } finally {
      this.view.joining(false);
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

  private entered(kind: Kind): void {
    this.immersion.entered(kind, this.stage);
    // The system may have stopped the sound while it switched displays and loudspeakers.
    this.talk?.unlock();
  }

  private left(): void {
    // A headset has moved this camera to the head's position.
    this.camera.position.set(0, EYE_HEIGHT, 0);
    this.camera.scale.setScalar(1);
    this.immersion.left(this.stage);
    // The renderer restores its old size after this.
    requestAnimationFrame(() => this.fit());
  }

  private async offerXr(): Promise<void> {
    for (const kind of ["vr", "ar"] as const) this.view.offerXr(kind, await Headset.offers(kind));
  }

  private async offerCharacters(): Promise<void> {
    const names = (await health())?.characters ?? [];
    this.view.offer(
      "character",
      names.map((name) => [name, name]),
    );
  }

  // ---- frames ---------------------------------------------------------------------------------------

  private frame(timeS: number, frame: XRFrame | undefined): void {
    this.compose(timeS, frame);
    this.draw();
  }

  draw(): void {
    this.renderer.render(this.stage.scene, this.camera);
  }

  /** Everything of a frame except drawing. It allocates no objects, so that little garbage is collected. */
  compose(timeS: number, frame: XRFrame | undefined): void {
    const stepS = Math.min(0.1, timeS - this.lastS);
    this.lastS = timeS;
    const session = this.talk?.session;
    const mouth = session?.mouth ?? null;
    const weights = mouth?.weights() ?? AT_REST;
    this.cost.begin(mouth, session?.welcome?.rate_hz ?? 1, weights.sil < 1);
    this.stage.character.speak(weights);
    const inside = this.headset.inside;
    const camera = inside ? this.renderer.xr.getCamera() : this.camera;
    if (!inside) this.look.apply(this.camera);
    camera.getWorldPosition(this.eye);
    camera.getWorldDirection(this.ahead);
    this.stage.character.watch(this.eye);
    this.stage.update(timeS, stepS);
    this.headset.update(frame);
    if (session) this.attend(session);
    this.immersion.say(this.talk?.captions ?? null, this.view.warning);
    this.showLatency(timeS * 1000);
    this.cost.end();
  }

  /** Tell the session the places of ears and mouth, and what the player looks and points at. */
  private attend({ audio, voice, focus }: Talk["session"]): void {
    const { eye, ahead, place, towards } = this;
    audio.listen(eye.toArray(place), ahead.toArray(towards), UP);
    voice.place(this.stage.character.eyes(this.mouth).toArray(this.lips));
    focus.gaze(this.stage.pointedAt(eye, ahead));
    focus.point(this.headset.inside ? this.pointedByHand() : this.pointedByMouse());
  }

  /** A resting hand often points at the character, so things take precedence. */
  private pointedByHand(): string | null {
    let found: string | null = null;
    for (const id of this.headset.hands) {
      const pointer = this.headset.pointer(id);
      const target = pointer && this.stage.pointedAt(pointer.origin, pointer.direction);
      if (target && (!found || found === this.stage.character.object.name)) found = target;
    }
    return found;
  }

  private pointedByMouse(): string | null {
    const at = this.look.pointer;
    if (!at) return null;
    const { origin, direction } = this.mouse;
    direction.set(at.x, at.y, 0.5).unproject(this.camera).sub(origin).normalize();
    return this.stage.pointedAt(origin, direction);
  }

  private showLatency(nowMs: number): void {
    if (nowMs - this.shownMs < LATENCY_EVERY_MS) return;
    this.shownMs = nowMs;
    const shown = this.talk && !this.view.latency.hidden ? rows(this.talk.session, this.cost) : [];
    if (shown.length && !this.headset.inside) this.table.show(shown);
    this.immersion.measure(shown);
  }

  private fit(): void {
    const { clientWidth, clientHeight } = this.view.canvas;
    if (this.headset.inside || !clientWidth || !clientHeight) return;
    this.renderer.setPixelRatio(Math.min(2, devicePixelRatio));
    this.renderer.setSize(clientWidth, clientHeight, false);
    this.camera.aspect = clientWidth / clientHeight;
    this.camera.fov = this.camera.aspect < 0.9 ? VIEW.upright : VIEW.wide;
    this.camera.updateProjectionMatrix();
    this.immersion.arrange();
  }
}

/** The server's health; null if it does not answer. */
async function health(): Promise<{ characters?: string[] } | null> {
  const answer = await fetch("/healthz", { cache: "no-store" }).catch(() => null);
  return answer?.json().catch(() => ({})) ?? null;
}

/** For the browser's console, and for tests. */
declare global {
  var tavern: Tavern;
}

globalThis.tavern = new Tavern();
