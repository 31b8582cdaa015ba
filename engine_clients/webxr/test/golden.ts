/** The golden files of protocols/. */

import { readdirSync, readFileSync } from "node:fs";

const PROTOCOLS = new URL("../../../protocols/", import.meta.url);

export function golden<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`golden/${name}`, PROTOCOLS), "utf-8")) as T;
}

export function goldenBytes(name: string): ArrayBuffer {
  return bytesOf(readFileSync(new URL(`golden/${name}`, PROTOCOLS)));
}

/** Names of the messages in `full` or `least`. */
export function goldenMessages(folder: "full" | "least"): string[] {
  return readdirSync(new URL(`golden/${folder}`, PROTOCOLS))
    .filter((name) => name.endsWith(".json"))
    .map((name) => name.slice(0, -".json".length));
}

export function fromHex(hex: string): ArrayBuffer {
  return bytesOf(Buffer.from(hex, "hex"));
}

export function toHex(bytes: ArrayBuffer | Uint8Array): string {
  return Buffer.from(bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes)).toString("hex");
}

function bytesOf(buffer: Buffer): ArrayBuffer {
  return buffer.buffer.slice(
    buffer.byteOffset,
    buffer.byteOffset + buffer.byteLength,
  ) as ArrayBuffer;
}
