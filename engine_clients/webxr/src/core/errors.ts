/** Everything that fails here fails as this, with the same fields as the wire's `error`. */

export type Fault = "client" | "server" | "engine" | "user" | "";

export interface Failure {
  code: string;
  text: string;
  stage: string;
  fault: Fault;
  remedy: string;
  fatal: boolean;
}

/** A failure with a stable `code` and, in `remedy`, what a person can do about it. */
export class FrametalkError extends Error implements Failure {
  readonly code: string;
  readonly text: string;
  readonly stage: string;
  readonly fault: Fault;
  readonly remedy: string;
  readonly fatal: boolean;

  constructor(failure: Pick<Failure, "code" | "text"> & Partial<Failure>) {
    super(`${failure.code}: ${failure.text}`);
    this.name = "FrametalkError";
    this.code = failure.code;
    this.text = failure.text;
    this.stage = failure.stage ?? "";
    this.fault = failure.fault ?? "";
    this.remedy = failure.remedy ?? "";
    this.fatal = failure.fatal ?? false;
  }

  /** The fields alone, for `postMessage`. */
  get failure(): Failure {
    const { code, text, stage, fault, remedy, fatal } = this;
    return { code, text, stage, fault, remedy, fatal };
  }
}
