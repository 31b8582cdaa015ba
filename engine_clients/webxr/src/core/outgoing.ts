/** What was sent and may not have arrived: sent again, in order, over the connection that resumes the session. */

import { HEADER_BYTES, PCM16 } from "./media";
import type { ClientMessage, ResumeFrom } from "./messages";
import { usedSamples } from "./opus";

const MAX_FRAMES = 500; // 10 s of the microphone
const MAX_MESSAGES = 2000;

/** Control messages that concern one connection; neither side counts them. */
const UNCOUNTED = new Set<ClientMessage["type"]>(["hello", "ping", "pong", "ack"]);

interface Entry {
  /** A control message counts from 1; a media frame has 0. */
  number: number;
  /** One past a media frame's last sample. */
  end: number;
  data: ArrayBuffer | Uint8Array<ArrayBuffer>;
}

/** Counts what is sent, and keeps it until the server has it. */
export class Outgoing {
  /** Whether messages that had not arrived were dropped: then the session cannot be resumed. */
  overflowed = false;
  private entries: Entry[] = [];
  private sent = 0;
  private micSample = 0;
  private frames = 0;

  /** A control message is sent; `bytes` is its encoded form. */
  message(message: ClientMessage, bytes: Uint8Array<ArrayBuffer>): void {
    if (UNCOUNTED.has(message.type)) return;
    this.sent++;
    if (message.type === "mic.start") this.micSample = 0;
    this.entries.push({ number: this.sent, end: 0, data: bytes.slice() });
    if (this.entries.length - this.frames > MAX_MESSAGES) this.drop((entry) => entry.number > 0);
  }

  /** A microphone frame is sent; returns one past its last sample. */
  frame(frame: ArrayBuffer, sample: number): number {
    const [kind = PCM16] = new Uint8Array(frame, 0, 1);
    this.micSample = sample + usedSamples(kind, sample, new Uint8Array(frame, HEADER_BYTES));
    this.entries.push({ number: 0, end: this.micSample, data: frame });
    this.frames++;
    if (this.frames > MAX_FRAMES) this.drop((entry) => entry.number === 0);
    return this.micSample;
  }

  /** So many messages have arrived, and the microphone's open stream up to this sample. */
  confirm(messages: number, micSample: number | null): void {
    // What arrived is a prefix: all that was sent before a message that arrived did too.
    let last = -1;
    for (const [index, { number }] of this.entries.entries())
      if (number > 0 && number <= messages) last = index;
    let from = last + 1;
    for (; from < this.entries.length; from++) {
      const { number, end } = this.entries[from] as Entry;
      if (number > 0 || micSample === null || end > micSample) break;
    }
    this.entries = this.entries.slice(from);
    this.frames = this.entries.filter((entry) => entry.number === 0).length;
  }

  /** The frames of a microphone stream that end after this sample. */
  framesFrom(stream: number, sample: number): ArrayBuffer[] {
    return this.entries
      .filter(({ number, end }) => number === 0 && end > sample)
      .map(({ data }) => data as ArrayBuffer)
      .filter((frame) => new DataView(frame).getUint16(2, true) === stream);
  }

  /** Whether something waits to be confirmed. */
  get waits(): boolean {
    return this.entries.length > 0;
  }

  /** Everything that is kept, in the order of sending. */
  get rest(): (ArrayBuffer | Uint8Array<ArrayBuffer>)[] {
    return this.entries.map(({ data }) => data);
  }

  /** What `hello` says of the sending side. */
  get counts(): Pick<ResumeFrom, "sent" | "mic_sample"> {
    return { sent: this.sent, mic_sample: this.micSample };
  }

  /** A new session begins. */
  reset(): void {
    this.entries = [];
    this.sent = 0;
    this.micSample = 0;
    this.frames = 0;
    this.overflowed = false;
  }

  private drop(which: (entry: Entry) => boolean): void {
    const index = this.entries.findIndex(which);
    const [entry] = this.entries.splice(index, 1);
    if (!entry) return;
    if (entry.number > 0) this.overflowed = true;
    else this.frames--;
  }
}
