/** What the page shows and asks, as plain elements: no session, no scene. */

function element<T extends HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found as T;
}

export type Mode = "open" | "ptt" | "none";
export type Link = "away" | "trying" | "here" | "lost";

const LABELS: Record<Mode, string> = {
  open: "Listening",
  ptt: "Hold to talk",
  none: "No microphone",
};
const TITLES: Record<Mode, string> = {
  open: "Click to switch the microphone off and on",
  ptt: "Hold to talk (Space)",
  none: "",
};
const LOG_LINES = 30;

/** What somebody chose before coming in. */
export interface Choice {
  mode: Mode;
  language: string;
  character: string;
}

/** What the page's controls ask for. */
export interface Wishes {
  join(choice: Choice): void;
  leave(): void;
  press(): void;
  release(): void;
  say(text: string): void;
  /** Whether the microphone sends silence. */
  deafen(deaf: boolean): void;
  mute(muted: boolean): void;
  showLatency(shown: boolean): void;
  enter(kind: "vr" | "ar"): void;
}

export class View {
  readonly canvas = element<HTMLCanvasElement>("stage");
  readonly latency = element("latency");
  private readonly door = element<HTMLDialogElement>("door");
  private readonly controls = element<HTMLFormElement>("controls");
  private readonly talk = element<HTMLButtonElement>("talk");
  private readonly talkLabel = element("talk-label");
  private readonly typed = element<HTMLInputElement>("typed");
  private readonly language = element<HTMLSelectElement>("language");
  private readonly character = element<HTMLSelectElement>("character");
  private mode: Mode = "open";
  private deaf = false;
  private shortly = "";

  constructor(private readonly wishes: Wishes) {
    element("join").addEventListener("click", () => this.join());
    element("leave").addEventListener("click", () => wishes.leave());
    this.controls.addEventListener("submit", (event) => {
      event.preventDefault();
      const text = this.typed.value.trim();
      this.typed.value = "";
      if (text) wishes.say(text);
    });
    this.toggle("mute", (on) => wishes.mute(on));
    this.toggle("show-latency", (on) => wishes.showLatency(on));
    for (const kind of ["vr", "ar"] as const) {
      element(`enter-${kind}`).addEventListener("click", () => wishes.enter(kind));
    }
    this.holdToTalk();
    this.talk.addEventListener("click", (event) => this.clicked(event));
    window.addEventListener("keydown", (event) => this.key(event));
    window.addEventListener("keyup", (event) => {
      if (event.code !== "Space") return;
      if (this.mode === "ptt" && event.target === this.talk) event.preventDefault(); // held, not clicked
      this.release();
    });
    window.addEventListener("blur", () => this.release());
  }

  /** Fill a choice of the first dialog with values and their names. One that is no choice is not shown. */
  offer(choice: "language" | "character", options: [string, string][]): void {
    const select = this[choice];
    select.replaceChildren(...options.map(([value, name]) => new Option(name, value)));
    select.closest<HTMLElement>("label")?.toggleAttribute("hidden", options.length < 2);
  }

  /** The way into a headset is shown where there is one. */
  offerXr(kind: "vr" | "ar", offered: boolean): void {
    element(`enter-${kind}`).hidden = !offered;
  }

  connection(link: Link, text: string): void {
    const line = element("connection");
    line.dataset.state = link;
    line.textContent = text;
    this.warn();
  }

  /** While the server is asked. */
  joining(on: boolean): void {
    const join = element<HTMLButtonElement>("join");
    join.disabled = on;
    join.textContent = on ? "Coming in..." : "Come in";
    if (!on && this.door.open) join.focus();
  }

  /** Somebody is in, or has left. */
  joined(inside: boolean): void {
    this.controls.hidden = !inside;
    if (inside) {
      this.door.close();
      (this.mode === "none" ? this.typed : this.talk).focus();
    } else {
      this.captions("", "", "", "");
      this.deed("");
      this.latency.hidden = true;
      this.set("show-latency", false);
      this.set("mute", false);
      this.door.show();
      element("join").focus();
    }
  }

  /** Whether the microphone hears now, or the session's own idea of it. */
  hearing(on: boolean): void {
    this.talk.dataset.hearing = String(on);
  }

  /** The microphone may have changed its mode on its own: it was refused, or was pulled out. */
  microphone(mode: Mode): void {
    this.mode = mode;
    this.talk.disabled = mode === "none";
    this.talk.title = TITLES[mode];
    this.deafen(false);
  }

  /** The player's words, of which the last may still change; the character's, of which the last are not heard yet. */
  captions(stable: string, unstable: string, heard: string, unheard: string): void {
    fill("player-says", stable, unstable, "unstable");
    fill("character-says", heard, unheard, "unheard");
  }

  /** What was done in the scene just now. */
  deed(text: string): void {
    element("deed").textContent = text;
    if (text) this.tell(text);
  }

  /** A line for screen readers: captions change with every word, which nobody wants read out. */
  tell(text: string): void {
    const log = element("log");
    log.append(paragraph(text, ""));
    while (log.childElementCount > LOG_LINES) log.firstElementChild?.remove();
  }

  /** Whether the character's voice is switched off. */
  get muted(): boolean {
    return element("mute").getAttribute("aria-pressed") === "true";
  }

  /** Say what went wrong and what can be done; the same code is said once. */
  problem(code: string, text: string, remedy: string, again?: () => void): void {
    this.solved(code);
    const box = document.createElement("div");
    box.className = "problem";
    box.dataset.code = code;
    const words = document.createElement("div");
    words.append(paragraph(text, ""), paragraph(remedy, "remedy"));
    box.append(words);
    const close = document.createElement("button");
    close.type = "button";
    close.textContent = again ? "Try again" : "Dismiss";
    close.addEventListener("click", () => {
      box.remove();
      this.warn();
      again?.();
    });
    box.append(close);
    element("problems").append(box);
    this.warn();
  }

  /** A problem that is no more. */
  solved(code: string): void {
    for (const box of document.querySelectorAll<HTMLElement>(".problem"))
      if (box.dataset.code === code) box.remove();
    this.warn();
  }

  /** The newest problem or the broken connection in few words, where there is no page; empty without. */
  get warning(): string {
    return this.shortly;
  }

  private warn(): void {
    const newest = element("problems").lastElementChild;
    const lines = [...(newest?.querySelectorAll("p") ?? [])].map(({ textContent }) => textContent);
    const { textContent: link, dataset } = element("connection");
    this.shortly = lines.join(" ") || (dataset.state === "here" ? "" : (link ?? ""));
  }

  /** Press a toggle as if it were clicked. */
  press(id: "mute" | "show-latency"): void {
    element(id).click();
  }

  private join(): void {
    const chosen = this.door.querySelector<HTMLInputElement>("input[name=mode]:checked");
    this.microphone((chosen?.value ?? "open") as Mode);
    this.wishes.join({
      mode: this.mode,
      language: this.language.value,
      character: this.character.value,
    });
  }

  private toggle(id: string, act: (on: boolean) => void): void {
    const button = element<HTMLButtonElement>(id);
    button.addEventListener("click", () => {
      const on = button.getAttribute("aria-pressed") !== "true";
      this.set(id, on);
      act(on);
    });
  }

  private set(id: string, on: boolean): void {
    element(id).setAttribute("aria-pressed", String(on));
  }

  /** A listening microphone is switched off and on. To hold is hard without a mouse: a click then holds. */
  private clicked(event: MouseEvent): void {
    if (this.mode === "open") this.deafen(!this.deaf);
    else if (event.detail === 0 && this.held) this.release();
    else if (event.detail === 0) this.hold();
  }

  private deafen(deaf: boolean): void {
    if (deaf !== this.deaf) this.wishes.deafen(deaf);
    this.deaf = deaf;
    this.talkLabel.textContent = deaf ? "Not listening" : LABELS[this.mode];
    if (this.mode === "ptt") this.talk.setAttribute("aria-pressed", "false");
    else this.talk.removeAttribute("aria-pressed");
  }

  private get held(): boolean {
    return this.talk.getAttribute("aria-pressed") === "true";
  }

  private holdToTalk(): void {
    this.talk.addEventListener("pointerdown", (event) => {
      this.talk.setPointerCapture(event.pointerId);
      this.hold();
    });
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"])
      this.talk.addEventListener(end, () => this.release());
  }

  private hold(): void {
    if (this.mode !== "ptt" || this.held) return;
    this.set("talk", true);
    this.wishes.press();
  }

  private release(): void {
    if (!this.held) return;
    this.set("talk", false);
    this.wishes.release();
  }

  private key(event: KeyboardEvent): void {
    const writing = event.target instanceof HTMLInputElement && event.target.type === "text";
    if (
      writing ||
      event.repeat ||
      event.ctrlKey ||
      event.metaKey ||
      event.altKey ||
      this.controls.hidden
    )
      return;
    // A button that has the focus takes the space bar itself, but for the one that is held.
    const held = event.target === this.talk && this.mode === "ptt";
    const own = event.target instanceof HTMLButtonElement && !held;
    if (event.code === "Space" && !own) {
      event.preventDefault();
      this.hold();
    } else if (event.code === "KeyM") this.press("mute");
    else if (event.code === "KeyL") this.press("show-latency");
  }
}

function paragraph(text: string, kind: string): HTMLParagraphElement {
  const made = document.createElement("p");
  made.textContent = text;
  made.className = kind;
  return made;
}

function fill(id: string, certain: string, rest: string, kind: string): void {
  const line = element(id);
  const span = document.createElement("span");
  span.className = kind;
  span.textContent = rest;
  line.replaceChildren(certain, ...(rest ? [span] : []));
}
