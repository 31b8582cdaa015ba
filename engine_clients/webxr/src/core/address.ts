/** Where a session connects next: the address that the page set, or the one that a `goaway` named. */

const ATTEMPTS = 5; // in a row without an answer; then the page's address is used again

/** The address of a session's connections. */
export class Address {
  private current: string;
  private unanswered = 0;

  constructor(private readonly setByPage: string) {
    this.current = setByPage;
  }

  /** The address for an attempt to connect, which begins now. */
  next(): string {
    if (this.unanswered >= ATTEMPTS) {
      this.current = this.setByPage;
      this.unanswered = 0;
    }
    this.unanswered++;
    return this.current;
  }

  /** Go where a `goaway` says, from the next attempt on. Returns what is wrong with its `url`; empty: nothing. */
  leave(url: string): string {
    if (url === "") return "";
    const found = /^wss?:\/\//i.test(url) ? parsed(url) : null;
    if (found === null) return `goaway: "${url}" is neither ws:// nor wss://`;
    if (found.protocol === "ws:" && parsed(this.current)?.protocol === "wss:") {
      return `goaway: "${url}" leads from wss:// to ws://`;
    }
    this.current = complete(found);
    this.unanswered = 0;
    return "";
  }

  /** The newest attempt got an answer. */
  answered(): void {
    this.unanswered = 0;
  }
}

/** An address with the wire's path, if it has none. */
export function complete(url: URL): string {
  if (url.pathname === "/") url.pathname = "/v1";
  return url.href;
}

function parsed(url: string): URL | null {
  try {
    return new URL(url);
  } catch {
    return null;
  }
}
