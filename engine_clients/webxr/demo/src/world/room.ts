/** The tavern's walls, hearth and furniture, which no tool changes. */

import {
  AdditiveBlending,
  Color,
  DirectionalLight,
  Fog,
  Group,
  HemisphereLight,
  Mesh,
  MeshBasicMaterial,
  MeshLambertMaterial,
  MeshStandardMaterial,
  PlaneGeometry,
  PointLight,
  type Scene,
  ShaderMaterial,
} from "three";
import { Builder } from "./build.ts";
import { noise } from "./noise.ts";
import { boards, plaster, stones } from "./textures.ts";

export const LEFT = -3;
export const RIGHT = 3.1;
export const BACK = -4;
const FRONT = 2.2;
const HEIGHT = 2.9;
const NIGHT = 0x140d08;
const DARK_OAK = 0x54412f;
const OAK = 0x8f6f4c;

/** Everything that does not move, and the fire. */
export class Room {
  readonly group = new Group();
  private readonly fire = new PointLight(0xff8a3c, 9, 9, 1.6);
  private readonly flames: ShaderMaterial;

  constructor() {
    const wood = new MeshLambertMaterial({ map: boards(), vertexColors: true });
    const stone = new MeshLambertMaterial({ map: stones(), vertexColors: true });
    const lime = new MeshLambertMaterial({ map: plaster(), vertexColors: true });
    const things = new MeshStandardMaterial({ vertexColors: true, roughness: 0.75 });
    this.group.add(
      walls().mesh(lime, "walls"),
      timber().mesh(wood, "timber"),
      hearth().mesh(stone, "hearth"),
      furniture().mesh(things, "furniture"),
      night(),
      coals(),
    );
    this.flames = flames();
    const burning = new Mesh(new PlaneGeometry(0.9, 0.75), this.flames);
    burning.position.set(-1.75, 1.1, BACK + 0.62);
    const candle = new Mesh(new PlaneGeometry(0.05, 0.11), this.flames);
    candle.position.set(0.98, 1.065, -1.6);
    this.fire.position.set(-1.7, 1.15, BACK + 0.95);
    this.group.add(burning, candle, this.fire);
  }

  /** Light the whole scene. */
  light(scene: Scene): void {
    this.show(true, scene);
    scene.add(new HemisphereLight(0xffe9d2, 0x3b3027, 1.0));
    // As if from a lamp behind the player, so that faces are lit from the front.
    const lamp = new DirectionalLight(0xffe2bf, 1.7);
    lamp.position.set(1.4, 2.6, 2.2);
    lamp.target.position.set(0, 1.4, -2);
    scene.add(lamp, lamp.target);
    const moon = new DirectionalLight(0x7f9cff, 0.55);
    moon.position.set(3, 2.2, -2.6);
    moon.target.position.set(0, 1.5, -2);
    scene.add(moon, moon.target);
  }

  /** Show or hide the room; things and character stay visible. */
  show(shown: boolean, scene: Scene): void {
    this.group.visible = shown;
    scene.background = shown ? new Color(NIGHT) : null;
    scene.fog = shown ? new Fog(NIGHT, 5, 11) : null;
  }

  /** Animate the fire; `time_s`: seconds, increasing. */
  update(time_s: number): void {
    const flicker = noise(time_s * 7, 0.5, 1024, 1) * 0.6 + noise(time_s * 17, 0.5, 1024, 2) * 0.4;
    this.fire.intensity = 7 + 4.5 * flicker;
    (this.flames.uniforms.time as { value: number }).value = time_s;
  }
}

function walls(): Builder {
  const w = RIGHT - LEFT;
  const d = FRONT - BACK;
  const x = (LEFT + RIGHT) / 2;
  const z = (FRONT + BACK) / 2;
  const lime = { colour: 0xcfc4b0, shade: 0.45 };
  return new Builder(1.6)
    .box(w, HEIGHT, 0.1, { at: [x, HEIGHT / 2, BACK - 0.05], ...lime })
    .box(w, HEIGHT, 0.1, { at: [x, HEIGHT / 2, FRONT + 0.05], ...lime })
    .box(0.1, HEIGHT, d, { at: [RIGHT + 0.05, HEIGHT / 2, z], ...lime })
    .box(0.1, HEIGHT, BACK * -1 - 1.55, {
      at: [LEFT - 0.05, HEIGHT / 2, (BACK - 1.55) / 2],
      ...lime,
    })
    .box(0.1, HEIGHT, FRONT + 0.45, { at: [LEFT - 0.05, HEIGHT / 2, (FRONT - 0.45) / 2], ...lime })
    .box(0.1, HEIGHT - 2.1, 1.1, { at: [LEFT - 0.05, 2.1 + (HEIGHT - 2.1) / 2, -1], ...lime });
}

function timber(): Builder {
  const wood = new Builder(1.2);
  const x = (LEFT + RIGHT) / 2;
  const z = (FRONT + BACK) / 2;
  wood.box(RIGHT - LEFT, 0.1, FRONT - BACK, { at: [x, -0.05, z], colour: OAK });
  wood.box(RIGHT - LEFT, 0.08, FRONT - BACK, { at: [x, HEIGHT + 0.04, z], colour: 0x4a3828 });
  const beam = { colour: DARK_OAK };
  for (const at of [-3.2, -1.9, -0.6, 0.7]) {
    wood.box(RIGHT - LEFT, 0.2, 0.18, { at: [x, HEIGHT - 0.1, at], ...beam });
  }
  for (const at of [LEFT + 0.08, -0.55, 0.95, RIGHT - 0.08]) {
    wood.box(0.16, HEIGHT, 0.14, { at: [at, HEIGHT / 2, BACK + 0.06], ...beam });
  }
  wood.box(RIGHT + 0.7, 0.16, 0.1, { at: [(RIGHT - 0.7) / 2, 0.95, BACK + 0.05], ...beam });
  for (const at of [-2.6, 0.9])
    wood.box(0.14, HEIGHT, 0.16, { at: [RIGHT - 0.06, HEIGHT / 2, at], ...beam });
  // The frame of the door, and the post that carries the torch.
  for (const at of [-1.56, -0.44]) wood.box(0.18, 2.2, 0.12, { at: [LEFT, 1.1, at], ...beam });
  wood.box(0.18, 0.14, 1.24, { at: [LEFT, 2.16, -1], ...beam });
  wood.box(0.2, HEIGHT, 0.2, { at: [1.62, HEIGHT / 2, -2.12], ...beam });
  // Shelves, and the table of the letter, the map and the rope.
  for (const at of [1.55, 1.95])
    wood.box(1.3, 0.04, 0.26, { at: [2.05, at, BACK + 0.2], colour: OAK });
  wood.box(0.86, 0.06, 0.52, { at: [0.62, 0.86, -1.42], colour: OAK });
  for (const [sx, sz] of [
    [-1, -1],
    [1, -1],
    [-1, 1],
    [1, 1],
  ] as const) {
    wood.box(0.07, 0.84, 0.07, { at: [0.62 + sx * 0.37, 0.42, -1.42 + sz * 0.2], ...beam });
  }
  return wood;
}

function hearth(): Builder {
  const stone = new Builder(0.9);
  const grey = { colour: 0x8d8880, shade: 0.3 };
  const z = BACK + 0.45;
  stone.box(1.9, 0.78, 0.9, { at: [-1.75, 0.39, z], ...grey });
  for (const side of [-1, 1])
    stone.box(0.28, 0.9, 0.9, { at: [-1.75 + side * 0.81, 1.22, z], ...grey });
  stone.box(2, 0.22, 1, { at: [-1.75, 1.76, z], ...grey });
  stone.box(1.3, 1.1, 0.7, { at: [-1.75, 2.4, BACK + 0.35], ...grey });
  stone.box(1.4, 0.9, 0.06, { at: [-1.75, 1.22, BACK + 0.06], colour: 0x2a2320 });
  return stone;
}

function furniture(): Builder {
  const made = new Builder();
  // The anvil on its block.
  made.cylinder(0.2, 0.24, 0.52, { at: [-0.95, 0.26, -2.75], colour: 0x5b3d25, shade: 0.4 });
  made.box(0.24, 0.1, 0.18, { at: [-0.95, 0.57, -2.75], colour: 0x4a4d52 }, 0.02);
  made.box(0.1, 0.12, 0.12, { at: [-0.95, 0.67, -2.75], colour: 0x4a4d52 });
  made.box(0.44, 0.1, 0.15, { at: [-0.93, 0.77, -2.75], colour: 0x5c6066 }, 0.02);
  made.cylinder(0.015, 0.07, 0.26, {
    at: [-0.59, 0.78, -2.75],
    turn: [0, 0, -Math.PI / 2],
    colour: 0x5c6066,
  });
  // Barrels in the corner.
  for (const [x, z] of [
    [2.6, -3.55],
    [-2.55, 0.4],
    [2.62, 0.3],
  ] as const) {
    made.cylinder(0.27, 0.24, 0.34, { at: [x, 0.57, z], colour: 0x8a5a31, shade: 0.15 });
    made.cylinder(0.24, 0.27, 0.34, { at: [x, 0.23, z], colour: 0x7a4e2a, shade: 0.4 });
    for (const y of [0.14, 0.4, 0.66])
      made.ring(0.265, 0.012, { at: [x, y, z], turn: [Math.PI / 2, 0, 0], colour: 0x3b3d40 });
  }
  // Mugs, bottles and a loaf on the shelves.
  const things = [0xc9b48a, 0x587b52, 0x8b4d3b, 0xb48a4a, 0x4f6f86];
  for (let i = 0; i < 9; i++) {
    const x = 1.5 + (i % 5) * 0.26;
    const y = i < 5 ? 1.57 : 1.97;
    const colour = things[(i * 3) % things.length] ?? 0xffffff;
    const at: [number, number, number] = [x, y + 0.08, BACK + 0.2];
    if (i % 2) made.cylinder(0.03, 0.055, 0.2, { at, colour }, 14);
    else made.cylinder(0.055, 0.05, 0.13, { at, colour }, 14);
  }
  // Tools on the wall behind the smith.
  for (const [x, long] of [
    [0.05, 0.5],
    [0.25, 0.42],
    [0.45, 0.55],
  ] as const) {
    made.cylinder(
      0.012,
      0.014,
      long,
      { at: [x, 1.85 - long / 2, BACK + 0.12], colour: 0x6d4a2c },
      10,
    );
    made.box(0.09, 0.06, 0.05, { at: [x, 1.85, BACK + 0.12], colour: 0x55585d }, 0.01);
  }
  made.box(0.7, 0.05, 0.04, { at: [0.25, 1.93, BACK + 0.12], colour: DARK_OAK });
  // A stool, and a candle on the table.
  made.cylinder(0.17, 0.17, 0.05, { at: [1.9, 0.46, -0.9], colour: OAK });
  for (let leg = 0; leg < 3; leg++) {
    const a = (leg * 2 * Math.PI) / 3;
    made.cylinder(
      0.02,
      0.02,
      0.46,
      { at: [1.9 + 0.12 * Math.cos(a), 0.22, -0.9 + 0.12 * Math.sin(a)], colour: DARK_OAK },
      8,
    );
  }
  made.cylinder(0.022, 0.026, 0.12, { at: [0.98, 0.95, -1.6], colour: 0xefe3c4 }, 12);
  made.cylinder(0.05, 0.055, 0.015, { at: [0.98, 0.895, -1.6], colour: 0x8a6a32 }, 16);
  return made;
}

/** The window with the night behind it. */
function night(): Group {
  const group = new Group();
  const sky = new Mesh(new PlaneGeometry(0.7, 0.8), new MeshBasicMaterial({ color: 0x27406e }));
  sky.position.set(RIGHT - 0.005, 1.65, -2.35);
  sky.rotation.y = -Math.PI / 2;
  const frame = new Builder();
  const wood = { colour: DARK_OAK };
  for (const y of [1.22, 1.65, 2.08])
    frame.box(0.06, 0.05, 0.8, { at: [RIGHT - 0.02, y, -2.35], ...wood });
  for (const z of [-2.72, -2.35, -1.98])
    frame.box(0.06, 0.86, 0.05, { at: [RIGHT - 0.02, 1.65, z], ...wood });
  group.add(sky, frame.mesh(new MeshLambertMaterial({ vertexColors: true }), "window"));
  return group;
}

function coals(): Mesh {
  const heap = new Builder();
  for (let i = 0; i < 46; i++) {
    const x = -1.75 + (noise(i * 1.7, 0.3, 64, 1) - 0.5) * 1.2;
    const z = BACK + 0.5 + (noise(i * 2.3, 0.7, 64, 2) - 0.5) * 0.55;
    const hot = noise(i * 3.1, 0.1, 64, 3);
    heap.ball(
      0.03 + 0.035 * noise(i, 0.5, 64, 4),
      {
        at: [x, 0.8, z],
        colour: new Color().setRGB(0.55 + 0.4 * hot, 0.03 + 0.25 * hot ** 2, 0.02 * hot),
      },
      [1, 0.6, 1],
    );
  }
  return heap.mesh(new MeshBasicMaterial({ vertexColors: true }), "coals");
}

/** Tongues of fire on a plane that faces the room. */
function flames(): ShaderMaterial {
  return new ShaderMaterial({
    transparent: true,
    depthWrite: false,
    blending: AdditiveBlending,
    uniforms: { time: { value: 0 } },
    vertexShader:
      "varying vec2 at; void main() { at = uv; gl_Position = projectionMatrix * modelViewMatrix * vec4(position, 1.0); }",
    fragmentShader: `
			uniform float time; varying vec2 at;
			float hash(vec2 p) { return fract(sin(dot(p, vec2(41.3, 289.1))) * 43758.5453); }
			float soft(vec2 p) {
				vec2 i = floor(p), f = fract(p); f = f * f * (3.0 - 2.0 * f);
				return mix(mix(hash(i), hash(i + vec2(1, 0)), f.x), mix(hash(i + vec2(0, 1)), hash(i + vec2(1, 1)), f.x), f.y);
			}
			void main() {
				vec2 p = vec2(at.x * 6.0, at.y * 3.0 - time * 2.2);
				float n = 0.6 * soft(p) + 0.4 * soft(p * 2.1 + 7.0);
				float side = 1.0 - abs(at.x - 0.5) * 2.0;
				float body = smoothstep(0.0, 0.75, side) * (1.0 - at.y);
				float fire = smoothstep(0.28, 0.75, body * (0.55 + n));
				vec3 colour = mix(vec3(1.0, 0.25, 0.04), vec3(1.0, 0.8, 0.35), fire * (1.0 - at.y));
				gl_FragColor = vec4(colour * fire, fire);
			}`,
  });
}
