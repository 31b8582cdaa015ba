/** The tools of the game: declared before hello; each call is executed at most once. */

import { FrametalkError } from "./errors";
import type { ClientMessage, Free, ToolCall, ToolSpec } from "./messages";

/** Thrown by a handler to refuse a call, with a reason that the character can say. */
export class Refusal extends Error {
  /** `reason`: why not, in words that a character can say: "the chest is locked". */
  constructor(readonly reason: string) {
    super(reason);
    this.name = "Refusal";
  }
}

/** A call's arguments by name; they fit the tool's schema. */
export type Args = Readonly<Record<string, Free>>;

/** One call, for its handler. */
export interface Call {
  /** The call's id. */
  id: number;
  /** The tool's name. */
  name: string;
  /** The arguments by name. */
  args: Args;
  /** The turn that caused it; 0: none. */
  turn: number;
  /** The reply it belongs to; null: none. */
  reply: number | null;
  /** The revision of the scene that the mind knew. */
  sceneRev: number;
  /** Time within which the result must arrive, in milliseconds. */
  deadlineMs: number;
  /** Aborted when the server cancels the call, or the session ends. */
  signal: AbortSignal;
}

/** Executes a call; returns the call's value. To refuse, it throws `Refusal`; any other error means that it failed. */
export type ToolHandler = (args: Args, call: Call) => Free | undefined | Promise<Free | undefined>;

/** How far a call is: `called`, then one of the others. */
export type ToolState = "called" | "done" | "refused" | "failed" | "cancelled";

/** A call began or ended. */
export interface ToolEvent {
  /** The call's id. */
  call: number;
  /** The tool's name. */
  name: string;
  /** The arguments by name. */
  args: Args;
  /** How far the call is. */
  state: ToolState;
  /** What the handler returned, for `done`; else null. */
  value: Free;
  /** Why it was refused or failed; else empty. */
  reason: string;
}

const KEPT_CALLS = 256; // so that a call that is repeated is not executed again

interface CallRecord {
  call: Call;
  abort: AbortController;
  answer: ClientMessage | null;
  ended: boolean;
}

/** Declares the game's tools and executes their calls. */
export class Tools {
  private readonly handlers = new Map<string, { spec: ToolSpec; handler: ToolHandler }>();
  private readonly calls = new Map<number, CallRecord>();
  private cancelledEarly = new Set<number>();
  private declared = false;

  constructor(
    private readonly send: (message: ClientMessage) => void,
    private readonly changed: (event: ToolEvent) => void,
  ) {}

  /** Declare a tool and its handler, before `connect`. Throws FrametalkError `tools_declared` after it. */
  define(spec: ToolSpec, handler: ToolHandler): void {
    if (this.declared) {
      throw new FrametalkError({
        code: "tools_declared",
        text: `the tool ${spec.name} was defined after connect()`,
        stage: "tool",
        fault: "client",
        remedy: "define every tool before connect()",
      });
    }
    this.handlers.set(spec.name, { spec, handler });
  }

  /** The tools for hello; after this none can be defined. For the session alone. */
  declare(): ToolSpec[] {
    this.declared = true;
    return [...this.handlers.values()].map(({ spec }) => spec);
  }

  /** Execute a call that is due. For the session alone. */
  async call(message: ToolCall): Promise<void> {
    const known = this.calls.get(message.call);
    if (known) {
      if (known.answer) this.send(known.answer);
      return;
    }
    if (this.cancelledEarly.delete(message.call)) return;
    const record = this.add(message);
    this.report(record, "called");
    try {
      const handler = this.handlers.get(message.name)?.handler;
      if (!handler) throw new Refusal("there is no such tool");
      const value = (await handler(record.call.args, record.call)) ?? null;
      this.answer(
        record,
        "done",
        { type: "tool.result", call: message.call, ok: true, value },
        value,
      );
    } catch (error) {
      this.failed(record, error);
    }
  }

  /** The server cancelled a call. For the session alone. */
  cancel(call: number): void {
    const record = this.calls.get(call);
    if (!record) {
      this.cancelledEarly.add(call);
      if (this.cancelledEarly.size > KEPT_CALLS) this.cancelledEarly = new Set([call]);
    } else if (!record.ended) {
      record.ended = true;
      record.abort.abort();
      this.report(record, "cancelled");
    }
  }

  /** The session ended: cancel its calls. For the session alone. */
  reset(): void {
    for (const id of this.calls.keys()) this.cancel(id);
    this.calls.clear();
    this.cancelledEarly.clear();
  }

  private add(message: ToolCall): CallRecord {
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
    const record: CallRecord = { call, abort, answer: null, ended: false };
    this.calls.set(call.id, record);
    const oldest = this.calls.keys().next().value;
    if (this.calls.size > KEPT_CALLS && oldest !== undefined) this.calls.delete(oldest);
    return record;
  }

  private failed(record: CallRecord, error: unknown): void {
    const call = record.call.id;
    if (error instanceof Refusal) {
      const { reason } = error;
      const answer: ClientMessage = { type: "tool.ack", call, accepted: false, reason };
      this.answer(record, "refused", answer, null, reason);
    } else {
      const reason = error instanceof Error ? error.message : String(error);
      this.answer(record, "failed", { type: "tool.result", call, ok: false, reason }, null, reason);
    }
  }

  private answer(
    record: CallRecord,
    state: ToolState,
    answer: ClientMessage,
    value: Free,
    reason = "",
  ): void {
    if (record.ended) return;
    record.ended = true;
    record.answer = answer;
    this.send(answer);
    this.report(record, state, value, reason);
  }

  private report({ call }: CallRecord, state: ToolState, value: Free = null, reason = ""): void {
    this.changed({ call: call.id, name: call.name, args: call.args, state, value, reason });
  }
}
