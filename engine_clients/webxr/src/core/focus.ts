/** What the player looks at, points at, touches: said when it changes, at most ten times a second. */

import type { FocusKind } from "./messages";

const EVERY_US = 100_000;

/** `send` gets the time, so that the hub can place it on the microphone's clock. */
export class Focus {
  private readonly last = new Map<FocusKind, string | null>();
  private sentUs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly nowUs: () => number,
    private readonly send: (entity: string, kind: FocusKind, atUs: number) => void,
  ) {}

  /** What the player looks at; null: nothing. Call it as often as you like. */
  gaze(entity: string | null): void {
    this.set("gaze", entity);
  }

  /** What a ray or finger points at; null: nothing. */
  point(entity: string | null): void {
    this.set("point", entity);
  }

  touch(entity: string | null): void {
    this.set("touch", entity);
  }

  near(entity: string | null): void {
    this.set("near", entity);
  }

  /** Another session: nothing was said yet. */
  reset(): void {
    this.last.clear();
  }

  private set(kind: FocusKind, entity: string | null): void {
    if ((this.last.get(kind) ?? null) === entity) return;
    const nowUs = this.nowUs();
    if (entity !== null) {
      // A glance in between is not worth more than the limit; what stays is said the next time.
      if (nowUs - this.sentUs < EVERY_US) return;
      this.sentUs = nowUs;
      this.send(entity, kind, nowUs);
    }
    this.last.set(kind, entity);
  }
}
