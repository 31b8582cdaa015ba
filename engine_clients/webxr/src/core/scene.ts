/** The client's side of the scene: what is there, and every change of it as a patch with a revision. */

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

/** What changes at once: in the order remove, put, state, move. */
export interface SceneChange {
  remove?: readonly string[];
  put?: readonly Entity[];
  /** Entity id -> keys to set in its state; null deletes a key. */
  state?: Record<string, Record<string, StateValue>>;
  move?: Record<string, Position>;
}

const ROOM_BYTES = MAX_MESSAGE_BYTES / 2; // per message, for scenes that fill more than one

/**
 * Belongs to the page: what it holds is true whether a server listens or not, and is sent anew after every
 * connect and whenever the server has lost track.
 */
export class Scene {
  private things = new Map<string, Entity>();
  private revision = 0;
  private awaited: number | null = null; // the snapshot that answers every resync before it

  constructor(private readonly send: (message: ClientMessage) => void) {}

  /** Counts the changes. */
  get rev(): number {
    return this.revision;
  }

  get entities(): readonly Entity[] {
    return [...this.things.values()];
  }

  get(id: string): Entity | undefined {
    return this.things.get(id);
  }

  /** Replace everything. Throws FrametalkError `scene_invalid`. */
  snapshot(entities: readonly Entity[]): void {
    const things = new Map<string, Entity>();
    for (const entity of entities) {
      if (!entity.id || !entity.name || things.has(entity.id)) {
        throw invalid(
          "scene_invalid",
          `the entity ${JSON.stringify(entity.id)} has no name or comes twice`,
        );
      }
      things.set(entity.id, copyOf(entity));
    }
    this.things = things;
    this.revision++;
    this.resend();
  }

  /** Change it, all or nothing. Throws FrametalkError `scene_unknown_entity` or `scene_invalid`. */
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

  /** Set keys of one entity's state; null deletes a key. */
  set(id: string, state: Record<string, StateValue>): void {
    this.patch({ state: { [id]: state } });
  }

  /** The value at a key of an entity's state. */
  state(id: string, key: string): StateValue | undefined {
    return this.things.get(id)?.state?.[key];
  }

  /** Tell that something happened; `player_entered` makes the character greet, once. */
  event(
    name: string,
    about: { entity?: string; text?: string; data?: Record<string, Free> } = {},
  ): void {
    const event: SceneEvent = { type: "scene.event", name, ...about };
    this.send(event);
  }

  /** A session begins, or the server lost track: say everything. */
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

  /** The server has this revision. */
  acked(rev: number): void {
    if (this.awaited !== null && rev >= this.awaited) this.awaited = null;
  }

  /** The server asks for a snapshot; one that is on its way answers this, too. */
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
    "put it first",
  );
}

function invalid(code: string, text: string, remedy = ""): FrametalkError {
  return new FrametalkError({ code, text, stage: "scene", fault: "client", remedy });
}
