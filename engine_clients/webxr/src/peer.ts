/** The page's peer connection: browsers make none in a Worker. Its data channel goes to the hub, where that is possible. */

import type { IceServer } from "./core/messages";
import type { ToHub } from "./host";

/** Whether this browser has peer connections. */
export function hasPeers(): boolean {
  return typeof RTCPeerConnection !== "undefined";
}

/** Makes one peer connection at a time, and signals through the hub. */
export class Peer {
  private connection: RTCPeerConnection | null = null;

  constructor(private readonly send: (data: ToHub, transfer?: Transferable[]) => void) {}

  /** Make one, and offer it. */
  async open(iceServers: IceServer[]): Promise<void> {
    this.close();
    try {
      const connection = new RTCPeerConnection({ iceServers });
      this.connection = connection;
      const options = { ordered: false, maxRetransmits: 0 };
      const channel = connection.createDataChannel("mic", options);
      channel.binaryType = "arraybuffer";
      this.hand(channel);
      connection.onicecandidate = ({ candidate }) => {
        // Not the end: where a browser hides its addresses, the server has to wait for its first packet.
        if (!candidate?.candidate) return;
        this.send({ do: "ice", candidate: candidate.candidate, mid: candidate.sdpMid ?? "" });
      };
      connection.onconnectionstatechange = () => {
        const { connectionState } = connection;
        if (connectionState === "failed" || connectionState === "closed") {
          this.failed(connection, `the peer connection has ${connectionState}`);
        }
      };
      await connection.setLocalDescription();
      this.send({ do: "offer", sdp: connection.localDescription?.sdp ?? "" });
    } catch (error) {
      this.failed(this.connection, (error as Error).message);
    }
  }

  /** The server has answered. */
  async answer(sdp: string): Promise<void> {
    const { connection } = this;
    try {
      await connection?.setRemoteDescription({ type: "answer", sdp });
    } catch (error) {
      this.failed(connection, (error as Error).message);
    }
  }

  close(): void {
    const { connection } = this;
    this.connection = null;
    connection?.close();
  }

  private failed(connection: RTCPeerConnection | null, reason: string): void {
    if (connection !== this.connection) return;
    this.send({ do: "peerEnded", reason });
  }

  /** Frames must not wait for the page: the channel moves to the hub's thread if the browser can do that. */
  private hand(channel: RTCDataChannel): void {
    try {
      this.send({ do: "channel", channel }, [channel as unknown as Transferable]);
    } catch {
      const { port1, port2 } = new MessageChannel();
      channel.onopen = () => port1.postMessage("open");
      channel.onclose = () => port1.postMessage("closed");
      channel.onmessage = ({ data }) => port1.postMessage(data, [data]);
      port1.onmessage = ({ data }) => {
        if (data === "close") channel.close();
        else if (channel.readyState === "open") {
          channel.send(data);
          port1.postMessage(channel.bufferedAmount);
        }
      };
      this.send({ do: "channel", port: port2 }, [port2]);
    }
  }
}
