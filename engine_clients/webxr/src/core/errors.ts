/** The error of everything that fails here, with the fields of the wire's `error`. */

/** Who is at fault; empty: unknown. */
export type Fault = "client" | "server" | "engine" | "user" | "";

/** The fields of a failure. */
export interface Failure {
  /** A stable code; README.md and protocols/wire.md list them. */
  code: string;
  /** What is wrong, for people. */
  text: string;
  /** The stage that failed: `link`, `hear`, `speak`, ... */
  stage: string;
  /** Who is at fault. */
  fault: Fault;
  /** What a person can do about it. */
  remedy: string;
  /** Whether the session has ended. */
  fatal: boolean;
  /** Another try makes sense after this time; 0: that is not known. */
  retryAfterMs?: number;
}

/** A failure with a stable `code` and a `remedy`. */
export class FrametalkError extends Error implements Failure {
  /** A stable code. */
  readonly code: string;
  /** What is wrong, for people. */
  readonly text: string;
  /** The stage that failed. */
  readonly stage: string;
  /** Who is at fault. */
  readonly fault: Fault;
  /** What a person can do about it. */
  readonly remedy: string;
  /** Whether the session has ended. */
  readonly fatal: boolean;
  /** Another try makes sense after this time; 0: that is not known. */
  readonly retryAfterMs: number;

  constructor(failure: Pick<Failure, "code" | "text"> & Partial<Failure>) {
    super(`${failure.code}: ${failure.text}`);
    this.name = "FrametalkError";
    this.code = failure.code;
    this.text = failure.text;
    this.stage = failure.stage ?? "";
    this.fault = failure.fault ?? "";
    this.remedy = failure.remedy ?? "";
    this.fatal = failure.fatal ?? false;
    this.retryAfterMs = failure.retryAfterMs ?? 0;
  }

  /** The fields as a plain object, for `postMessage`. */
  get failure(): Failure {
    const { code, text, stage, fault, remedy, fatal, retryAfterMs } = this;
    return { code, text, stage, fault, remedy, fatal, retryAfterMs };
  }
}
