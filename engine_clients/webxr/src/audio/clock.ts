/** Places an audio context's clock on the page's. */

const KEPT = 10; // readings, of which the least delayed is used

/** Places the clock of one audio context on the page's clock. */
export class ContextClock {
  private readonly offsetsS: number[] = [];

  constructor(readonly context: AudioContext) {
    // Readings from before the context stopped no longer hold.
    context.addEventListener("statechange", () => {
      this.offsetsS.length = 0;
    });
  }

  /** When context time 0 was rendered, in microseconds of our clock. Call it now and then. */
  renderOffsetUs(): number {
    this.offsetsS.push(performance.now() / 1000 - this.context.currentTime);
    if (this.offsetsS.length > KEPT) this.offsetsS.shift();
    return performance.timeOrigin * 1000 + Math.min(...this.offsetsS) * 1e6;
  }

  /** The page's time, in seconds, at which context time 0 left the loudspeaker. */
  outputOffsetS(): number {
    const { context } = this;
    const { contextTime, performanceTime } = context.getOutputTimestamp();
    if (performanceTime && contextTime) return performanceTime / 1000 - contextTime;
    return performance.now() / 1000 - (context.currentTime - this.latencyS);
  }

  /** What the browser says of the way to the loudspeaker, in milliseconds; null: nothing. */
  outputMs(): number | null {
    return this.latencyS > 0 ? this.latencyS * 1000 : null;
  }

  private get latencyS(): number {
    return this.context.outputLatency || this.context.baseLatency || 0;
  }
}
