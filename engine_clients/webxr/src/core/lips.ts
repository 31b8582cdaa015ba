/** The mouth of one character over its replies. */

import type { Mark } from "./messages";
import { atRest, MouthScript } from "./mouth";
import type { PlayStatus } from "./playout";
import { ReplyClock } from "./replyclock";
import type { MouthWeights } from "./visemes";

const EARLY = 16; // reports that may arrive before their reply is announced

interface Speaking {
  clock: ReplyClock;
  script: MouthScript;
}

/** Gives the mouth's weights. Times are seconds of the audio context's clock, at the loudspeaker. */
export class Lips {
  private now: Speaking | null = null;
  private next: Speaking | null = null;
  private early: PlayStatus[] = [];
  private readonly pose = atRest();

  begin(reply: number, rateHz: number): void {
    this.next = { clock: new ReplyClock(reply, rateHz), script: new MouthScript(rateHz) };
    for (const status of this.early.splice(0)) this.status(status);
  }

  marks(reply: number, marks: readonly Mark[]): void {
    this.find(reply)?.script.add(marks);
  }

  status(status: PlayStatus): void {
    const speaking = this.find(status.reply);
    if (!speaking) {
      this.early.push(status);
      if (this.early.length > EARLY) this.early.shift();
      return;
    }
    speaking.clock.push(status);
    // The previous reply's mouth stays at rest until the next one's first sound.
    if (speaking === this.next) {
      this.now = speaking;
      this.next = null;
    }
  }

  /** The reply whose mouth is shown. */
  get reply(): number | null {
    return this.now?.clock.reply ?? null;
  }

  /** The sample that is heard at `at`, with fractions; continues after the sound's end. */
  sampleAt(at: number): number {
    return this.now?.clock.mouthAt(at) ?? 0;
  }

  /** The weights at `at`. The same object every time. */
  weights(at: number): Readonly<MouthWeights> {
    if (!this.now) return this.pose;
    const { clock, script } = this.now;
    const t = clock.mouthAt(at);
    const end = clock.endBy(at);
    return script.weights(t, end?.cut ? end.sample : null, this.pose);
  }

  private find(reply: number): Speaking | null {
    return [this.next, this.now].find((speaking) => speaking?.clock.reply === reply) ?? null;
  }
}
