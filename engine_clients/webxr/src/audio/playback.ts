/** One character's voice on the page's side: the worklet's node, loudness, and a place in the room. */

import type { Position } from "../core/messages";
import type { PlayStatus } from "../core/playout";

export class Voice {
  /** Hears where each reply's clock stands. */
  onstatus: (status: PlayStatus) => void = () => undefined;
  private node: AudioWorkletNode | null = null;
  private gain: GainNode | null = null;
  private panner: PannerNode | null = null;
  private destination: AudioNode | null = null;
  private at: Position | null = null;
  private ear: MessagePort | null = null;
  private loudness = 1;

  /** What comes out, for a tap or an analyser; null before the session is connected. */
  get output(): AudioNode | null {
    return this.panner ?? this.gain;
  }

  /** 0 to 1 and beyond. */
  get volume(): number {
    return this.loudness;
  }

  set volume(value: number) {
    this.loudness = value;
    if (this.gain) this.gain.gain.value = value;
  }

  /** Where the mouth is, in metres; null: in the middle of the head. See also `audio.listen`. */
  place(position: Position | null): void {
    const routed = (position === null) === (this.at === null);
    this.at = position;
    if (!routed) this.route();
    else if (this.panner && position) move(this.panner, position);
  }

  /** Send the voice to a node of your own instead of the loudspeaker: an engine's panner, say. */
  connect(destination: AudioNode | null): void {
    this.destination = destination;
    this.route();
  }

  /** Hear on this port when the player's voice sets in. */
  heed(ear: MessagePort): void {
    if (this.node) this.node.port.postMessage({ ear }, [ear]);
    else this.ear = ear;
  }

  /** Make the node; gives the port on which the hub's sound is to come. */
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
    if (this.ear) this.heed(this.ear);
    this.ear = null;
    this.gain = context.createGain();
    this.gain.gain.value = this.loudness;
    node.connect(this.gain);
    this.route();
    return port2;
  }

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
