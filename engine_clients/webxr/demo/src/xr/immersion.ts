/** The changes for a headset: panels replace the page, a belt replaces the screen's edge. */

import { Group, type Object3D, type PerspectiveCamera } from "three";
import type { Row } from "../page/latency.ts";
import type { Stage } from "../stage.ts";
import type { Captions } from "../talk.ts";
import type { Kind } from "./headset.ts";
import { type Line, Panel } from "./panel.ts";

const CHARACTER = "#f4e9d8";
const PLAYER = "#c2b29b";
const WARNING = "#ff8f7a";
const LATENCY_ROWS = 20;
// The place of what the player carries, in the camera's space: in the corner of a screen, as parts of half the
// view at that distance; below the eyes in a headset, in metres.
const BELT = { away: 0.85, aside: 0.84, below: 0.3, step: 0.09 };
const WORN = { aside: -0.2, below: -0.42, away: -0.6 };

export class Immersion {
  private readonly captions = new Panel(0.9, 0.22);
  private readonly latency = new Panel(0.66, 0.75);
  private readonly slots: Group[] = [];
  private inside = false;
  private shown: Captions | null = null;
  private shownWarning = "";

  constructor(private readonly camera: PerspectiveCamera) {
    // In front of the player and slightly below the eyes, so that it hides no face.
    this.captions.mesh.position.set(0, -0.32, -1.1);
    this.captions.mesh.rotation.x = -0.2;
    this.latency.mesh.position.set(0.72, 0, -1.1);
    this.latency.mesh.rotation.y = -0.5;
    camera.add(this.captions.mesh, this.latency.mesh);
  }

  entered(kind: Kind, stage: Stage): void {
    this.inside = true;
    this.shown = null;
    stage.showRoom(kind === "vr");
    this.arrange();
  }

  left(stage: Stage): void {
    this.inside = false;
    stage.showRoom(true);
    this.captions.show([]);
    this.latency.show([]);
    this.arrange();
  }

  /** The place of the nth thing that the player carries. */
  belt(index: number): Object3D {
    let slot = this.slots[index];
    if (!slot) {
      slot = new Group();
      this.slots[index] = slot;
      this.camera.add(slot);
      this.arrange();
    }
    return slot;
  }

  /** Place the belt within the view. */
  arrange(): void {
    const half = Math.tan((this.camera.fov * Math.PI) / 360) * BELT.away;
    for (const [index, slot] of this.slots.entries()) {
      const along = index * BELT.step;
      if (this.inside) slot.position.set(WORN.aside + along, WORN.below, WORN.away);
      else {
        const left = -half * this.camera.aspect * BELT.aside;
        slot.position.set(left + along, -half * BELT.below, -BELT.away);
      }
    }
  }

  /** Show captions on the panel, after a `warning`. Cheap while neither changes. */
  say(captions: Captions | null, warning: string): void {
    if (!this.inside || (captions === this.shown && warning === this.shownWarning)) return;
    this.shown = captions;
    this.shownWarning = warning;
    const character = captions ? captions.heard + captions.unheard : "";
    const player = captions ? captions.player + captions.unstable : "";
    const lines: Line[] = [];
    if (warning) lines.push({ text: warning, colour: WARNING, size: 0.026 });
    if (character) lines.push({ text: character, colour: CHARACTER });
    if (player) lines.push({ text: player, colour: PLAYER, size: 0.026 });
    this.captions.show(lines);
  }

  /** Show the latency table on its panel; without rows the panel is hidden. */
  measure(rows: readonly Row[]): void {
    if (!this.inside) return;
    const lines = rows.slice(0, LATENCY_ROWS).map(({ name, value, bar }) => ({
      text: `${name}: ${value}`,
      colour: CHARACTER,
      size: 0.022,
      ...(bar ? { bar } : {}),
    }));
    this.latency.show(lines, "left");
  }
}
