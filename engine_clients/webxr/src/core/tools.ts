/** What the character can do in the game: declared before hello, called at most once each. */

import { FrametalkError } from "./errors";
import type { ClientMessage, Free, ToolCall, ToolSpec } from "./messages";

/** Thrown by a handler: it will not be done, and `reason` is what the character may say of it. */
export class Refusal extends Error {
  constructor(readonly reason: string) {
    super(reason);
    this.name = "Refusal";
  }
}

export type Args = Readonly<Record<string, Free>>;

/** One call, as its handler sees it. */
export interface Call {
  id: number;
  name: string;
  args: Args;
  turn: number;
  reply: number | null;
  sceneRev: number;
  deadlineMs: number;
  /** Aborted when the server does not want it any more, or the connection is gone. */
  signal: AbortSignal;
}

/** What it returns is the call's value. Throws Refusal: not done; anything else: failed. */
export type ToolHandler = (args: Args, call: Call) => Free | undefined | Promise<Free | undefined>;

export type ToolState = "called" | "done" | "refused" | "failed" | "cancelled";

export interface ToolEvent {
  call: number;
  name: string;
  args: Args;
  state: ToolState;
  value: Free;
  reason: string;
}

const REMEMBERED = 256; // calls, so that one that comes again is not executed again

interface Known {
  call: Call;
  abort: AbortController;
  answer: ClientMessage | null;
  over: boolean;
}

export class Tools {
  private readonly handlers = new Map<string, { spec: ToolSpec; handler: ToolHandler }>();
  private readonly calls = new Map<number, Known>();
  private cancelledEarly = new Set<number>();
  private declared = false;

  constructor(
    private readonly send: (message: ClientMessage) => void,
    private readonly changed: (event: ToolEvent) => void,
  ) {}

  /** Declare a tool and what it does. Before `connect`; throws FrametalkError `tools_declared` after. */
  define(spec: ToolSpec, handler: ToolHandler): void {
    if (this.declared) {
      throw new FrametalkError({
        code: "tools_declared",
        text: `the tool ${spec.name} comes after hello`,
        stage: "tool",
        fault: "client",
        remedy: "define every tool before connect()",
      });
    }
    this.handlers.set(spec.name, { spec, handler });
  }

  /** For hello; from then on no more can be defined. */
  declare(): ToolSpec[] {
    this.declared = true;
    return [...this.handlers.values()].map(({ spec }) => spec);
  }

  /** A call is due. */
  async call(message: ToolCall): Promise<void> {
    const known = this.calls.get(message.call);
    if (known) {
      if (known.answer) this.send(known.answer);
      return;
    }
    if (this.cancelledEarly.delete(message.call)) return;
    const one = this.remember(message);
    this.tell(one, "called");
    try {
      const handler = this.handlers.get(message.name)?.handler;
      if (!handler) throw new Refusal("nobody here knows how");
      const value = (await handler(one.call.args, one.call)) ?? null;
      this.answer(one, "done", { type: "tool.result", call: message.call, ok: true, value }, value);
    } catch (error) {
      this.failed(one, error);
    }
  }

  /** The server does not want it any more. */
  cancel(call: number): void {
    const one = this.calls.get(call);
    if (!one) {
      this.cancelledEarly.add(call);
      if (this.cancelledEarly.size > REMEMBERED) this.cancelledEarly = new Set([call]);
    } else if (!one.over) {
      one.over = true;
      one.abort.abort();
      this.tell(one, "cancelled");
    }
  }

  /** The session is gone, and its calls with it. */
  reset(): void {
    for (const id of this.calls.keys()) this.cancel(id);
    this.calls.clear();
    this.cancelledEarly.clear();
  }

  private remember(message: ToolCall): Known {
    const abort = new AbortController();
    const call: Call = {
      id: message.call,
      name: message.name,
      args: message.args ?? {},
      turn: message.turn ?? 0,
      reply: message.reply ?? null,
      sceneRev: message.scene_rev ?? 0,
      deadlineMs: message.deadline_ms,
      signal: abort.signal,
    };
    const one: Known = { call, abort, answer: null, over: false };
    this.calls.set(call.id, one);
    const oldest = this.calls.keys().next().value;
    if (this.calls.size > REMEMBERED && oldest !== undefined) this.calls.delete(oldest);
    return one;
  }

  private failed(one: Known, error: unknown): void {
    const call = one.call.id;
    if (error instanceof Refusal) {
      const { reason } = error;
      const answer: ClientMessage = { type: "tool.ack", call, accepted: false, reason };
      this.answer(one, "refused", answer, null, reason);
    } else {
      const reason = error instanceof Error ? error.message : String(error);
      this.answer(one, "failed", { type: "tool.result", call, ok: false, reason }, null, reason);
    }
  }

  private answer(
    one: Known,
    state: ToolState,
    answer: ClientMessage,
    value: Free,
    reason = "",
  ): void {
    if (one.over) return;
    one.over = true;
    one.answer = answer;
    this.send(answer);
    this.tell(one, state, value, reason);
  }

  private tell({ call }: Known, state: ToolState, value: Free = null, reason = ""): void {
    this.changed({ call: call.id, name: call.name, args: call.args, state, value, reason });
  }
}
