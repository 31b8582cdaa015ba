/** What goes to the server: at once, or, for a session that is kept, over its next connection. */

import { encodeControl } from "./codec";
import type { Connector } from "./connector";
import { type Failure, FrametalkError } from "./errors";
import type { ClientMessage } from "./messages";
import type { Resumption } from "./resumption";
import type { MicRoute } from "./route";

/** Sends control messages and the microphone's frames. */
export class Sender {
  constructor(
    private readonly connector: Connector,
    private readonly resumption: Resumption,
    private readonly route: MicRoute,
    private readonly failed: (failure: Failure) => void,
  ) {}

  message(message: ClientMessage): void {
    const { connector, resumption } = this;
    const connected = connector.takes(isGreeting(message));
    if (!connected && !resumption.kept) return;
    if (message.type === "mic.start") this.route.start(message.stream, message.rate_hz);
    if (message.type === "mic.stop") this.route.stop();
    try {
      const bytes = encodeControl(message);
      resumption.sent(message, bytes);
      if (connected) connector.send(bytes);
      else if (resumption.out.overflowed) resumption.forget();
    } catch (error) {
      if (!(error instanceof FrametalkError)) throw error;
      this.failed(error.failure);
    }
  }

  /** A microphone frame, which begins at this sample: by the way that the microphone has now. */
  frame(frame: ArrayBuffer, sample: number): void {
    if (!this.resumption.offered) return this.onSocket(frame);
    const end = this.resumption.out.frame(frame, sample);
    this.route.frame(frame, sample, end);
  }

  /** A microphone frame over the WebSocket, if that is open. */
  onSocket(frame: ArrayBuffer): void {
    if (this.connector.takes(false)) this.connector.send(frame);
  }

  /** Send again all that has not arrived. */
  again(): void {
    this.route.resumed();
    for (const data of this.resumption.out.rest) this.connector.send(data);
  }
}

/** Whether a message may be sent before welcome. */
function isGreeting(message: ClientMessage): boolean {
  return message.type === "hello" || message.type === "pong";
}
