/** The hub's end of a peer connection's data channel: the channel itself, or a port to the page that has it. */

import type { Hub } from "./core/hub";

/** What the page hands over. */
export type Handed = { channel: RTCDataChannel } | { port: MessagePort };

/** Give the channel to the hub once it is open. */
export function takeChannel(hub: Hub, handed: Handed): void {
  if ("channel" in handed) own(hub, handed.channel);
  else remote(hub, handed.port);
}

function own(hub: Hub, channel: RTCDataChannel): void {
  channel.binaryType = "arraybuffer";
  const opened = (): void =>
    hub.peerOpened({
      send: (data) => {
        if (channel.readyState === "open") channel.send(data as ArrayBuffer);
      },
      get queuedBytes() {
        return channel.bufferedAmount;
      },
      close: () => channel.close(),
    });
  channel.onmessage = ({ data }) => hub.peerMessage(data);
  channel.onclose = () => hub.peerClosed();
  if (channel.readyState === "open") opened();
  else channel.onopen = opened;
}

function remote(hub: Hub, port: MessagePort): void {
  let queuedBytes = 0;
  port.onmessage = ({ data }) => {
    if (data === "closed") hub.peerClosed();
    else if (typeof data === "number") queuedBytes = data;
    else if (data !== "open") hub.peerMessage(data);
    else {
      hub.peerOpened({
        send: (frame) => port.postMessage(frame),
        get queuedBytes() {
          return queuedBytes;
        },
        close: () => port.postMessage("close"),
      });
    }
  };
}
