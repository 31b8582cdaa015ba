// Keeps the media frames that a WebSocket receives, until the page asks for them on the channel `sound`.
const PCM16 = 1;
const kept = [];
const channel = new BroadcastChannel("sound");
channel.onmessage = () => channel.postMessage(kept);
const Plain = self.WebSocket;
self.WebSocket = class extends Plain {
  constructor(...how) {
    super(...how);
    this.addEventListener("message", ({ data }) => {
      if (data instanceof ArrayBuffer && new Uint8Array(data, 0, 1)[0] === PCM16)
        kept.push(data.slice(0));
    });
  }
};
