import { describe, expect, it } from "vitest";
import type { ClientMessage, ToolCall } from "../../src/core/messages";
import { type Call, Refusal, type ToolEvent, type ToolHandler, Tools } from "../../src/core/tools";

const CALL: ToolCall = {
  type: "tool.call",
  seq: 1,
  call: 5,
  name: "open",
  args: { target: "chest" },
  deadline_ms: 2000,
};

function tools(handler: ToolHandler) {
  const sent: ClientMessage[] = [];
  const events: ToolEvent[] = [];
  const made = new Tools(
    (message) => sent.push(message),
    (event) => events.push(event),
  );
  made.define({ name: "open" }, handler);
  return { tools: made, sent, states: () => events.map(({ state }) => state) };
}

describe("a call", () => {
  it("is done with the handler's value", async () => {
    const { tools: t, sent, states } = tools(async ({ target }) => `opened ${target}`);
    await t.call(CALL);
    expect(sent).toEqual([{ type: "tool.result", call: 5, ok: true, value: "opened chest" }]);
    expect(states()).toEqual(["called", "done"]);
  });

  it("is refused with a reason, and no result follows", async () => {
    const {
      tools: t,
      sent,
      states,
    } = tools(() => {
      throw new Refusal("the chest is locked");
    });
    await t.call(CALL);
    expect(sent).toEqual([
      { type: "tool.ack", call: 5, accepted: false, reason: "the chest is locked" },
    ]);
    expect(states()).toEqual(["called", "refused"]);
  });

  it("fails when the handler does", async () => {
    const { tools: t, sent } = tools(async () => {
      throw new Error("no hinges");
    });
    await t.call(CALL);
    expect(sent).toEqual([{ type: "tool.result", call: 5, ok: false, reason: "no hinges" }]);
  });

  it("that is repeated is not executed again", async () => {
    let executed = 0;
    const { tools: t, sent } = tools(() => ++executed);
    await t.call(CALL);
    await t.call(CALL);
    expect(executed).toBe(1);
    expect(sent[1]).toEqual(sent[0]);
  });

  it("that is cancelled is aborted, and not answered", async () => {
    let seen: Call | undefined;
    const {
      tools: t,
      sent,
      states,
    } = tools(
      (_args, call) =>
        new Promise((resolve) => {
          seen = call;
          call.signal.addEventListener("abort", () => resolve(null));
        }),
    );
    const running = t.call(CALL);
    t.cancel(5);
    await running;
    expect(seen?.signal.aborted).toBe(true);
    expect(sent).toEqual([]);
    expect(states()).toEqual(["called", "cancelled"]);
  });

  it("that was cancelled before it was due is never executed", async () => {
    const { tools: t, sent, states } = tools(() => null);
    t.cancel(5);
    await t.call(CALL);
    expect([sent, states()]).toEqual([[], []]);
  });

  it("of an unknown tool is refused", async () => {
    const { tools: t, sent } = tools(() => null);
    await t.call({ ...CALL, name: "fly" });
    expect(sent).toMatchObject([{ type: "tool.ack", accepted: false }]);
  });
});

it("refuses tools after hello", () => {
  const { tools: t } = tools(() => null);
  expect(t.declare()).toEqual([{ name: "open" }]);
  expect(() => t.define({ name: "late" }, () => null)).toThrow("tools_declared");
});
