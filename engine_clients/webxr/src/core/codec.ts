/** Encodes and decodes the wire (protocols/wire.md). No state, no sockets. */

import { decode, Encoder } from "@msgpack/msgpack";
import { FrametalkError } from "./errors";
import { readMarks, type WireMarks } from "./marks";
import { decodeMedia, type Media } from "./media";
import type { ClientMessage, ServerMessage, UnknownMessage } from "./messages";

/** The longest message, in bytes. */
export const MAX_MESSAGE_BYTES = 61_440;
/** How deep a message may be nested. */
export const MAX_DEPTH = 32;
/** Any control message. */
export type Control = ServerMessage | ClientMessage | UnknownMessage;

const encoder = new Encoder({ ignoreUndefined: true });

/** Encode a control message as MessagePack. Throws FrametalkError `number_not_finite`, `message_too_large`. */
export function encodeControl(message: ClientMessage): Uint8Array<ArrayBuffer> {
  checkValue(message, 0);
  const bytes = encoder.encode(message);
  if (bytes.byteLength > MAX_MESSAGE_BYTES) {
    throw bad(
      "message_too_large",
      `${message.type} is ${bytes.byteLength} bytes long`,
      "split the message",
    );
  }
  return bytes;
}

/** Decode a frame: text is JSON, binary is media or MessagePack. Throws FrametalkError. */
export function decodeFrame(frame: string | ArrayBuffer): Media | Control {
  const size = typeof frame === "string" ? frame.length : frame.byteLength;
  if (size > MAX_MESSAGE_BYTES) throw bad("message_too_large", `${size} bytes`);
  if (typeof frame === "string") return decodeText(frame);
  const bytes = new Uint8Array(frame);
  if (bytes.length === 0) throw bad("message_malformed", "an empty frame");
  return (bytes[0] as number) < 0x80 ? decodeMedia(frame) : decodeBinary(bytes);
}

/** Whether a decoded frame is media. */
export function isMedia(message: Media | Control): message is Media {
  return "payload" in message && "kind" in message && !("type" in message);
}

function decodeText(text: string): Control {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw bad("message_malformed", "a text frame that is not JSON");
  }
  return checkMessage(value);
}

function decodeBinary(bytes: Uint8Array): Control {
  let value: unknown;
  try {
    value = decode(bytes);
  } catch (error) {
    throw bad("message_malformed", `a frame that is not MessagePack: ${(error as Error).message}`);
  }
  return checkMessage(value);
}

function checkMessage(value: unknown): Control {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw bad("message_invalid", "a message that is not a map");
  }
  if (typeof (value as UnknownMessage).type !== "string") {
    throw bad("message_invalid", "a message without a type");
  }
  checkValue(value, 0);
  if ((value as UnknownMessage).type !== "reply.marks") return value as Control;
  const { at: _at, names: _names, ...message } = value as WireMarks;
  const marks = readMarks(value as WireMarks);
  if (marks === null) throw bad("message_invalid", "reply.marks: neither packed nor rows");
  return { ...message, marks } as Control;
}

function checkValue(value: unknown, depth: number): void {
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw bad("number_not_finite", "NaN or infinity");
  } else if (typeof value === "object" && value !== null && !ArrayBuffer.isView(value)) {
    if (depth >= MAX_DEPTH) throw bad("message_too_deep", `deeper than ${MAX_DEPTH}`, "flatten it");
    for (const item of Object.values(value)) checkValue(item, depth + 1);
  }
}

function bad(code: string, text: string, remedy = ""): FrametalkError {
  return new FrametalkError({ code, text, stage: "wire", fault: "client", remedy });
}
