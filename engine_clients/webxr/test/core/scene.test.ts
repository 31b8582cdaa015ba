import { describe, expect, it } from "vitest";
import { encodeControl, MAX_MESSAGE_BYTES } from "../../src/core/codec";
import type { FrametalkError } from "../../src/core/errors";
import type { ClientMessage, Entity } from "../../src/core/messages";
import { Scene } from "../../src/core/scene";

const DOOR: Entity = { id: "door", name: "red door", state: { open: false, locked: true } };
const KEY: Entity = { id: "key", name: "iron key" };

function scene(...entities: Entity[]): { scene: Scene; sent: ClientMessage[] } {
  const sent: ClientMessage[] = [];
  const made = new Scene((message) => sent.push(message));
  made.snapshot(entities);
  made.acked(made.rev);
  sent.length = 0;
  return { scene: made, sent };
}

function codeOf(act: () => void): string {
  try {
    act();
  } catch (error) {
    return (error as FrametalkError).code;
  }
  return "accepted";
}

describe("a patch", () => {
  it("changes the scene and is sent, with rising revisions", () => {
    const { scene: s, sent } = scene(DOOR);
    s.set("door", { open: true, locked: null });
    s.patch({ put: [KEY], move: { door: [1, 0, 2] } });
    expect(s.get("door")).toMatchObject({ state: { open: true }, position: [1, 0, 2] });
    expect(s.state("door", "locked")).toBeUndefined();
    expect(sent).toMatchObject([
      { type: "scene.patch", base: 1, rev: 2, state: { door: { open: true, locked: null } } },
      { type: "scene.patch", base: 2, rev: 3, put: [KEY], move: { door: [1, 0, 2] } },
    ]);
  });

  it("that does not fit changes nothing and is not sent", () => {
    const { scene: s, sent } = scene(DOOR);
    expect(codeOf(() => s.patch({ put: [KEY], remove: ["ghost"] }))).toBe("scene_unknown_entity");
    expect(codeOf(() => s.set("ghost", {}))).toBe("scene_unknown_entity");
    expect(codeOf(() => s.patch({ put: [{ id: "x", name: "" }] }))).toBe("scene_invalid");
    expect(codeOf(() => s.snapshot([DOOR, DOOR]))).toBe("scene_invalid");
    expect([s.rev, s.entities.length, sent.length]).toEqual([1, 1, 0]);
  });
});

it("answers several resyncs with one snapshot", () => {
  const { scene: s, sent } = scene(DOOR);
  s.resync();
  s.resync();
  expect(sent).toHaveLength(1);
  s.acked(s.rev);
  s.resync();
  expect(sent).toHaveLength(2);
});

it("sends a scene that fills more than one message in parts that fit", () => {
  const many = Array.from({ length: 200 }, (_, i) => ({
    id: `thing-${i}`,
    name: "x".repeat(1000),
  }));
  const { scene: s, sent } = scene(...many);
  s.resend();
  const put = sent.flatMap((m) =>
    m.type === "scene.snapshot" ? m.entities : m.type === "scene.patch" ? (m.put ?? []) : [],
  );
  expect(put).toEqual(many);
  expect(sent.length).toBeGreaterThan(3);
  for (const message of sent) expect(encodeControl(message).length).toBeLessThan(MAX_MESSAGE_BYTES);
  const patches = sent.filter((m) => m.type === "scene.patch");
  for (const patch of patches) expect(patch.rev).toBe(patch.base + 1);
  s.set("thing-0", { open: true });
  expect(sent.at(-1)).toMatchObject({ base: patches.at(-1)?.rev });
});
