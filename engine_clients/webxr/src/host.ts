/** Runs a hub with real sockets, clocks and timers, in any thread. */

import { type Handed, takeChannel } from "./channel";
import type { Socket, SocketEnv, SocketHandlers } from "./core/connector";
import { Hub } from "./core/hub";
import type { PlayStatus } from "./core/playout";
import type { Captured, Command, HubEvent } from "./core/protocol";
import { opusCoders } from "./webcodecs";

/** From the page to a hub: commands, and the worklets' ports. */
export type ToHub =
  | Command
  | { do: "capture"; port: MessagePort }
  | { do: "playback"; port: MessagePort }
  | ({ do: "channel" } & Handed);

/** The time in whole microseconds, on one clock for all threads of a page. */
export function nowUs(): number {
  return Math.round((performance.timeOrigin + performance.now()) * 1000);
}

/** Start a hub; returns the function that takes the page's messages. */
export function hostHub(emit: (event: HubEvent) => void): (data: ToHub) => void {
  const hub = new Hub({ nowUs, after, socket, emit });
  let held: ToHub[] | null = null; // while the browser is asked for its codecs
  const take = (data: ToHub): void => {
    if (held) held.push(data);
    else if (data.do === "connect" && data.opus) {
      held = [{ ...data, opus: false }];
      void opusCoders().then((coders) => {
        hub.useOpus(coders);
        const all = held ?? [];
        held = null;
        for (const one of all) take(one);
      });
    } else if (data.do === "capture") {
      data.port.onmessage = (event: MessageEvent<Captured>) => hub.captured(event.data);
      hub.attachCapture(data.port);
    } else if (data.do === "playback") {
      data.port.onmessage = (event: MessageEvent<PlayStatus>) => hub.status(event.data);
      hub.attachPlayback(data.port);
    } else if (data.do === "channel") {
      takeChannel(hub, data);
    } else {
      hub.command(data);
    }
  };
  return take;
}

const after: SocketEnv["after"] = (ms, act) => {
  const timer = setTimeout(act, ms);
  return () => clearTimeout(timer);
};

function socket(url: string, handlers: SocketHandlers): Socket {
  const socket = new WebSocket(url);
  socket.binaryType = "arraybuffer";
  socket.onopen = () => handlers.opened();
  socket.onmessage = ({ data }) => handlers.frame(data as string | ArrayBuffer);
  socket.onclose = ({ code }) => handlers.closed(code);
  return socket;
}
