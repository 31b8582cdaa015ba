/** What a page sets of its session, and what of that goes to the server. */

import type { FrametalkAudio } from "./audio/engine";
import { complete } from "./core/address";
import type { Consent, EchoPolicy, Hello, Interruptible, ToolSpec } from "./core/messages";
import type { TransportOption } from "./core/protocol";

/** Options of a session; each may be omitted. */
export interface SessionOptions {
  /** The server's address, such as `ws://localhost:8765`; default: the page's own server. */
  url?: string;
  /** The character to talk to; default: the server's first. */
  character?: string;
  /** The language that is spoken, BCP 47; default: English, or the voice's own. */
  language?: string;
  /** The token that the server's operator issued. */
  token?: string;
  /** How echo is handled; default: `platform_aec` if the browser cancels echo, else `duck`. */
  echo?: EchoPolicy;
  /** What interrupts a reply; default: the character's own setting. */
  interruptible?: Interruptible;
  /** Scopes whose tools the character may use in this session; tools without a scope are always allowed. */
  scopes?: readonly string[];
  /** What the player agrees to; without it, the player was not asked. */
  consent?: Consent;
  /** Whether the player is a child. */
  child?: boolean;
  /** The game's name and version, for the server's log. */
  client?: { name?: string; version?: string };
  /** Sound that several sessions of a page share; default: its own. */
  audio?: FrametalkAudio;
  /**
   * What carries the microphone. Default `auto`: the WebSocket, and a peer connection (WebRTC) once the network holds
   * packets back. Everything else always uses the WebSocket.
   */
  transport?: TransportOption;
  /** Whether sound is sent as Opus in place of PCM16, if browser and server have it; default: with `webrtc`. */
  opus?: boolean;
  /** Whether a lost connection is opened again; default true. */
  reconnect?: boolean;
  /** The address of frametalk-worker.js; default: beside this module. False: no Worker. */
  workerUrl?: string | URL | false;
}

const FEATURES = ["resume", "floor", "turn_hint"];

/** The first message to the server. */
export function helloOf(
  options: SessionOptions,
  echo: EchoPolicy,
  tools: ToolSpec[],
  transport: TransportOption,
): Hello {
  const { character, language, token, interruptible, scopes, consent, child, client } = options;
  return {
    type: "hello",
    protocol: 1,
    client: { name: "webxr", ...client, engine: "browser" },
    echo,
    tools,
    features: transport === "websocket" ? FEATURES : [...FEATURES, "rtc"],
    ...(character === undefined ? {} : { character }),
    ...(language === undefined ? {} : { language }),
    ...(token === undefined ? {} : { token }),
    ...(scopes === undefined ? {} : { scopes: [...scopes] }),
    ...(consent === undefined ? {} : { consent }),
    ...(child === undefined ? {} : { child }),
    ...(interruptible === undefined ? {} : { interruptible }),
  };
}

/** The address of the server's WebSocket; without `url`, on the page's own server. */
export function serverAddress(url: string | undefined): string {
  const base = typeof location === "undefined" ? undefined : location.href;
  const found = new URL(url ?? "/v1", base);
  if (found.protocol === "http:") found.protocol = "ws:";
  if (found.protocol === "https:") found.protocol = "wss:";
  return complete(found);
}

/** How echo is handled if the page does not say. */
export function bestEcho(): EchoPolicy {
  const known = globalThis.navigator?.mediaDevices?.getSupportedConstraints?.();
  return known?.echoCancellation ? "platform_aec" : "duck";
}
