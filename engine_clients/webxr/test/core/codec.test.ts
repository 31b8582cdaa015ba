import { decode } from "@msgpack/msgpack";
import { describe, expect, it } from "vitest";
import { decodeFrame, encodeControl, isMedia, MAX_MESSAGE_BYTES } from "../../src/core/codec";
import { FrametalkError } from "../../src/core/errors";
import type { ClientMessage } from "../../src/core/messages";
import { fromHex, golden, goldenBytes, goldenMessages } from "../golden";

interface Bad {
  name: string;
  frame: "binary" | "text";
  code: string;
  parts: { hex?: string; text?: string; times: number }[];
}

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof FrametalkError) return error.code;
    throw error;
  }
  return "accepted";
}

describe.each(["full", "least"] as const)("golden/%s", (folder) => {
  it.each(goldenMessages(folder))("%s is the same as MessagePack and as JSON", (name) => {
    const json = golden(`${folder}/${name}.json`);
    const read = decodeFrame(JSON.stringify(json));
    expect(decodeFrame(goldenBytes(`${folder}/${name}.msgpack`))).toEqual(read);
    if (name !== "reply.marks") expect(read).toEqual(json);
  });

  it.each(goldenMessages(folder))("%s is the same after encoding and decoding", (name) => {
    const json = golden<ClientMessage>(`${folder}/${name}.json`);
    expect(decode(encodeControl(json))).toEqual(json);
  });
});

describe("golden/session.json", () => {
  it("is decoded from the first frame to the last", () => {
    const frames = golden<{ from: string; name: string; hex: string }[]>("session.json");
    const names = frames.map(({ hex }) => {
      const message = decodeFrame(fromHex(hex));
      return isMedia(message) ? "media" : message.type;
    });
    expect(names).toEqual(frames.map(({ name }) => name));
  });
});

describe("golden/bad.json", () => {
  // These are for servers. A client checks what could do harm, and takes fields as they come: what only
  // a schema can judge it may accept, and it mends broken UTF-8 instead of refusing it.
  const lenient = (bad: Bad): boolean => bad.code === "message_invalid" || bad.name === "not_utf8";
  const cases = golden<Bad[]>("bad.json").map((bad) => [bad.name, bad] as const);

  it.each(cases)("%s: refused with its code, or accepted on purpose", (_name, bad) => {
    const frame =
      bad.frame === "text"
        ? bad.parts.map(({ text = "", times }) => text.repeat(times)).join("")
        : fromHex(bad.parts.map(({ hex = "", times }) => hex.repeat(times)).join(""));
    const code = codeOf(() => decodeFrame(frame));
    if (!lenient(bad)) expect(code).toBe(bad.code);
    else expect(["accepted", "message_invalid", "number_not_finite"]).toContain(code);
  });
});

describe("what we send", () => {
  it("is refused if the wire would refuse it", () => {
    const event = (data: unknown): ClientMessage =>
      ({ type: "scene.event", name: "e", data }) as ClientMessage;
    let deep: unknown = 1;
    for (let i = 0; i < 40; i++) deep = { deep };
    expect(codeOf(() => encodeControl(event({ x: Number.NaN })))).toBe("number_not_finite");
    expect(codeOf(() => encodeControl(event(deep)))).toBe("message_too_deep");
    expect(codeOf(() => encodeControl(event({ x: "y".repeat(MAX_MESSAGE_BYTES) })))).toBe(
      "message_too_large",
    );
  });

  it("encodes whole numbers as such, and omits undefined fields", () => {
    const bytes = encodeControl({ type: "say", text: "x", extra: undefined } as ClientMessage);
    expect(decode(bytes)).toEqual({ type: "say", text: "x" });
    const micros = 1_795_797_628_671_605;
    expect(decode(encodeControl({ type: "ping", id: 1, t_us: micros }))).toMatchObject({
      t_us: micros,
    });
    // cf: an unsigned integer of 64 bits, not a float.
    expect(Buffer.from(encodeControl({ type: "ping", id: 1, t_us: micros })).includes(0xcf)).toBe(
      true,
    );
  });
});
