/** The page's plain elements: what it shows, and its controls. No session, no scene. */

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

/** What the player chose before joining. */
export interface Choice {
  mode: Mode;
  language: string;
  character: string;
}

/** What the page's controls report. */
export interface PageEvents {
  join(choice: Choice): void;
  leave(): void;
  press(): void;
  release(): void;
  say(text: string): void;
  /** Whether the microphone sends silence. */
  muteMicrophone(micMuted: boolean): void;
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
  private micMuted = false;
  private summary = "";

  constructor(private readonly events: PageEvents) {
    element("join").addEventListener("click", () => this.join());
    element("leave").addEventListener("click", () => events.leave());
    this.controls.addEventListener("submit", (event) => {
      event.preventDefault();
      const text = this.typed.value.trim();
      this.typed.value = "";
      if (text) events.say(text);
    });
    this.toggle("mute", (on) => events.mute(on));
    this.toggle("show-latency", (on) => events.showLatency(on));
    for (const kind of ["vr", "ar"] as const) {
      element(`enter-${kind}`).addEventListener("click", () => events.enter(kind));
    }
    this.listenForTalk();
    this.talk.addEventListener("click", (event) => this.clicked(event));
    window.addEventListener("keydown", (event) => this.key(event));
    window.addEventListener("keyup", (event) => {
      if (event.code !== "Space") return;
      if (this.mode === "ptt" && event.target === this.talk) event.preventDefault(); // pressed, not clicked
      this.releaseTalk();
    });
    window.addEventListener("blur", () => this.releaseTalk());
  }

  /** Fill a choice of the first dialog with values and their names; a single one is hidden. */
  offer(choice: "language" | "character", options: [string, string][]): void {
    const select = this[choice];
    select.replaceChildren(...options.map(([value, name]) => new Option(name, value)));
    select.closest<HTMLElement>("label")?.toggleAttribute("hidden", options.length < 2);
  }

  /** Show or hide the button that enters a headset. */
  offerXr(kind: "vr" | "ar", offered: boolean): void {
    element(`enter-${kind}`).hidden = !offered;
  }

  connection(link: Link, text: string): void {
    const line = element("connection");
    line.dataset.state = link;
    line.textContent = text;
    this.warn();
  }

  /** Show that joining is under way. */
  joining(on: boolean): void {
    const join = element<HTMLButtonElement>("join");
    join.disabled = on;
    join.textContent = on ? "Coming in..." : "Come in";
    if (!on && this.door.open) join.focus();
  }

  /** Show that the player has joined, or has left. */
  joined(inside: boolean): void {
    this.controls.hidden = !inside;
    if (inside) {
      this.door.close();
      (this.mode === "none" ? this.typed : this.talk).focus();
    } else {
      this.captions("", "", "", "");
      this.action("");
      this.latency.hidden = true;
      this.set("show-latency", false);
      this.set("mute", false);
      this.door.show();
      element("join").focus();
    }
  }

  /** Show whether the player is being heard. */
  hearing(on: boolean): void {
    this.talk.dataset.hearing = String(on);
  }

  /** Show the microphone's mode, also after it was refused or unplugged. */
  microphone(mode: Mode): void {
    this.mode = mode;
    this.talk.disabled = mode === "none";
    this.talk.title = TITLES[mode];
    this.muteMicrophone(false);
  }

  /** Show the player's words, stable and unstable, and the character's, heard and not yet heard. */
  captions(stable: string, unstable: string, heard: string, unheard: string): void {
    fill("player-says", stable, unstable, "unstable");
    fill("character-says", heard, unheard, "unheard");
  }

  /** Show what was just done in the scene. */
  action(text: string): void {
    element("action").textContent = text;
    if (text) this.tell(text);
  }

  /** Add a line for screen readers, because captions change with every word. */
  tell(text: string): void {
    const log = element("log");
    log.append(paragraph(text, ""));
    while (log.childElementCount > LOG_LINES) log.firstElementChild?.remove();
  }

  /** Whether the character's voice is switched off. */
  get muted(): boolean {
    return element("mute").getAttribute("aria-pressed") === "true";
  }

  /** Show what went wrong and its remedy; each code is shown once. */
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

  /** Remove a problem. */
  solved(code: string): void {
    for (const box of document.querySelectorAll<HTMLElement>(".problem"))
      if (box.dataset.code === code) box.remove();
    this.warn();
  }

  /** The newest problem or the state of a lost connection, for a headset; empty if all is well. */
  get warning(): string {
    return this.summary;
  }

  private warn(): void {
    const newest = element("problems").lastElementChild;
    const lines = [...(newest?.querySelectorAll("p") ?? [])].map(({ textContent }) => textContent);
    const { textContent: link, dataset } = element("connection");
    this.summary = lines.join(" ") || (dataset.state === "here" ? "" : (link ?? ""));
  }

  /** Press a toggle as if it were clicked. */
  press(id: "mute" | "show-latency"): void {
    element(id).click();
  }

  private join(): void {
    const chosen = this.door.querySelector<HTMLInputElement>("input[name=mode]:checked");
    this.microphone((chosen?.value ?? "open") as Mode);
    this.events.join({
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

  /** In open mode, mute and unmute. With push-to-talk, a click by keyboard presses the button, and another releases it. */
  private clicked(event: MouseEvent): void {
    if (this.mode === "open") this.muteMicrophone(!this.micMuted);
    else if (event.detail === 0 && this.pressed) this.releaseTalk();
    else if (event.detail === 0) this.pressTalk();
  }

  private muteMicrophone(micMuted: boolean): void {
    if (micMuted !== this.micMuted) this.events.muteMicrophone(micMuted);
    this.micMuted = micMuted;
    this.talkLabel.textContent = micMuted ? "Not listening" : LABELS[this.mode];
    if (this.mode === "ptt") this.talk.setAttribute("aria-pressed", "false");
    else this.talk.removeAttribute("aria-pressed");
  }

  private get pressed(): boolean {
    return this.talk.getAttribute("aria-pressed") === "true";
  }

  private listenForTalk(): void {
    this.talk.addEventListener("pointerdown", (event) => {
      this.talk.setPointerCapture(event.pointerId);
      this.pressTalk();
    });
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"])
      this.talk.addEventListener(end, () => this.releaseTalk());
  }

  private pressTalk(): void {
    if (this.mode !== "ptt" || this.pressed) return;
    this.set("talk", true);
    this.events.press();
  }

  private releaseTalk(): void {
    if (!this.pressed) return;
    this.set("talk", false);
    this.events.release();
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
    // A button with the focus handles the space bar itself, except the push-to-talk button.
    const pressed = event.target === this.talk && this.mode === "ptt";
    const own = event.target instanceof HTMLButtonElement && !pressed;
    if (event.code === "Space" && !own) {
      event.preventDefault();
      this.pressTalk();
    } else if (event.code === "KeyM") this.press("mute");
    else if (event.code === "KeyL") this.press("show-latency");
  }
}

function paragraph(text: string, kind: string): HTMLParagraphElement {
  const line = document.createElement("p");
  line.textContent = text;
  line.className = kind;
  return line;
}

function fill(id: string, certain: string, rest: string, kind: string): void {
  const line = element(id);
  const span = document.createElement("span");
  span.className = kind;
  span.textContent = rest;
  line.replaceChildren(certain, ...(rest ? [span] : []));
}
