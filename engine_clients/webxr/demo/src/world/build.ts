/** Puts many small shapes into few meshes: a headset counts draw calls. */

import {
  BoxGeometry,
  BufferAttribute,
  type BufferGeometry,
  Color,
  type ColorRepresentation,
  CylinderGeometry,
  Euler,
  type Material,
  Matrix4,
  Mesh,
  Quaternion,
  SphereGeometry,
  TorusGeometry,
  Vector3,
} from "three";
import { RoundedBoxGeometry } from "three/addons/geometries/RoundedBoxGeometry.js";
import { mergeGeometries } from "three/addons/utils/BufferGeometryUtils.js";

export interface Placed {
  at?: [number, number, number];
  /** Euler angles in radians. */
  turn?: [number, number, number];
  colour?: ColorRepresentation;
  /** How much darker the lowest vertices are than the highest, 0 to 1: light that does not reach down. */
  shade?: number;
}

/** Collects shapes of one material and makes one mesh of them. */
export class Builder {
  private readonly parts: BufferGeometry[] = [];

  /** `metresPerTile`: how much of the world one square of the texture covers. */
  constructor(private readonly metresPerTile = 1) {}

  /** A box of these metres; with `round` its edges are rounded by so much. */
  box(w: number, h: number, d: number, placed: Placed = {}, round = 0): this {
    const shape = round ? new RoundedBoxGeometry(w, h, d, 2, round) : new BoxGeometry(w, h, d);
    if (!round) tile(shape, [w, h, d], this.metresPerTile);
    return this.add(shape, placed);
  }

  cylinder(top: number, bottom: number, h: number, placed: Placed = {}, sides = 20): this {
    return this.add(new CylinderGeometry(top, bottom, h, sides), placed);
  }

  ball(radius: number, placed: Placed = {}, stretch: [number, number, number] = [1, 1, 1]): this {
    return this.add(new SphereGeometry(radius, 20, 14).scale(...stretch), placed);
  }

  ring(radius: number, tube: number, placed: Placed = {}, arc = Math.PI * 2): this {
    return this.add(new TorusGeometry(radius, tube, 8, 24, arc), placed);
  }

  add(shape: BufferGeometry, placed: Placed = {}): this {
    const { at = [0, 0, 0], turn = [0, 0, 0], colour = 0xffffff, shade = 0 } = placed;
    paintVertices(shape, new Color(colour), shade);
    const turned = new Quaternion().setFromEuler(new Euler(...turn));
    shape.applyMatrix4(new Matrix4().compose(new Vector3(...at), turned, new Vector3(1, 1, 1)));
    this.parts.push(shape.index ? shape.toNonIndexed() : shape);
    return this;
  }

  mesh(material: Material, name = ""): Mesh {
    const merged = mergeGeometries(this.parts);
    for (const part of this.parts) part.dispose();
    const mesh = new Mesh(merged, material);
    mesh.name = name;
    return mesh;
  }
}

function paintVertices(shape: BufferGeometry, colour: Color, shade: number): void {
  const position = shape.getAttribute("position");
  shape.computeBoundingBox();
  const low = shape.boundingBox?.min.y ?? 0;
  const height = Math.max(1e-6, (shape.boundingBox?.max.y ?? 0) - low);
  const colours = new Float32Array(position.count * 3);
  for (let i = 0; i < position.count; i++) {
    const lit = 1 - shade * (1 - (position.getY(i) - low) / height);
    colours.set([colour.r * lit, colour.g * lit, colour.b * lit], i * 3);
  }
  shape.setAttribute("color", new BufferAttribute(colours, 3));
}

/** Texture coordinates of a box by its size, so that boards are equally wide everywhere. */
function tile(box: BoxGeometry, [w, h, d]: [number, number, number], metres: number): void {
  const uv = box.getAttribute("uv");
  const sides: [number, number][] = [
    [d, h],
    [d, h],
    [w, d],
    [w, d],
    [w, h],
    [w, h],
  ];
  for (let i = 0; i < uv.count; i++) {
    const [across, up] = sides[Math.floor(i / 4)] ?? [1, 1];
    uv.setXY(i, (uv.getX(i) * across) / metres, (uv.getY(i) * up) / metres);
  }
}
