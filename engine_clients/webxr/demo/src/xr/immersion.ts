/** What changes with a headset on: panels in place of the page, a belt in place of the screen's edge. */

import { Group, type Object3D, type PerspectiveCamera } from "three";
import type { Cost } from "../page/cost.ts";
import { rows } from "../page/latency.ts";
import type { Stage } from "../stage.ts";
import type { Talk } from "../talk.ts";
import type { Kind } from "./headset.ts";
import { Panel } from "./panel.ts";

const CHARACTER = "#f4e9d8";
const PLAYER = "#c2b29b";
const LATENCY_ROWS = 20;

export class Immersion {
  private readonly captions = new Panel(0.9, 0.22);
  private readonly latency = new Panel(0.6, 0.75);
  private readonly slots: Group[] = [];
  private inside = false;

  constructor(private readonly camera: PerspectiveCamera) {
    // In front of the player and a little below the eyes, where it hides nobody's face.
    this.captions.mesh.position.set(0, -0.32, -1.1);
    this.captions.mesh.rotation.x = -0.2;
    this.latency.mesh.position.set(0.72, 0, -1.1);
    this.latency.mesh.rotation.y = -0.5;
    camera.add(this.captions.mesh, this.latency.mesh);
  }

  entered(kind: Kind, stage: Stage): void {
    this.inside = true;
    stage.showRoom(kind === "vr");
  }

  left(stage: Stage): void {
    this.inside = false;
    stage.showRoom(true);
    this.captions.show([]);
    this.latency.show([]);
  }

  /** Where the nth thing that the player carries hangs. */
  belt(index: number): Object3D {
    let slot = this.slots[index];
    if (!slot) {
      slot = new Group();
      this.slots[index] = slot;
      this.camera.add(slot);
    }
    return slot;
  }

  update(talk: Talk | null, cost: Cost, latencyShown: boolean): void {
    if (!this.inside) return;
    const { player = "", unstable = "", heard = "", unheard = "" } = talk?.captions ?? {};
    const said = heard + unheard;
    const asked = player + unstable;
    this.captions.show([
      ...(said ? [{ text: said, colour: CHARACTER }] : []),
      ...(asked ? [{ text: asked, colour: PLAYER, size: 0.026 }] : []),
    ]);
    const told = talk && latencyShown ? rows(talk.session, cost).slice(0, LATENCY_ROWS) : [];
    this.latency.show(
      told.map(({ name, value, bar }) => ({
        text: `${name}: ${value}`,
        colour: CHARACTER,
        size: 0.024,
        ...(bar ? { bar } : {}),
      })),
      "left",
    );
  }
}
