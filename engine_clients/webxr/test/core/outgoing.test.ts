import { describe, expect, it } from "vitest";
import { encodeControl } from "../../src/core/codec";
import { HEADER_BYTES } from "../../src/core/media";
import type { ClientMessage } from "../../src/core/messages";
import { Outgoing } from "../../src/core/outgoing";

const SAY: ClientMessage = { type: "say", text: "hello" };

function message(out: Outgoing, value: ClientMessage = SAY): void {
  out.message(value, encodeControl(value));
}

function frame(out: Outgoing, number: number): void {
  out.frame(new ArrayBuffer(HEADER_BYTES + 640), number * 320);
}

describe("what was sent", () => {
  it("is counted, without what concerns one connection", () => {
    const out = new Outgoing();
    message(out);
    message(out, { type: "ack", acked: 1 });
    message(out, { type: "ping", id: 1, t_us: 1 });
    message(out, { type: "hello", protocol: 1 });
    frame(out, 0);
    expect(out.counts).toEqual({ sent: 1, mic_sample: 320 });
    expect(out.rest).toHaveLength(2);
  });

  it("is kept until it is confirmed, with the sound before it", () => {
    const out = new Outgoing();
    frame(out, 0);
    message(out);
    frame(out, 1);
    frame(out, 2);
    message(out);
    out.confirm(0, null);
    expect(out.rest).toHaveLength(5);
    out.confirm(1, 640);
    expect(out.rest).toHaveLength(2);
    out.confirm(2, 960);
    expect(out.waits).toBe(false);
  });

  it("is kept for 10 s of the microphone, and messages longer", () => {
    const out = new Outgoing();
    message(out);
    for (let number = 0; number < 600; number++) frame(out, number);
    expect(out.rest).toHaveLength(501);
    expect(out.overflowed).toBe(false);
    for (let number = 0; number < 2000; number++) message(out);
    expect(out.overflowed).toBe(true);
    out.reset();
    expect([out.waits, out.overflowed, out.counts.sent]).toEqual([false, false, 0]);
  });
});
