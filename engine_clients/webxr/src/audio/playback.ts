/** One character's voice on the page's side: the worklet's node, its volume and its place in the room. */

import type { Position } from "../core/messages";
import type { PlayStatus } from "../core/playout";

/** One character's voice: its volume, its place, and where it is sent. */
export class Voice {
  /** Called with the position of each reply's clock. For the session alone. */
  onstatus: (status: PlayStatus) => void = () => undefined;
  private node: AudioWorkletNode | null = null;
  private gain: GainNode | null = null;
  private panner: PannerNode | null = null;
  private destination: AudioNode | null = null;
  private at: Position | null = null;
  private capture: MessagePort | null = null;
  private loudness = 1;

  /** The node that the voice comes from, for a tap or an analyser; null before `connect`. */
  get output(): AudioNode | null {
    return this.panner ?? this.gain;
  }

  /** The voice's gain; 1 is unchanged. */
  get volume(): number {
    return this.loudness;
  }

  set volume(value: number) {
    this.loudness = value;
    if (this.gain) this.gain.gain.value = value;
  }

  /** Place the voice at `position`, in metres; null: not placed. See also `audio.listen`. */
  place(position: Position | null): void {
    const routed = (position === null) === (this.at === null);
    this.at = position;
    if (!routed) this.route();
    else if (this.panner && position) move(this.panner, position);
  }

  /** Send the voice to a node of your own, such as a game engine's panner; null: to the loudspeaker. */
  connect(destination: AudioNode | null): void {
    this.destination = destination;
    this.route();
  }

  /** Receive the capture's messages on this port: the player begins to speak. For the session alone. */
  attachCapture(port: MessagePort): void {
    if (this.node) this.node.port.postMessage({ capture: port }, [port]);
    else this.capture = port;
  }

  /** Make the node; returns the port for the hub's sound. For the session alone. */
  open(context: AudioContext): MessagePort {
    const node = new AudioWorkletNode(context, "frametalk-voice", {
      numberOfInputs: 0,
      numberOfOutputs: 1,
      outputChannelCount: [1],
    });
    node.port.onmessage = ({ data }: MessageEvent<PlayStatus>) => this.onstatus(data);
    const { port1, port2 } = new MessageChannel();
    node.port.postMessage({ hub: port1 }, [port1]);
    this.node = node;
    if (this.capture) this.attachCapture(this.capture);
    this.capture = null;
    this.gain = context.createGain();
    this.gain.gain.value = this.loudness;
    node.connect(this.gain);
    this.route();
    return port2;
  }

  /** Disconnect the voice. For the session alone. */
  close(): void {
    this.node?.port.postMessage({ stop: true });
    for (const node of [this.node, this.gain, this.panner]) node?.disconnect();
    this.node?.port.close();
    this.node = this.gain = this.panner = null;
  }

  private route(): void {
    const { gain } = this;
    if (!gain) return;
    gain.disconnect();
    this.panner?.disconnect();
    this.panner = null;
    const destination = this.destination ?? gain.context.destination;
    if (this.at === null) {
      gain.connect(destination);
      return;
    }
    this.panner = new PannerNode(gain.context, {
      panningModel: "HRTF",
      distanceModel: "inverse",
      refDistance: 1.5,
      rolloffFactor: 0.8,
    });
    move(this.panner, this.at);
    gain.connect(this.panner).connect(destination);
  }
}

function move(panner: PannerNode, [x, y, z]: Position): void {
  panner.positionX.value = x;
  panner.positionY.value = y;
  panner.positionZ.value = z;
}
