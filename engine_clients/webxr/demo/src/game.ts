/** The tavern's game: its entities with their state, and the rules of its tools. */

import tavern from "./tavern.json" with { type: "json" };

export type StateValue = string | number | boolean | null;
export type State = Record<string, StateValue>;
export type Place = [number, number, number];

/** One entity of the scene, as on the wire. */
export interface Entity {
  id: string;
  name: string;
  kind: string;
  aliases: string[];
  position: Place | null;
  state: State;
  affordances: string[];
}

interface Rule {
  if?: State;
  refuse?: string;
  set?: State;
  value?: string;
  walk?: string;
}

interface Tool {
  name: string;
  description: string;
  verbs: string[];
  parameters: Record<string, unknown>;
  changes_world: boolean;
  deadline_ms: number;
  rules: Rule[];
}

/** A call's outcome: a refusal with its reason, or changes and a value. */
export interface Decision {
  refused?: string;
  state: Record<string, State>;
  move: Record<string, Place>;
  value?: string;
}

const STEPS: Record<string, [number, number]> = {
  forward: [0, -1],
  back: [0, 1],
  left: [-1, 0],
  right: [1, 0],
};

/** The state of the game. */
export class Game {
  readonly tools: readonly Tool[] = tavern.tool as unknown as Tool[];
  private readonly things = new Map<string, Entity>(
    (tavern.entity as Entity[]).map((entity) => [entity.id, structuredClone(entity)]),
  );

  get entities(): Entity[] {
    return [...this.things.values()];
  }

  entity(id: string): Entity | undefined {
    return this.things.get(id);
  }

  /** What a call would do in the present state; changes nothing. */
  decide(tool: string, args: Readonly<Record<string, unknown>>): Decision {
    const named = new Map<string, Entity>();
    for (const [key, value] of Object.entries(args)) {
      const entity = typeof value === "string" ? this.things.get(value) : undefined;
      if (entity) named.set(key, entity);
    }
    const target = named.get("target");
    if (target && !target.affordances.includes(tool))
      return refusal(`it makes no sense to ${tool} the ${target.name}`);
    const rules = this.tools.find(({ name }) => name === tool)?.rules ?? [];
    const rule = rules.find(({ if: when }) =>
      Object.entries(when ?? {}).every(([path, value]) => this.at(path, named) === value),
    );
    return rule ? this.outcome(rule, args, named) : refusal(`nobody here can ${tool} that`);
  }

  /** Make the changes of a decision. */
  change({ state, move }: Pick<Decision, "state" | "move">): void {
    for (const [id, changes] of Object.entries(state))
      Object.assign(this.things.get(id)?.state ?? {}, changes);
    for (const [id, position] of Object.entries(move)) {
      const entity = this.things.get(id);
      if (entity) entity.position = position;
    }
  }

  private at(path: string, named: Map<string, Entity>): StateValue {
    const [owner = "", key = ""] = path.split(".");
    return (named.get(owner) ?? this.things.get(owner))?.state[key] ?? null;
  }

  private outcome(
    rule: Rule,
    args: Readonly<Record<string, unknown>>,
    named: Map<string, Entity>,
  ): Decision {
    if (rule.refuse) return refusal(fill(rule.refuse, named));
    const state: Record<string, State> = {};
    for (const [path, value] of Object.entries(rule.set ?? {})) {
      const [owner = "", key = ""] = path.split(".");
      const id = named.get(owner)?.id ?? owner;
      state[id] = { ...state[id], [key]: typeof value === "string" ? fill(value, named) : value };
    }
    const move = rule.walk ? { [rule.walk]: this.walked(rule.walk, args) } : {};
    return { state, move, ...(rule.value ? { value: fill(rule.value, named) } : {}) };
  }

  private walked(who: string, args: Readonly<Record<string, unknown>>): Place {
    const [x, y, z] = this.things.get(who)?.position ?? [0, 0, 0];
    const [right, back] = STEPS[String(args.direction)] ?? [0, 0];
    const metres = Number(args.metres);
    return [x + right * metres, y, z + back * metres];
  }
}

function refusal(refused: string): Decision {
  return { refused, state: {}, move: {} };
}

/** `{argument}` is an entity's name, `{argument.id}` its id, `{argument.key}` a piece of its state. */
function fill(text: string, named: Map<string, Entity>): string {
  return text.replace(/\{(\w+)(?:\.(\w+))?\}/g, (whole, owner: string, key?: string) => {
    const entity = named.get(owner);
    if (!entity) return whole;
    if (key === undefined) return entity.name;
    return key === "id" ? entity.id : String(entity.state[key] ?? "");
  });
}
