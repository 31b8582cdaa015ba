/** The peer connection of a session: when the page makes one, and what becomes of it. */

import { decodeFrame } from "./codec";
import { FrametalkError } from "./errors";
import type { IceServer, RtcHeard, Welcome } from "./messages";
import type { HubEvent, TransportOption } from "./protocol";
import { MicRoute, type PeerChannel, type RouteEnv } from "./route";
import { Stalls } from "./stalls";

const BACKOFF_MS = [10_000, 30_000, 120_000]; // the server takes six offers a minute

/** What the hub provides. */
export interface UpgradeEnv extends Omit<RouteEnv, "changed"> {
  emit(event: HubEvent): void;
}

/** Has the page make a peer connection, and moves the microphone there and back. */
export class Upgrade {
  /** The way of the microphone. */
  readonly route: MicRoute;
  private transport: TransportOption = "websocket";
  private iceServers: IceServer[] = [];
  private open = false; // the page was asked for a peer connection
  private failures = 0;
  private stalls = new Stalls();
  private cancelRetry: (() => void) | null = null;

  constructor(private readonly env: UpgradeEnv) {
    const changed: RouteEnv["changed"] = (transport, reason) =>
      env.emit({ on: "transport", transport, reason });
    this.route = new MicRoute({ ...env, changed });
  }

  /** A session has begun; `resumable`: what was not heard can be sent again. */
  begin(welcome: Welcome, option: TransportOption, resumable: boolean): void {
    this.end();
    const served = resumable && (welcome.features?.includes("rtc") ?? false);
    this.transport = served ? option : "websocket";
    this.iceServers = welcome.ice_servers ?? [];
    this.failures = 0;
    this.stalls = new Stalls();
    if (this.transport === "webrtc") this.ask();
  }

  /** A ping came back. */
  pinged(roundTripMs: number): void {
    this.stalls.add(roundTripMs);
    if (this.transport === "auto" && this.stalls.often) this.ask();
  }

  /** The data channel is open. */
  opened(channel: PeerChannel): void {
    if (this.open) this.route.open(channel);
    else channel.close();
  }

  /** Something came on the data channel. */
  message(data: unknown): void {
    try {
      const message = data instanceof ArrayBuffer ? decodeFrame(data) : null;
      if (message && "type" in message && message.type === "rtc.heard") {
        this.route.takeHeard(message as RtcHeard);
      }
    } catch (error) {
      if (!(error instanceof FrametalkError)) throw error;
    }
  }

  /** It has failed: go on over the WebSocket, and try again later. */
  failed(reason: string): void {
    if (!this.open) return;
    this.stop(reason);
    const ms = BACKOFF_MS[Math.min(this.failures++, BACKOFF_MS.length - 1)] as number;
    this.cancelRetry = this.env.after(ms, () => {
      this.cancelRetry = null;
      this.ask();
    });
  }

  /** The session has ended. */
  end(): void {
    this.cancelRetry?.();
    this.cancelRetry = null;
    if (this.open) this.stop("the session has ended");
  }

  private ask(): void {
    if (this.open || this.cancelRetry) return;
    this.open = true;
    this.env.emit({ on: "peer", do: "open", iceServers: this.iceServers });
  }

  private stop(reason: string): void {
    this.open = false;
    this.route.end(reason);
    this.env.emit({ on: "peer", do: "close" });
  }
}
