/** A clock and timers on virtual time. */

const START_US = 1_000_000_000;

export class Timeline {
  private us = START_US;
  private timers: { atUs: number; act: () => void }[] = [];

  readonly nowUs = (): number => this.us;

  readonly after = (ms: number, act: () => void): (() => void) => {
    const timer = { atUs: this.us + ms * 1000, act };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
  };

  /** Milliseconds since the start. */
  get ms(): number {
    return (this.us - START_US) / 1000;
  }

  /** How many timers are set. */
  get pending(): number {
    return this.timers.length;
  }

  /** Advance the time; timers run at their times. */
  advance(ms: number): void {
    const endUs = this.us + ms * 1000;
    for (;;) {
      const next = this.timers.sort((a, b) => a.atUs - b.atUs)[0];
      if (!next || next.atUs > endUs) break;
      this.timers.shift();
      this.us = next.atUs;
      next.act();
    }
    this.us = endUs;
  }
}
