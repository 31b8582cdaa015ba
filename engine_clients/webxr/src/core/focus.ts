/** What the player looks at, points at, touches or stands near: sent when it changes, at most ten times a second. */

const EVERY_US = 100_000;

type Attention = "gaze" | "point" | "touch" | "near";

/** What the player attends to, by entity id. Call its methods as often as you like: only changes are sent. */
export class Focus {
  private readonly last = new Map<Attention, string | null>();
  private sentUs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly nowUs: () => number,
    private readonly send: (entity: string) => void,
  ) {}

  /** What the player looks at; null: nothing. */
  gaze(entity: string | null): void {
    this.set("gaze", entity);
  }

  /** What a ray or finger points at; null: nothing. */
  point(entity: string | null): void {
    this.set("point", entity);
  }

  /** What the player touches; null: nothing. */
  touch(entity: string | null): void {
    this.set("touch", entity);
  }

  /** What the player stands near; null: nothing. */
  near(entity: string | null): void {
    this.set("near", entity);
  }

  /** A new session: nothing has been sent yet. For the session alone. */
  reset(): void {
    this.last.clear();
  }

  private set(attention: Attention, entity: string | null): void {
    if ((this.last.get(attention) ?? null) === entity) return;
    const nowUs = this.nowUs();
    if (entity !== null) {
      // Within the limit a glance is skipped; one that lasts is sent by a later call.
      if (nowUs - this.sentUs < EVERY_US) return;
      this.sentUs = nowUs;
      this.send(entity);
    }
    this.last.set(attention, entity);
  }
}
