/** Timers by name. */

/** Calls `act` after `ms`; returns a function that cancels it. */
export type After = (ms: number, act: () => void) => () => void;

/** At most one timer of each name: setting it again replaces it. */
export class Timers<Name extends string> {
  private readonly cancels = new Map<Name, () => void>();

  constructor(private readonly after: After) {}

  set(name: Name, ms: number, act: () => void): void {
    this.clear(name);
    this.cancels.set(name, this.after(ms, act));
  }

  clear(name: Name): void {
    this.cancels.get(name)?.();
    this.cancels.delete(name);
  }
}
