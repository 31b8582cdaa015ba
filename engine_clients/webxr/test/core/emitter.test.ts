import { expect, it, vi } from "vitest";
import { Emitter } from "../../src/core/emitter";

it("calls every listener until it is removed", () => {
  const emitter = new Emitter<{ word: string }>();
  const heard: string[] = [];
  const off = emitter.on("word", (word) => heard.push(word));
  emitter.once("word", (word) => heard.push(`once ${word}`));
  emitter.emit("word", "a");
  emitter.emit("word", "b");
  off();
  emitter.emit("word", "c");
  expect(heard).toEqual(["a", "once a", "b"]);
});

it("calls the other listeners when one throws, and rethrows the error", () => {
  const thrown: (() => void)[] = [];
  vi.stubGlobal("queueMicrotask", (act: () => void) => thrown.push(act));
  const emitter = new Emitter<{ word: string }>();
  const heard: string[] = [];
  emitter.on("word", () => {
    throw new Error("the page's own");
  });
  emitter.on("word", (word) => heard.push(word));
  emitter.emit("word", "a");
  expect(heard).toEqual(["a"]);
  expect(thrown[0]).toThrow("the page's own");
  vi.unstubAllGlobals();
});
