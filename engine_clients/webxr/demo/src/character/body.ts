/** The blacksmith below the neck: joints that can be turned, and what hangs on them. Left and right are as
 * the player sees them. */

import {
  CapsuleGeometry,
  CatmullRomCurve3,
  CylinderGeometry,
  DoubleSide,
  Group,
  LatheGeometry,
  Mesh,
  MeshStandardMaterial,
  SphereGeometry,
  TubeGeometry,
  Vector2,
  Vector3,
} from "three";
import { RoundedBoxGeometry } from "three/addons/geometries/RoundedBoxGeometry.js";

const SHIRT = 0xb3aa98;
const LEATHER = 0x4d3a28;
const DEPTH = 0.68; // of the chest, as a part of its width
const TROUSERS = 0x3d3a36;
const FLESH = 0xcf946c;

const cloth = (color: number) => new MeshStandardMaterial({ color, roughness: 0.9 });

/** An arm: `shoulder` and `elbow` turn, `grip` is where the hand holds things. */
export interface Arm {
  shoulder: Group;
  elbow: Group;
  wrist: Group;
  grip: Group;
}

export class Body {
  readonly group = new Group();
  /** Turns with the chest: arms and head hang on it. */
  readonly chest = new Group();
  readonly neck = new Group();
  readonly left: Arm;
  readonly right: Arm;
  private readonly torso: Mesh;

  constructor() {
    this.chest.position.set(0, 1.02, 0);
    this.torso = new Mesh(new LatheGeometry(outline(), 36), cloth(SHIRT));
    const apron = new Mesh(
      apronShape(),
      new MeshStandardMaterial({ color: LEATHER, roughness: 0.85, side: DoubleSide }),
    );
    const belt = new Mesh(new CylinderGeometry(0.242, 0.244, 0.05, 36, 1, true), cloth(0x2c1f15));
    belt.position.y = -0.09;
    belt.scale.z = DEPTH;
    const buckle = new Mesh(
      new RoundedBoxGeometry(0.06, 0.05, 0.02, 2, 0.008),
      new MeshStandardMaterial({ color: 0xb08a3a, roughness: 0.4, metalness: 0.4 }),
    );
    buckle.position.set(0, -0.09, 0.168);
    this.chest.add(...[-1, 1].map(strap));
    this.neck.position.set(0, 0.6, 0.01);
    this.left = arm(-1);
    this.right = arm(1);
    this.chest.add(
      this.torso,
      apron,
      belt,
      buckle,
      this.neck,
      this.left.shoulder,
      this.right.shoulder,
    );
    this.group.add(this.chest, ...legs());
  }

  /** 0 is breathed out, 1 in. */
  breathe(full: number): void {
    this.torso.scale.set(1 + 0.01 * full, 1 + 0.006 * full, DEPTH * (1 + 0.025 * full));
  }
}

/** Half the shirt's outline, from the hips to the neck. */
function outline(): Vector2[] {
  return smooth([
    [0.0, -0.2],
    [0.2, -0.19],
    [0.228, -0.1],
    [0.222, 0.05],
    [0.24, 0.2],
    [0.27, 0.33],
    [0.285, 0.42],
    [0.262, 0.485],
    [0.19, 0.53],
    [0.1, 0.565],
    [0.072, 0.6],
    [0.0, 0.6],
  ]).map(([x, y]) => new Vector2(x, y));
}

/** The front of a slightly wider outline, and a skirt below it. */
function apronShape(): LatheGeometry {
  const front = outline()
    .filter(({ x, y }) => x > 0.15 && y > -0.15 && y < 0.4)
    .map(({ x, y }) => new Vector2(x + 0.016, y));
  const shape = new LatheGeometry(
    [new Vector2(0.285, -0.6), new Vector2(0.258, -0.35), ...front],
    32,
    -1.02,
    2.04,
  );
  return shape.scale(1, 1, DEPTH * 1.03);
}

/** From the apron over the shoulder to the back. */
function strap(side: number): Mesh {
  const way = new CatmullRomCurve3([
    new Vector3(side * 0.135, 0.36, 0.168),
    new Vector3(side * 0.14, 0.46, 0.145),
    new Vector3(side * 0.15, 0.535, 0.06),
    new Vector3(side * 0.15, 0.54, -0.06),
    new Vector3(side * 0.12, 0.42, -0.165),
    new Vector3(side * 0.05, 0.1, -0.16),
  ]);
  return new Mesh(new TubeGeometry(way, 40, 0.02, 8), cloth(LEATHER));
}

/** Two rounds of corner cutting. */
function smooth(line: [number, number][]): [number, number][] {
  let points = line;
  for (let round = 0; round < 2; round++) {
    const cut: [number, number][] = [points[0] ?? [0, 0]];
    for (let i = 0; i + 1 < points.length; i++) {
      const [ax, ay] = points[i] ?? [0, 0];
      const [bx, by] = points[i + 1] ?? [0, 0];
      cut.push(
        [ax * 0.75 + bx * 0.25, ay * 0.75 + by * 0.25],
        [ax * 0.25 + bx * 0.75, ay * 0.25 + by * 0.75],
      );
    }
    cut.push(points.at(-1) ?? [0, 0]);
    points = cut;
  }
  return points;
}

function arm(side: number): Arm {
  const shoulder = new Group();
  shoulder.position.set(side * 0.25, 0.425, 0);
  const joint = new Mesh(new SphereGeometry(0.09, 24, 16), cloth(SHIRT));
  joint.scale.set(1, 0.95, 0.95);
  const upper = new Mesh(new CylinderGeometry(0.088, 0.07, 0.28, 24), cloth(SHIRT));
  upper.position.y = -0.14;
  const elbow = new Group();
  elbow.position.y = -0.29;
  const cuff = new Mesh(new CylinderGeometry(0.074, 0.07, 0.07, 20), cloth(0x978a71));
  cuff.position.y = 0.02;
  const flesh = new MeshStandardMaterial({ color: FLESH, roughness: 0.7 });
  const fore = new Mesh(new CylinderGeometry(0.062, 0.042, 0.25, 20), flesh);
  fore.position.y = -0.13;
  const bend = new Mesh(new SphereGeometry(0.062, 20, 14), flesh);
  const wrist = new Group();
  wrist.position.y = -0.265;
  const band = new Mesh(new CylinderGeometry(0.05, 0.048, 0.05, 20), cloth(LEATHER));
  band.position.y = 0.035;
  const grip = new Group();
  grip.position.set(0, -0.085, 0.03);
  wrist.add(band, ...hand(side, flesh), grip);
  elbow.add(cuff, bend, fore, wrist);
  shoulder.add(joint, upper, elbow);
  return { shoulder, elbow, wrist, grip };
}

/** Loosely closed: good for holding and for pointing alike. */
function hand(side: number, flesh: MeshStandardMaterial): Mesh[] {
  const palm = new Mesh(new RoundedBoxGeometry(0.05, 0.09, 0.085, 3, 0.02), flesh);
  palm.position.y = -0.045;
  const fingers = [0, 1, 2, 3].map((i) => {
    const finger = new Mesh(new CapsuleGeometry(0.0115, 0.042, 4, 10), flesh);
    finger.position.set(-side * 0.012, -0.105 + 0.006 * Math.abs(i - 1), 0.032 - i * 0.0215);
    finger.rotation.z = -side * 0.5;
    return finger;
  });
  const thumb = new Mesh(new CapsuleGeometry(0.0135, 0.04, 4, 10), flesh);
  thumb.position.set(-side * 0.018, -0.05, 0.052);
  thumb.rotation.set(-0.6, 0, -side * 0.5);
  return [palm, ...fingers, thumb];
}

function legs(): Mesh[] {
  return [-1, 1].flatMap((side) => {
    const leg = new Mesh(new CylinderGeometry(0.105, 0.085, 0.78, 20), cloth(TROUSERS));
    leg.position.set(side * 0.115, 0.49, -0.01);
    const boot = new Mesh(new RoundedBoxGeometry(0.14, 0.15, 0.28, 3, 0.04), cloth(0x2e1d12));
    boot.position.set(side * 0.12, 0.075, 0.045);
    return [leg, boot];
  });
}
