/** The client's scene: its entities, and every change as a patch with a revision. */

import { encodeControl, MAX_MESSAGE_BYTES } from "./codec";
import { FrametalkError } from "./errors";
import type {
  ClientMessage,
  Entity,
  Free,
  Position,
  SceneEvent,
  ScenePatch,
  SceneSnapshot,
  StateValue,
} from "./messages";

/** Changes that are made together, in the order remove, put, state, move. */
export interface SceneChange {
  /** Ids of entities that are gone. */
  remove?: readonly string[];
  /** Entities to add, or to replace as a whole. */
  put?: readonly Entity[];
  /** Entity id -> keys to set in its state; null deletes a key. */
  state?: Record<string, Record<string, StateValue>>;
  /** Entity id -> position, in metres. */
  move?: Record<string, Position>;
}

const ROOM_BYTES = MAX_MESSAGE_BYTES / 2; // per message, for scenes that fill more than one

/**
 * The scene, which belongs to the page. It may be changed without a connection; the session sends it again after
 * each connect, and whenever the server asks for it.
 */
export class Scene {
  private things = new Map<string, Entity>();
  private revision = 0;
  private awaited: number | null = null; // the snapshot that answers every resync before it

  constructor(private readonly send: (message: ClientMessage) => void) {}

  /** The scene's revision, which grows with each change. */
  get rev(): number {
    return this.revision;
  }

  /** All entities. */
  get entities(): readonly Entity[] {
    return [...this.things.values()];
  }

  /** The entity with this id; undefined if there is none. */
  get(id: string): Entity | undefined {
    return this.things.get(id);
  }

  /** Replace the whole scene. Throws FrametalkError `scene_invalid`. */
  snapshot(entities: readonly Entity[]): void {
    const things = new Map<string, Entity>();
    for (const entity of entities) {
      if (!entity.id || !entity.name || things.has(entity.id)) {
        throw invalid(
          "scene_invalid",
          `the entity ${JSON.stringify(entity.id)} has no name or is there twice`,
        );
      }
      things.set(entity.id, copyOf(entity));
    }
    this.things = things;
    this.revision++;
    this.resend();
  }

  /** Change the scene, as a whole or not at all. Throws FrametalkError `scene_unknown_entity`, `scene_invalid`. */
  patch(change: SceneChange): void {
    const things = new Map(this.things);
    for (const id of change.remove ?? []) if (!things.delete(id)) throw unknown(id);
    for (const entity of change.put ?? []) {
      if (!entity.id || !entity.name)
        throw invalid("scene_invalid", "an entity without id or name");
      things.set(entity.id, copyOf(entity));
    }
    for (const [id, keys] of Object.entries(change.state ?? {})) {
      const thing = things.get(id);
      if (!thing) throw unknown(id);
      things.set(id, { ...thing, state: merged(thing.state ?? {}, keys) });
    }
    for (const [id, position] of Object.entries(change.move ?? {})) {
      const thing = things.get(id);
      if (!thing) throw unknown(id);
      things.set(id, { ...thing, position });
    }
    const base = this.revision;
    this.things = things;
    this.revision++;
    this.send({ type: "scene.patch", base, rev: this.revision, ...change });
  }

  /** Set keys of one entity's state; null deletes a key. Throws FrametalkError `scene_unknown_entity`. */
  set(id: string, state: Record<string, StateValue>): void {
    this.patch({ state: { [id]: state } });
  }

  /** The value of a key of an entity's state; undefined if there is none. */
  state(id: string, key: string): StateValue | undefined {
    return this.things.get(id)?.state?.[key];
  }

  /** Report that something happened. On `player_entered` the character greets, once a session. */
  event(
    name: string,
    about: { entity?: string; text?: string; data?: Record<string, Free> } = {},
  ): void {
    const event: SceneEvent = { type: "scene.event", name, ...about };
    this.send(event);
  }

  /** Send the whole scene. For the session alone. */
  resend(): void {
    const [first, ...rest] = this.parts();
    this.awaited = this.revision;
    const base = this.revision;
    this.send({ type: "scene.snapshot", rev: base, entities: first ?? [] } satisfies SceneSnapshot);
    for (const put of rest) {
      const patch: ScenePatch = {
        type: "scene.patch",
        base: this.revision,
        rev: this.revision + 1,
        put,
      };
      this.revision++;
      this.send(patch);
    }
  }

  /** The server has this revision. For the session alone. */
  acked(rev: number): void {
    if (this.awaited !== null && rev >= this.awaited) this.awaited = null;
  }

  /** The server asks for a snapshot; one under way answers this too. For the session alone. */
  resync(): void {
    if (this.awaited === null) this.resend();
  }

  private parts(): Entity[][] {
    const parts: Entity[][] = [];
    let room = 0;
    for (const entity of this.things.values()) {
      const bytes = encodeControl({ type: "scene.snapshot", rev: 0, entities: [entity] }).length;
      if (room < bytes) {
        parts.push([]);
        room = ROOM_BYTES;
      }
      parts.at(-1)?.push(entity);
      room -= bytes;
    }
    return parts;
  }
}

function copyOf(entity: Entity): Entity {
  return structuredClone(entity);
}

function merged(state: Record<string, StateValue>, keys: Record<string, StateValue>) {
  const entries = Object.entries({ ...state, ...keys });
  return Object.fromEntries(entries.filter(([, value]) => value !== null));
}

function unknown(id: string): FrametalkError {
  return invalid(
    "scene_unknown_entity",
    `there is no entity ${JSON.stringify(id)}`,
    "add it with `put` first",
  );
}

function invalid(code: string, text: string, remedy = ""): FrametalkError {
  return new FrametalkError({ code, text, stage: "scene", fault: "client", remedy });
}
