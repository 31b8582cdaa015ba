import { expect, it } from "vitest";
import { Focus } from "../../src/core/focus";

it("sends changes only, and at most ten a second", () => {
  const sent: string[] = [];
  let nowUs = 0;
  const focus = new Focus(
    () => nowUs,
    (entity) => sent.push(entity),
  );
  for (; nowUs < 1_000_000; nowUs += 11_111) focus.gaze("door");
  expect(sent).toEqual(["door"]);
  focus.point("chest");
  expect(sent).toEqual(["door", "chest"]);
  for (let i = 0; nowUs < 2_000_000; nowUs += 11_111) focus.gaze(i++ % 2 ? "door" : "chest");
  expect(sent.length).toBeLessThanOrEqual(12);
  nowUs += 100_000;
  focus.gaze("lever");
  focus.gaze(null);
  nowUs += 100_000;
  focus.gaze("lever");
  expect(sent.slice(-2)).toEqual(["lever", "lever"]);
});
