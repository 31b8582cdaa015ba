import { expect, it } from "vitest";
import { Timers } from "../../src/core/timers";
import { Timeline } from "../timeline";

function timers() {
  const time = new Timeline();
  const rang: string[] = [];
  const set = new Timers<"a" | "b">(time.after);
  return { time, rang, set };
}

it("runs a timer once, at its time", () => {
  const { time, rang, set } = timers();
  set.set("a", 100, () => rang.push("a"));
  time.advance(99);
  expect(rang).toEqual([]);
  time.advance(1000);
  expect(rang).toEqual(["a"]);
});

it("replaces a timer of the same name, and no other", () => {
  const { time, rang, set } = timers();
  set.set("a", 100, () => rang.push("first"));
  set.set("b", 150, () => rang.push("b"));
  set.set("a", 200, () => rang.push("second"));
  time.advance(1000);
  expect(rang).toEqual(["b", "second"]);
});

it("clears one timer, and none that was never set", () => {
  const { time, rang, set } = timers();
  set.set("a", 100, () => rang.push("a"));
  set.clear("b");
  set.clear("a");
  time.advance(1000);
  expect(rang).toEqual([]);
});
