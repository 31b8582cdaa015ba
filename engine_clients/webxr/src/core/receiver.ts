/** What comes from the server: decoded, without repetitions, and passed to the part that it is for. */

import { decodeFrame, isMedia } from "./codec";
import type { Connector } from "./connector";
import type { Downlink } from "./downlink";
import { FrametalkError } from "./errors";
import type { ErrorMessage, ServerMessage, Welcome } from "./messages";
import type { Pings } from "./pings";
import type { HubEvent } from "./protocol";
import type { Resumption } from "./resumption";
import type { Upgrade } from "./upgrade";

/** Errors after which a peer connection is of no use: the microphone goes back, and nothing is lost. */
const PEER_ENDS = new Set(["rtc_sdp", "rtc_offers", "rtc_failed", "rtc_flood", "rtc_route"]);

/** The parts of a session that messages are for. */
export interface ReceiverParts {
  readonly connector: Connector;
  readonly resumption: Resumption;
  readonly pings: Pings;
  readonly media: Upgrade;
  readonly down: Downlink;
  /** The server has answered hello. */
  joined(welcome: Welcome): void;
  emit(event: HubEvent): void;
}

/** Takes the server's frames. */
export class Receiver {
  constructor(private readonly parts: ReceiverParts) {}

  frame(frame: string | ArrayBuffer): void {
    this.parts.pings.frame();
    try {
      if (typeof frame !== "string" && (new Uint8Array(frame)[0] ?? 0x80) < 0x80) {
        this.parts.down.media(frame);
        return;
      }
      const message = decodeFrame(frame);
      if (!isMedia(message)) this.receive(message as ServerMessage);
    } catch (error) {
      if (!(error instanceof FrametalkError)) throw error;
      this.parts.emit({ on: "failure", failure: { ...error.failure, fault: "server" } });
    }
  }

  private receive(message: ServerMessage): void {
    const { connector, resumption, pings } = this.parts;
    if (message.type === "ping") return pings.answer(message);
    if (message.type === "pong") return pings.pong(message);
    if (message.type === "welcome") {
      if (connector.state === "joining") this.parts.joined(message);
    } else if (message.type === "received") {
      return resumption.confirmed(message);
    } else if (message.type === "error" && connector.state === "joining") {
      return this.failed(message); // a refusal; its `seq` is not of the session that was kept
    } else if (resumption.repeated(message.seq ?? 0)) {
      return;
    }
    resumption.count(message.seq ?? 0);
    if (message.type === "error") return this.failed(message);
    // The reply before may still fade: the page learns that it ended before the next one begins.
    if (message.type === "reply.begin") this.parts.down.begin(message);
    if (message.type !== "tool.call" && message.type !== "welcome") {
      this.parts.emit({ on: "message", message });
    }
    this.dispatch(message);
  }

  private dispatch(message: ServerMessage): void {
    const { down } = this.parts;
    switch (message.type) {
      case "reply.text":
        return down.text(message);
      case "reply.marks":
        return down.marks(message);
      case "reply.end":
        return down.end(message);
      case "reply.cut":
        return down.cut(message);
      case "turn.state":
        return down.turn(message);
      case "tool.call":
        return down.tool(message);
      case "goaway":
        return this.failure(this.parts.connector.goAway(message.url ?? ""));
      case "rtc.answer":
        return this.parts.emit({ on: "peer", do: "answer", sdp: message.sdp });
    }
  }

  private failed(message: ErrorMessage): void {
    const { connector, media } = this.parts;
    const { code, text = "", stage = "", remedy = "", fatal = false } = message;
    const retryAfterMs = message.retry_after_ms ?? 0;
    const fault = (message.fault ?? "") as FrametalkError["fault"];
    const error = new FrametalkError({ code, text, stage, fault, remedy, fatal, retryAfterMs });
    if (fatal) connector.answered();
    if (PEER_ENDS.has(code)) media.failed(text);
    else if (fatal) connector.failed(error);
    else this.failure(error);
  }

  private failure(error: FrametalkError | null): void {
    if (error) this.parts.emit({ on: "failure", failure: error.failure });
  }
}
