/** The blacksmith's head: one mesh with a morph for every mouth shape, hair and beard that move with it,
 * eyes that turn and close. */

import {
  BackSide,
  BufferAttribute,
  BufferGeometry,
  CapsuleGeometry,
  Color,
  CylinderGeometry,
  DoubleSide,
  Float32BufferAttribute,
  Group,
  Mesh,
  MeshBasicMaterial,
  MeshLambertMaterial,
  MeshStandardMaterial,
  SphereGeometry,
  Vector3,
} from "three";
import { clouds, noise } from "../world/noise.ts";
import {
  beard,
  EYE,
  hair,
  MOUTH_HALF,
  MOUTH_LATITUDE,
  MOUTH_Y,
  type Mouth,
  moustache,
  moved,
  skin,
  VISEME_MOUTHS,
} from "./shape.ts";

const COLUMNS = 112;
const ROWS = 96;
const MOUTH_ROW = Math.round(ROWS * 0.45);
const SKIN = new Color(0xd59a72);
const LIPS = new Color(0xb0584e);
const BLUSH = new Color(0xc8694f);
const HAIR = new Color(0x4a3021);
const GREY = new Color(0x8d8078);

/** Morphs beside the visemes. */
const EXPRESSIONS: Record<string, Mouth> = { smile: { smile: 1 }, frown: { smile: -1 } };
export const MORPHS: readonly string[] = [
  ...Object.keys(VISEME_MOUTHS),
  ...Object.keys(EXPRESSIONS),
];

const SMILE = MORPHS.indexOf("smile");
const FROWN = MORPHS.indexOf("frown");
/** The visemes' morphs, and how far each opens the jaw. */
const SHAPES = Object.entries(VISEME_MOUTHS).map(([name, { open = 0 }]) => ({
  name,
  morph: MORPHS.indexOf(name),
  open,
}));

interface Grid {
  points: [number, number, number][];
  /** Whether a point belongs to the upper side of the mouth. */
  above: boolean[];
  /** Three indexes a face. */
  faces: number[];
  normals: Vector3[];
}

/** Latitude of a row: closer together around the mouth. */
function latitude(row: number): number {
  const t = row / ROWS;
  const middle = MOUTH_ROW / ROWS;
  if (t < middle)
    return -Math.PI / 2 + (MOUTH_LATITUDE + Math.PI / 2) * (1 - (1 - t / middle) ** 1.8);
  return MOUTH_LATITUDE + (Math.PI / 2 - MOUTH_LATITUDE) * ((t - middle) / (1 - middle)) ** 1.45;
}

/** Longitude of a column: closer together in the middle of the face. */
function longitude(column: number): number {
  const t = (column / COLUMNS) * 2 - 1;
  return Math.PI * (0.4 * t + 0.6 * t ** 3);
}

function grid(): Grid {
  const points: Grid["points"] = [];
  const above: boolean[] = [];
  const upper: number[][] = [];
  const lower: number[][] = [];
  for (let row = 0; row <= ROWS; row++) {
    const up: number[] = [];
    const low: number[] = [];
    for (let column = 0; column < COLUMNS; column++) {
      const point = skin(longitude(column), latitude(row));
      const here = points.push(point) - 1;
      above.push(row >= MOUTH_ROW);
      up.push(here);
      const parts = row === MOUTH_ROW && point[2] > 0 && Math.abs(point[0]) < MOUTH_HALF * 0.98;
      if (parts) {
        low.push(points.push([...point]) - 1);
        above.push(false);
      } else low.push(here);
    }
    upper.push(up);
    lower.push(low);
  }
  const faces: number[] = [];
  for (let row = 0; row < ROWS; row++) {
    for (let column = 0; column < COLUMNS; column++) {
      const next = (column + 1) % COLUMNS;
      const a = upper[row]?.[column] ?? 0;
      const b = upper[row]?.[next] ?? 0;
      const c = lower[row + 1]?.[column] ?? 0;
      const d = lower[row + 1]?.[next] ?? 0;
      faces.push(a, b, d, a, d, c);
    }
  }
  return { points, above, faces, normals: normalsOf(points, faces) };
}

function normalsOf(points: Grid["points"], faces: number[]): Vector3[] {
  const shape = new BufferGeometry();
  shape.setAttribute("position", new Float32BufferAttribute(points.flat(), 3));
  shape.setIndex(faces);
  shape.computeVertexNormals();
  const normal = shape.getAttribute("normal");
  return points.map((_, i) => new Vector3().fromBufferAttribute(normal, i));
}

/** A geometry of the points, with every morph as it moves them. */
function morphing(
  points: Grid["points"],
  above: boolean[],
  faces: number[],
  colours: number[],
): BufferGeometry {
  const shape = new BufferGeometry();
  shape.setIndex(faces);
  shape.setAttribute("position", new Float32BufferAttribute(points.flat(), 3));
  shape.setAttribute("color", new Float32BufferAttribute(colours, 3));
  shape.computeVertexNormals();
  shape.morphTargetsRelative = true;
  shape.morphAttributes.position = MORPHS.map((name) => {
    const mouth = VISEME_MOUTHS[name] ?? EXPRESSIONS[name] ?? {};
    const away = points.flatMap((point, i) => moved(point, above[i] ?? true, mouth));
    const attribute = new BufferAttribute(new Float32Array(away), 3);
    attribute.name = name;
    return attribute;
  });
  return shape;
}

function complexion(x: number, y: number, z: number): Color {
  const colour = SKIN.clone();
  if (z > 0) {
    const lips =
      Math.exp(-(((y - MOUTH_Y) / 0.0062) ** 2)) *
      Math.min(1, Math.max(0, 1.2 - Math.abs(x) / MOUTH_HALF));
    const cheek = Math.exp(-(((y + 0.018) / 0.022) ** 2) - ((Math.abs(x) - 0.045) / 0.018) ** 2);
    const nose = Math.exp(-(((y + 0.014) / 0.015) ** 2) - (x / 0.014) ** 2);
    colour.lerp(BLUSH, Math.min(1, 0.4 * cheek + 0.35 * nose)).lerp(LIPS, Math.min(1, lips));
  }
  return colour.multiplyScalar(0.95 + 0.1 * clouds(x * 90 + 40, y * 90 + 40, 512, 2, 3));
}

/** A layer over the skin where `mask` is more than nothing: beard, moustache, hair. */
function layer(
  face: Grid,
  mask: (x: number, y: number, z: number) => number,
  thickness: number,
  colour: Color,
  seed: number,
): BufferGeometry {
  const keep = face.points.map(([x, y, z]) => mask(x, y, z));
  const index = new Map<number, number>();
  const points: Grid["points"] = [];
  const above: boolean[] = [];
  const colours: number[] = [];
  const use = (i: number): number => {
    const known = index.get(i);
    if (known !== undefined) return known;
    const [x, y, z] = face.points[i] ?? [0, 0, 0];
    const normal = face.normals[i] ?? new Vector3();
    const strands =
      noise(x * 420 + 90, y * 60 + 90, 1024, seed) * 0.6 +
      noise(x * 160 + 50, y * 160 + 50, 1024, seed + 1) * 0.4;
    const out =
      (keep[i] ?? 0) > 0.02 ? thickness * (keep[i] ?? 0) * (0.65 + 0.6 * strands) : -0.001;
    points.push([
      x + normal.x * out,
      y + normal.y * out - 0.25 * Math.max(0, out),
      z + normal.z * out,
    ]);
    above.push(face.above[i] ?? true);
    const shade = colour
      .clone()
      .lerp(
        GREY,
        0.25 + 0.5 * noise(x * 200 + 10, y * 30 + 10, 1024, seed + 2) * (y < 0.03 ? 1 : 0.5),
      );
    shade.multiplyScalar(0.6 + 0.6 * strands);
    colours.push(shade.r, shade.g, shade.b);
    index.set(i, points.length - 1);
    return points.length - 1;
  };
  const faces: number[] = [];
  for (let i = 0; i < face.faces.length; i += 3) {
    const corners = face.faces.slice(i, i + 3);
    if (corners.some((corner) => (keep[corner] ?? 0) > 0.02)) faces.push(...corners.map(use));
  }
  return morphing(points, above, faces, colours);
}

/** An eye that looks along +z: white, iris and pupil by the angle from where it looks. */
function eyeball(): BufferGeometry {
  const shape = new SphereGeometry(EYE.radius, 32, 28).rotateX(Math.PI / 2);
  const position = shape.getAttribute("position");
  const colours: number[] = [];
  for (let i = 0; i < position.count; i++) {
    const angle = Math.acos(Math.min(1, position.getZ(i) / EYE.radius));
    const colour = new Color(0xf3eee4);
    if (angle < 0.21) colour.set(0x0b0908);
    else if (angle < 0.47) colour.set(0x4e7a8c).multiplyScalar(0.75 + (angle - 0.21) * 1.6);
    else if (angle < 0.56) colour.set(0x26363c);
    colours.push(colour.r, colour.g, colour.b);
  }
  shape.setAttribute("color", new Float32BufferAttribute(colours, 3));
  return shape;
}

/** One eye with its lids; `close` 0 is open, 1 shut. */
class Eye {
  readonly group = new Group();
  readonly ball: Mesh;
  private readonly upper: Mesh;
  private readonly lower: Mesh;

  constructor(side: number) {
    this.group.position.set(side * EYE.x, EYE.y, EYE.z);
    this.ball = new Mesh(
      eyeball(),
      new MeshStandardMaterial({ vertexColors: true, roughness: 0.15 }),
    );
    const glint = new Mesh(
      new SphereGeometry(0.0016, 8, 6),
      new MeshBasicMaterial({ color: 0xffffff }),
    );
    glint.position.set(0.004, 0.005, EYE.radius * 0.93);
    const half = new SphereGeometry(EYE.radius * 1.06, 24, 12, 0, Math.PI * 2, 0, Math.PI / 2);
    const lidded = new MeshLambertMaterial({
      color: SKIN.clone().multiplyScalar(0.86),
      side: DoubleSide,
    });
    this.upper = new Mesh(half, lidded);
    this.lower = new Mesh(half, lidded);
    this.group.add(this.ball, glint, this.upper, this.lower);
    this.close(0, 0);
  }

  close(shut: number, look: number): void {
    this.upper.rotation.x = -0.42 + 0.95 * shut - look * 0.6 * (1 - shut);
    this.lower.rotation.x = Math.PI + 0.52 - 0.35 * shut;
  }
}

/** What a face shows beside its mouth; each -1 to 1 or 0 to 1. */
export interface Expression {
  /** Up, or knitted where negative. */
  brows: number;
  smile: number;
  /** Lids, 0 open to 1 shut. */
  blink: number;
  /** Where the eyes look, in radians from straight on: right, up. */
  look: [number, number];
}

export class Head {
  readonly group = new Group();
  private readonly skins: Mesh[] = [];
  private readonly eyes = [new Eye(-1), new Eye(1)];
  private readonly brows: Mesh[] = [];
  private readonly lowerTeeth: Mesh;
  private readonly tongue: Mesh;

  constructor() {
    const face = grid();
    const colours = face.points.flatMap(([x, y, z]) => complexion(x, y, z).toArray());
    const flesh = new MeshStandardMaterial({ vertexColors: true, roughness: 0.68 });
    const fur = new MeshStandardMaterial({ vertexColors: true, roughness: 0.95, side: DoubleSide });
    this.addSkin(morphing(face.points, face.above, face.faces, colours), flesh, "face");
    this.addSkin(layer(face, beard, 0.021, HAIR, 11), fur, "beard");
    this.addSkin(
      layer(face, (x, y, z) => (z > 0 ? moustache(x, y) : 0), 0.0085, HAIR, 17),
      fur,
      "moustache",
    );
    this.addSkin(layer(face, hair, 0.014, HAIR, 23), fur, "hair");
    [this.lowerTeeth, this.tongue] = this.addMouth();
    for (const [i, eye] of this.eyes.entries()) {
      const side = i ? 1 : -1;
      const ear = new Mesh(
        new SphereGeometry(1, 16, 12),
        new MeshLambertMaterial({ color: BLUSH.clone().lerp(SKIN, 0.6) }),
      );
      ear.position.set(side * 0.082, 0.004, -0.008);
      ear.scale.set(0.009, 0.026, 0.017);
      const brow = new Mesh(new CapsuleGeometry(0.0048, 0.03, 4, 10), fur.clone());
      (brow.material as MeshStandardMaterial).vertexColors = false;
      (brow.material as MeshStandardMaterial).color = HAIR.clone().lerp(GREY, 0.2);
      this.brows.push(brow);
      this.group.add(eye.group, ear, brow);
    }
    const neck = new Mesh(
      new CylinderGeometry(0.056, 0.078, 0.12, 24),
      new MeshLambertMaterial({ color: SKIN.clone().multiplyScalar(0.9) }),
    );
    neck.position.set(0, -0.148, -0.026);
    this.group.add(neck);
    this.express({ brows: 0, smile: 0, blink: 0, look: [0, 0] });
  }

  /** Show these weights (viseme names; they add up to 1 with `sil`). */
  speak(weights: Readonly<Record<string, number>>): void {
    let open = 0;
    for (const shape of SHAPES) {
      const weight = weights[shape.name] ?? 0;
      open += weight * shape.open;
      this.morph(shape.morph, weight);
    }
    this.lowerTeeth.position.y = MOUTH_Y - 0.0075 - 0.017 * open;
    this.tongue.position.y = MOUTH_Y - 0.013 - 0.012 * open;
  }

  /** The weight that a morph has now. */
  influence(name: string): number {
    return this.skins[0]?.morphTargetInfluences?.[MORPHS.indexOf(name)] ?? 0;
  }

  express({ brows, smile, blink, look }: Expression): void {
    this.morph(SMILE, Math.max(0, smile));
    this.morph(FROWN, Math.max(0, -smile));
    for (let i = 0; i < this.eyes.length; i++) {
      const side = i ? 1 : -1;
      const eye = this.eyes[i] as Eye;
      eye.ball.rotation.set(-look[1], look[0], 0);
      eye.close(blink, look[1]);
      const brow = this.brows[i];
      brow?.position.set(
        side * (0.031 - 0.003 * Math.max(0, -brows)),
        0.0455 + 0.008 * brows,
        0.0945 - 0.002 * brows,
      );
      brow?.rotation.set(
        0,
        side * 0.42,
        Math.PI / 2 + side * (-0.1 - 0.35 * Math.max(0, -brows) + 0.12 * Math.max(0, brows)),
      );
    }
  }

  private morph(index: number, weight: number): void {
    for (const { morphTargetInfluences: influences } of this.skins)
      if (influences) influences[index] = weight;
  }

  private addSkin(shape: BufferGeometry, material: MeshStandardMaterial, name: string): void {
    const mesh = new Mesh(shape, material);
    mesh.name = name;
    this.skins.push(mesh);
    this.group.add(mesh);
  }

  private addMouth(): [Mesh, Mesh] {
    const cavity = new Mesh(
      new SphereGeometry(1, 20, 14),
      new MeshBasicMaterial({ color: 0x2a0b0c, side: BackSide }),
    );
    cavity.position.set(0, MOUTH_Y - 0.008, 0.055);
    cavity.scale.set(0.032, 0.03, 0.032);
    const white = new MeshStandardMaterial({ color: 0xece3d0, roughness: 0.3, side: DoubleSide });
    const row = (radius: number) =>
      new Mesh(new CylinderGeometry(radius, radius, 0.0065, 24, 1, false, -1.05, 2.1), white);
    const upper = row(0.0225);
    upper.position.set(0, MOUTH_Y + 0.0048, 0.066);
    const lower = row(0.0205);
    lower.position.set(0, MOUTH_Y - 0.0075, 0.064);
    const tongue = new Mesh(
      new SphereGeometry(1, 16, 12),
      new MeshStandardMaterial({ color: 0xb4534f, roughness: 0.5 }),
    );
    tongue.position.set(0, MOUTH_Y - 0.013, 0.057);
    tongue.scale.set(0.016, 0.0065, 0.02);
    this.group.add(cavity, upper, lower, tongue);
    return [lower, tongue];
  }
}
