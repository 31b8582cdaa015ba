/** The visible tavern: the room, its things in the game's state, and the blacksmith. */

import {
  ACESFilmicToneMapping,
  Box3,
  Group,
  type Object3D,
  Ray,
  Scene,
  Vector3,
  type WebGLRenderer,
} from "three";
import type { Character } from "./character/smith.ts";
import { Blacksmith } from "./character/smith.ts";
import type { Entity, Game, Place } from "./game.ts";
import {
  chest,
  door,
  keyOf,
  letter,
  lever,
  map,
  type Prop,
  rope,
  sword,
  torch,
} from "./world/props.ts";
import { BACK, LEFT, RIGHT, Room } from "./world/room.ts";

export const EYE_HEIGHT = 1.62;
const REACH_M = 8;
const SMALL_M = 0.5;
const WALK_HALF_LIFE_S = 0.25;
const HANDOVER_S = 0.75; // how long a thing that is given stays in the smith's hand
const CARRIED: Record<
  string,
  { make: () => Object3D; lies: Place; turned?: [number, number, number] }
> = {
  iron_key: {
    make: () => keyOf("iron_key", 0x9aa0a8),
    lies: [0.5, 0.9, -1.25],
    turned: [-Math.PI / 2, 0, 0.4],
  },
  golden_key: {
    make: () => keyOf("golden_key", 0xe3b23c),
    lies: [0.62, 0.9, -1.25],
    turned: [-Math.PI / 2, 0, -0.3],
  },
  sword: { make: sword, lies: [0.65, 0.9, -1.5], turned: [-Math.PI / 2, 0, 1.2] },
  map: { make: map, lies: [0.62, 0.92, -1.42] },
  rope: { make: rope, lies: [0.86, 0.905, -1.34] },
  letter: { make: letter, lies: [0.4, 0.895, -1.36], turned: [0, 0.35, 0] },
};

/** Where the player's things are shown: at the edge of a screen, at the belt in a headset. */
export interface Belt {
  /** The place of the nth thing that the player carries. */
  slot(index: number): Object3D;
}

/** The scene to draw. */
export class Stage {
  readonly scene = new Scene();
  /** What the player's rays can hit, by entity. */
  readonly targets = new Group();
  /** Moves with the player; the camera, controllers and belt are in it. */
  readonly player = new Group();
  character: Character;
  private readonly room = new Room();
  private readonly props: Prop[];
  private readonly carried = new Map<string, Object3D>();
  private readonly given: { id: string; at_s: number }[] = [];
  private readonly ray = new Ray();
  private readonly hit = new Vector3();
  private readonly boxes = new Map<string, Box3>();
  private readonly goal = { x: 0, z: 0 };
  private time_s = 0;

  constructor(
    private readonly game: Game,
    private readonly belt: Belt,
  ) {
    this.room.light(this.scene);
    this.props = [door(), chest(), torch(), lever()];
    for (const prop of this.props) {
      prop.object.name = prop.id;
      this.targets.add(prop.object);
    }
    for (const [id, { make }] of Object.entries(CARRIED)) {
      const object = make();
      object.name = id;
      this.carried.set(id, object);
    }
    this.character = this.place(new Blacksmith());
    this.scene.add(this.room.group, this.targets, this.player);
    this.refresh();
  }

  static prepare(renderer: WebGLRenderer): void {
    renderer.toneMapping = ACESFilmicToneMapping;
    renderer.toneMappingExposure = 1.15;
  }

  /** Another body for the character. */
  recast(character: Character): void {
    this.targets.remove(this.character.object);
    this.character = this.place(character);
    this.refresh();
  }

  /** Show or hide the room: in a see-through headset the player's own room is the tavern. */
  showRoom(shown: boolean): void {
    this.room.show(shown, this.scene);
  }

  private place(character: Character): Character {
    const [x, y, z] = this.game.entity("blacksmith")?.position ?? [0, 0, -2];
    character.object.position.set(x, y, z);
    character.object.name = "blacksmith";
    this.targets.add(character.object);
    return character;
  }

  /** Show the game's state. A thing that was just given is handed over first. */
  refresh(handedOver: string | null = null): void {
    if (handedOver && this.carried.has(handedOver)) {
      this.character.gesture("give");
      const thing = this.carried.get(handedOver);
      if (thing) this.handOver(thing);
      this.given.push({ id: handedOver, at_s: this.time_s + HANDOVER_S });
    }
    for (const prop of this.props) prop.show(this.game.entity(prop.id)?.state ?? {});
    let slot = 0;
    for (const [id, object] of this.carried) {
      const holder = this.game.entity(id)?.state.holder;
      const mine = holder === "player" ? slot++ : -1;
      if (this.given.some(({ id: given }) => given === id)) continue;
      this.put(id, object, this.game.entity(id), mine);
    }
    this.measure();
  }

  private put(id: string, object: Object3D, entity: Entity | undefined, slot: number): void {
    object.visible = true;
    object.rotation.set(0, 0, 0);
    object.scale.setScalar(1);
    if (slot >= 0) {
      this.belt.slot(slot).add(object);
      object.position.set(0, 0, 0);
      object.scale.setScalar(0.55);
    } else if (entity?.state.holder === "blacksmith") {
      object.visible = false; // in his pockets
      object.removeFromParent();
    } else {
      const { lies, turned = [0, 0, 0] } = CARRIED[id] ?? { lies: [0, 0, 0] as Place };
      this.targets.add(object);
      object.position.set(...lies);
      object.rotation.set(...turned);
    }
  }

  private handOver(object: Object3D): void {
    object.visible = true;
    object.scale.setScalar(1);
    object.position.set(0, 0, 0);
    object.rotation.set(Math.PI / 2, 0, 0);
    this.character.grip.add(object);
  }

  /** The entity that a ray hits first, by boxes around the things; null if it hits none. */
  pointedAt(origin: Vector3, direction: Vector3): string | null {
    this.ray.set(origin, direction);
    let nearest: string | null = null;
    let nearest_m = REACH_M;
    for (const { name, visible } of this.targets.children) {
      const box = visible ? this.boxes.get(name) : undefined;
      const distance_m = box && this.ray.intersectBox(box, this.hit)?.distanceTo(origin);
      if (distance_m !== undefined && distance_m < nearest_m) {
        nearest = name;
        nearest_m = distance_m;
      }
    }
    return nearest;
  }

  /** Measure the boxes: when things have moved, not in every frame. */
  private measure(): void {
    this.boxes.clear();
    for (const object of this.targets.children) {
      const box = new Box3().setFromObject(object);
      // Small things are hard to point at.
      const size = box.getSize(this.hit);
      if (Math.max(size.x, size.y, size.z) < SMALL_M) box.expandByScalar(0.06);
      this.boxes.set(object.name, box);
    }
  }

  /** Where the player stands, kept inside the room. */
  walk(): void {
    const [x, , z] = this.game.entity("player")?.position ?? [0, 0, 0];
    this.goal.x = Math.min(RIGHT - 0.4, Math.max(LEFT + 0.4, x));
    this.goal.z = Math.min(1.8, Math.max(BACK + 2.7, z));
  }

  update(time_s: number, step_s: number): void {
    this.time_s = time_s;
    // In the order in which the things were given.
    if (this.given[0] && this.given[0].at_s <= time_s) {
      while (this.given[0] && this.given[0].at_s <= time_s) this.given.shift();
      this.refresh();
    }
    const way = 1 - 0.5 ** (step_s / WALK_HALF_LIFE_S);
    this.player.position.x += (this.goal.x - this.player.position.x) * way;
    this.player.position.z += (this.goal.z - this.player.position.z) * way;
    for (const prop of this.props) prop.update(time_s, step_s);
    this.room.update(time_s);
    this.character.update(time_s, step_s);
  }
}
