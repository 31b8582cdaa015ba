/** Runs a hub with real sockets, clocks and timers, in any thread. */

import { Hub, type HubEnv, type Socket, type SocketHandlers } from "./core/hub";
import type { PlayStatus } from "./core/playout";
import type { Captured, Command, HubEvent } from "./core/protocol";

/** From the page to a hub: commands, and the worklets' ports. */
export type ToHub =
  | Command
  | { do: "capture"; port: MessagePort }
  | { do: "playback"; port: MessagePort };

/** The time in whole microseconds, on one clock for all threads of a page. */
export function nowUs(): number {
  return Math.round((performance.timeOrigin + performance.now()) * 1000);
}

/** Start a hub; returns the function that takes the page's messages. */
export function hostHub(emit: (event: HubEvent) => void): (data: ToHub) => void {
  const hub = new Hub({ nowUs, after, socket, emit });
  return (data) => {
    if (data.do === "capture") {
      data.port.onmessage = (event: MessageEvent<Captured>) => hub.captured(event.data);
      hub.attachCapture(data.port);
    } else if (data.do === "playback") {
      data.port.onmessage = (event: MessageEvent<PlayStatus>) => hub.status(event.data);
      hub.attachPlayback(data.port);
    } else {
      hub.command(data);
    }
  };
}

const after: HubEnv["after"] = (ms, act) => {
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
