/** The things that tools act on. Each shows its state, and `update` moves it there smoothly. */

import {
  Group,
  Mesh,
  MeshBasicMaterial,
  MeshLambertMaterial,
  MeshStandardMaterial,
  type Object3D,
  PlaneGeometry,
  PointLight,
  SphereGeometry,
} from "three";
import type { StateValue } from "../game.ts";
import { Builder } from "./build.ts";
import { noise } from "./noise.ts";
import { LEFT, RIGHT } from "./room.ts";
import { boards } from "./textures.ts";

/** The visible thing of one entity, which can be pointed at. */
export interface Prop {
  readonly id: string;
  readonly object: Object3D;
  /** Show this state from now on. */
  show(state: Readonly<Record<string, StateValue>>): void;
  /** Advance movements by `step_s` seconds. */
  update(time_s: number, step_s: number): void;
}

/** Moves a number towards its target without overshoot, whatever the frame rate. */
export class Eased {
  target: number;
  constructor(
    public value: number,
    private readonly halfLife_s: number,
  ) {
    this.target = value;
  }

  step(step_s: number): number {
    this.value += (this.target - this.value) * (1 - 0.5 ** (step_s / this.halfLife_s));
    return this.value;
  }
}

const iron = () =>
  new MeshStandardMaterial({ vertexColors: true, roughness: 0.45, metalness: 0.35 });
const wooden = () => new MeshLambertMaterial({ map: boards(), vertexColors: true });

export function door(): Prop {
  const hinge = new Group();
  hinge.position.set(LEFT, 0, -1.5);
  const panel = new Builder(0.5);
  panel.box(0.07, 2.06, 0.98, { at: [0, 1.05, 0.5], colour: 0xb0291d });
  for (const y of [0.35, 1.75]) panel.box(0.1, 0.1, 0.98, { at: [0, y, 0.5], colour: 0x7d1a12 });
  const fittings = new Builder();
  for (const y of [0.35, 1.75])
    fittings.box(0.11, 0.05, 0.6, { at: [0, y, 0.3], colour: 0x303236 });
  fittings.ring(0.05, 0.012, {
    at: [0.07, 1.05, 0.84],
    turn: [0, Math.PI / 2, 0],
    colour: 0x45484d,
  });
  fittings.cylinder(0.035, 0.035, 0.03, {
    at: [0.045, 1.05, 0.84],
    turn: [0, 0, Math.PI / 2],
    colour: 0x45484d,
  });
  hinge.add(panel.mesh(wooden(), "door"), fittings.mesh(iron(), "door"));
  const outside = new Mesh(
    new PlaneGeometry(1.05, 2.1),
    new MeshBasicMaterial({ color: 0x1c2c4c }),
  );
  outside.position.set(LEFT - 0.12, 1.05, -1);
  outside.rotation.y = Math.PI / 2;
  const object = new Group().add(hinge, outside);
  const angle = new Eased(0, 0.22);
  return {
    id: "door",
    object,
    show: (state) => {
      angle.target = state.open ? 1.75 : 0;
    },
    update: (_time, step) => {
      hinge.rotation.y = angle.step(step);
    },
  };
}

export function chest(): Prop {
  const object = new Group();
  object.position.set(2, 0, -3);
  object.rotation.y = -0.5;
  const base = new Builder(0.6);
  base.box(0.8, 0.34, 0.5, { at: [0, 0.19, 0], colour: 0x8a5a2e, shade: 0.3 });
  const lid = new Group();
  lid.position.set(0, 0.36, -0.25);
  const cover = new Builder(0.6);
  cover.box(0.82, 0.09, 0.52, { at: [0, 0.045, 0.25], colour: 0x93612f });
  cover.box(0.8, 0.07, 0.4, { at: [0, 0.12, 0.25], colour: 0x93612f });
  const bands = new Builder();
  const lidBands = new Builder();
  for (const x of [-0.3, 0.3]) {
    bands.box(0.06, 0.36, 0.53, { at: [x, 0.19, 0], colour: 0x4b4e54 });
    lidBands.box(0.06, 0.12, 0.54, { at: [x, 0.06, 0.25], colour: 0x4b4e54 });
    lidBands.box(0.06, 0.09, 0.42, { at: [x, 0.13, 0.25], colour: 0x4b4e54 });
  }
  lid.add(cover.mesh(wooden(), "chest"), lidBands.mesh(iron(), "chest"));
  const lock = new Builder();
  lock.box(0.12, 0.13, 0.04, { at: [0, 0.3, 0.27], colour: 0xb08a3a }, 0.01);
  lock.ring(0.035, 0.01, { at: [0, 0.38, 0.27], colour: 0xb08a3a });
  const padlock = lock.mesh(iron(), "chest");
  const gold = new Builder();
  for (let i = 0; i < 40; i++) {
    const x = (noise(i * 1.3, 0.2, 99, 1) - 0.5) * 0.6;
    const z = (noise(i * 2.1, 0.6, 99, 2) - 0.5) * 0.34;
    gold.cylinder(
      0.035,
      0.035,
      0.01,
      {
        at: [x, 0.33 + 0.03 * noise(i, 0.4, 99, 3), z],
        turn: [noise(i, 0.9, 99, 4), 0, noise(i, 0.1, 99, 5)],
        colour: 0xf0b93a,
      },
      12,
    );
  }
  const treasure = gold.mesh(
    new MeshStandardMaterial({
      vertexColors: true,
      roughness: 0.3,
      metalness: 0.5,
      emissive: 0x3a2600,
    }),
    "chest",
  );
  object.add(base.mesh(wooden(), "chest"), bands.mesh(iron(), "chest"), lid, padlock, treasure);
  const angle = new Eased(0, 0.2);
  const fallen = new Eased(0, 0.15);
  return {
    id: "chest",
    object,
    show: (state) => {
      angle.target = state.open ? -1.9 : 0;
      fallen.target = state.locked === false ? 1 : 0;
    },
    update: (_time, step) => {
      lid.rotation.x = angle.step(step);
      treasure.visible = angle.value < -0.05;
      const fall = fallen.step(step);
      padlock.position.set(0.1 * fall, -0.27 * fall, 0.16 * fall);
      padlock.rotation.set(-1.4 * fall, 0, 0.6 * fall);
    },
  };
}

export function torch(): Prop {
  const object = new Group();
  object.position.set(1.55, 1.8, -2);
  const stick = new Builder();
  stick.cylinder(
    0.035,
    0.02,
    0.42,
    { at: [0, -0.12, 0.05], turn: [0.35, 0, 0], colour: 0x6d4a2c },
    12,
  );
  stick.cylinder(
    0.045,
    0.04,
    0.1,
    { at: [0, 0.07, 0.12], turn: [0.35, 0, 0], colour: 0x2c2420 },
    12,
  );
  stick.box(0.07, 0.05, 0.12, { at: [0, -0.12, 0], colour: 0x45484d }, 0.01);
  const glow = new Mesh(
    new SphereGeometry(0.055, 16, 12).scale(1, 1.7, 1),
    new MeshBasicMaterial({ color: 0xffb347 }),
  );
  glow.position.set(0, 0.17, 0.14);
  const light = new PointLight(0xffa85a, 0, 7, 1.6);
  light.position.set(-0.1, 0.25, 0.3);
  object.add(stick.mesh(new MeshLambertMaterial({ vertexColors: true }), "torch"), glow, light);
  const lit = new Eased(0, 0.12);
  return {
    id: "torch",
    object,
    show: (state) => {
      lit.target = state.lit ? 1 : 0;
    },
    update: (time, step) => {
      const level = lit.step(step);
      const flicker = 0.75 + 0.25 * noise(time * 9, 0.5, 1024, 6);
      light.intensity = 6 * level * flicker;
      glow.visible = level > 0.02;
      glow.scale.setScalar(level * (0.8 + 0.35 * flicker));
    },
  };
}

export function lever(): Prop {
  const object = new Group();
  object.position.set(RIGHT - 0.04, 1.2, -1);
  const plate = new Builder();
  plate.box(0.05, 0.42, 0.2, { colour: 0x3d4045 }, 0.015);
  plate.cylinder(0.05, 0.05, 0.14, {
    turn: [Math.PI / 2, 0, 0],
    at: [-0.05, 0, 0],
    colour: 0x54575d,
  });
  const arm = new Group();
  arm.position.set(-0.06, 0, 0);
  const bar = new Builder();
  bar.cylinder(0.016, 0.02, 0.36, { at: [0, 0.18, 0], colour: 0x6b6f76 }, 12);
  bar.ball(0.045, { at: [0, 0.38, 0], colour: 0xa8231a });
  arm.add(bar.mesh(iron(), "lever"));
  object.add(plate.mesh(iron(), "lever"), arm);
  const angle = new Eased(0.7, 0.15);
  return {
    id: "lever",
    object,
    show: (state) => {
      angle.target = state.pulled ? 2.3 : 0.7;
    },
    update: (_time, step) => {
      arm.rotation.z = angle.step(step);
    },
  };
}

/** A key. Its place follows its holder, as for all things that are carried. */
export function keyOf(id: string, colour: number): Group {
  const key = new Builder();
  key.ring(0.032, 0.009, { at: [0, 0.07, 0], colour });
  key.cylinder(0.009, 0.009, 0.13, { at: [0, -0.02, 0], colour }, 12);
  key.box(0.035, 0.012, 0.012, { at: [0.02, -0.075, 0], colour });
  key.box(0.026, 0.012, 0.012, { at: [0.016, -0.05, 0], colour });
  return named(
    id,
    key.mesh(
      new MeshStandardMaterial({
        vertexColors: true,
        roughness: 0.35,
        metalness: 0.55,
        emissive: colour,
        emissiveIntensity: 0.08,
      }),
      id,
    ),
  );
}

export function sword(): Group {
  const made = new Builder();
  made.box(0.045, 0.62, 0.012, { at: [0, 0.4, 0], colour: 0xc9d2dc }, 0.005);
  made.box(0.014, 0.58, 0.018, { at: [0, 0.38, 0], colour: 0x9aa4af });
  made.box(0.2, 0.03, 0.035, { at: [0, 0.08, 0], colour: 0xb08a3a }, 0.01);
  made.cylinder(0.016, 0.016, 0.13, { at: [0, 0, 0], colour: 0x4a2d1a }, 12);
  made.ball(0.026, { at: [0, -0.08, 0], colour: 0xb08a3a });
  return named("sword", made.mesh(iron(), "sword"));
}

export function map(): Group {
  const made = new Builder();
  made.cylinder(0.022, 0.022, 0.26, { turn: [0, 0, Math.PI / 2], colour: 0xe0cda0 }, 16);
  made.ring(0.024, 0.005, { turn: [0, Math.PI / 2, 0], colour: 0xa8231a });
  return named("map", made.mesh(new MeshLambertMaterial({ vertexColors: true }), "map"));
}

export function rope(): Group {
  const made = new Builder();
  for (let i = 0; i < 4; i++)
    made.ring(0.085 - i * 0.006, 0.013, {
      at: [0, i * 0.02, 0],
      turn: [Math.PI / 2, 0, i],
      colour: 0xb79a63,
    });
  return named("rope", made.mesh(new MeshLambertMaterial({ vertexColors: true }), "rope"));
}

export function letter(): Group {
  const made = new Builder();
  made.box(0.16, 0.006, 0.11, { colour: 0xf0e4c8 });
  made.cylinder(0.018, 0.018, 0.006, { at: [0.02, 0.005, 0.01], colour: 0xa8231a }, 16);
  return named("letter", made.mesh(new MeshLambertMaterial({ vertexColors: true }), "letter"));
}

function named(id: string, mesh: Mesh): Group {
  const group = new Group();
  group.name = id;
  group.add(mesh);
  return group;
}
