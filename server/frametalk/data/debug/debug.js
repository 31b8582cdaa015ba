// The live view: reads /debug/state once a second and draws it. Text only goes in by textContent.

const COLOURS = {
  input_device: "#a0724f", capture: "#7f8c9b", endpoint_wait: "#5b8def", recognition: "#3fb9a5", mind_first_token: "#a37ee8",
  tools: "#d679b8", first_clause: "#8a68d8", voice_first_sound: "#e0884f", sending: "#c2b35a",
  client_buffer: "#8fae5d", output_device: "#a0724f", audible_onset: "#5f9e6e", transport: "#7f8c9b",
};
const WAITS = { recognition: "recogniser", voice_first_sound: "voice" };
const EVERY_MS = 1000;
const element = (id) => document.getElementById(id);
let token = "";
let paused = false;
let pressed = false; // a button that is drawn again while it is pressed is not clicked

function make(tag, text = "", kind = "") {
  const made = document.createElement(tag);
  made.textContent = text;
  made.className = kind;
  return made;
}

function facts(pairs) {
  const list = make("ul", "", "facts");
  for (const [name, value, kind = ""] of pairs) {
    const item = make("li");
    item.append(make("span", `${name} `), make("b", String(value), kind));
    list.append(item);
  }
  return list;
}

const ms = (value) => (value === null || value === undefined ? "–" : `${Math.round(value)} ms`);
const kb = (bytes) => (bytes < 1000 ? `${bytes} B` : `${(bytes / 1000).toFixed(1)} kB`);
const ago = (seconds) => (seconds < 60 ? `${seconds.toFixed(1)} s` : `${Math.floor(seconds / 60)} min`);

function drawServer(state) {
  const section = element("server");
  section.hidden = false;
  const lag = state.loop_lag_ms;
  const engines = Object.entries(state.engines).map(([kind, name]) => `${kind} ${name}`).join(", ");
  section.replaceChildren(
    make("h2", `Server ${state.version}${state.draining ? ", stopping" : ""}`),
    facts([
      ["sessions", `${state.sessions.length} of ${state.max_sessions}`],
      ["loop lag", ms(lag), lag > 20 ? "bad" : lag > 5 ? "warn" : ""],
      ...Object.entries(state.engine_waits_ms).map(([step, wait]) => [`wait for ${WAITS[step] ?? step}`, ms(wait)]),
      ["engines", engines],
      ["errors", Object.entries(state.errors).map(([code, n]) => `${code} ${n}`).join(", ") || "none"],
    ]),
  );
  if (!state.workers.length) return;
  const table = make("table");
  table.append(row("th", ["worker", "process", "state", "requests pending", "memory", "restarts", "run again", "failed"]));
  for (const w of state.workers) {
    const mode = w.ready ? (w.pending ? "busy" : "idle") : "starting";
    table.append(row("td", [w.name, w.pid ?? "–", mode, w.pending, `${w.resident_mb} MB`, w.restarts, w.reruns, w.failed]));
  }
  section.append(make("h3", "Worker processes"), table);
}

function row(tag, cells) {
  const line = make("tr");
  for (const cell of cells) line.append(make(tag, String(cell)));
  return line;
}

// Saves the trace of a session, or of one of its turns.
function traceButton(text, chosen) {
  const button = make("button", text, "trace");
  button.type = "button";
  button.title = `Save the trace of ${chosen.turn === undefined ? "this session" : "this turn"} for Perfetto`;
  button.dataset.query = new URLSearchParams(chosen).toString();
  return button;
}

function bar(turn, longest) {
  const drawn = make("div", "", "bar");
  drawn.style.width = `${(100 * turn.mouth_to_ear_ms) / longest}%`;
  for (const { stage, ms: took, estimated } of turn.stages) {
    const part = make("i");
    part.style.flexGrow = String(took);
    part.style.background = COLOURS[stage] ?? "#999";
    part.title = `${stage}: ${took} ms${estimated ? ", estimated" : ""}`;
    drawn.append(part);
  }
  return drawn;
}

function turns(session) {
  const box = make("div");
  const p = session.mouth_to_ear_ms;
  box.append(make("h3", `Turns: ${p.n} measured, p50 ${ms(p.p50)}, p95 ${ms(p.p95)}; ${session.unmeasured} not measured`));
  const longest = Math.max(1, ...session.turns.map((turn) => turn.mouth_to_ear_ms ?? 0));
  const table = make("table");
  const used = new Set();
  for (const turn of session.turns) {
    const line = make("tr");
    const named = make("td");
    named.append(traceButton(`turn ${turn.turn}`, { session: session.id, turn: turn.turn }));
    line.append(named);
    const number = make("td", ms(turn.mouth_to_ear_ms), "number");
    const shown = make("td");
    shown.style.width = "100%";
    if (turn.mouth_to_ear_ms === null) shown.append(make("span", turn.unmeasured, "dim"));
    else shown.append(bar(turn, longest));
    for (const { stage } of turn.stages) used.add(stage);
    line.append(number, shown);
    table.append(line, why(turn));
  }
  const legend = make("ul", "", "legend");
  for (const stage of Object.keys(COLOURS).filter((name) => used.has(name))) {
    const item = make("li");
    const colour = make("b");
    colour.style.background = COLOURS[stage];
    item.append(colour, stage.replaceAll("_", " "));
    legend.append(item);
  }
  box.append(table, legend);
  return box;
}

// Why the turn was answered when it was.
function why(turn) {
  const reasons = [...turn.decisions];
  if (turn.ready) reasons.push("the answer was ready at its end");
  for (const stage of turn.unseen) reasons.push(`${stage.replaceAll("_", " ")} unknown, comes on top`);
  if (turn.discarded) reasons.push(`${turn.discarded} drafts discarded`);
  const line = row("td", ["", ""]);
  line.append(make("td", reasons.join("; "), "dim"));
  return line;
}

function log(session) {
  const box = make("div");
  box.append(make("h3", "What happened, newest first"));
  const scroll = make("div", "", "log");
  const table = make("table");
  for (const entry of session.entries) {
    const text = entry.kind === "step" ? `${entry.name} took ${entry.ms} ms` : entry.name;
    const kind = { error: "bad", decision: "warn", step: "dim" }[entry.kind] ?? "";
    const line = row("td", [ago(entry.ago_s), `turn ${entry.turn}`]);
    line.append(make("td", text, kind));
    table.append(line);
  }
  scroll.append(table);
  box.append(scroll);
  return box;
}

function drawSession(session, past) {
  const card = make("article", "", past ? "past" : "");
  const client = [session.client.name, session.client.version, session.client.engine].filter(Boolean).join(" ");
  card.append(make("h2", `${session.character ?? "session"} · ${session.id}${past ? " (ended)" : ""}`));
  const shown = [["client", client || "unnamed"], ["age", ago(session.age_s)]];
  if (!past) {
    shown.push(["state", session.state ?? "–"], ["floor", session.floor ?? "–"], ["turn", session.turn ?? "–"]);
    shown.push(["queued to send", kb(session.queued_bytes)], ["sent, not confirmed", kb(session.unconfirmed_bytes)]);
    if (session.waits_for_connection) shown.push(["connection", "waits for the client to come back", "warn"]);
    if (session.stands) shown.push(["time", "stands still", "warn"]);
  }
  const columns = make("div", "", "columns");
  columns.append(turns(session), log(session));
  card.append(facts(shown), traceButton("Save trace", { session: session.id }), columns);
  return card;
}

async function fetched(path) {
  const answer = await fetch(path, { headers: { Authorization: `Bearer ${token}` } });
  if (!answer.ok) throw new Error((await answer.text()).trim());
  return answer;
}

function say(text, bad = false) {
  element("status").textContent = text;
  element("status").className = bad ? "bad" : "";
}

async function saveTrace(query) {
  try {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await (await fetched(query ? `trace?${query}` : "trace")).blob());
    link.download = `frametalk-trace${query ? `-${query.replace(/\w+=/g, "").replace("&", "-")}` : ""}.json`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  } catch (error) {
    say(error.message || "the server does not answer", true);
  }
}

async function refresh() {
  if (paused || pressed || !token) return;
  try {
    const state = await (await fetched("state")).json();
    if (pressed) return;
    const focused = document.activeElement?.dataset.query;
    element("login").hidden = true;
    element("tools").hidden = false;
    const scrolled = [...document.querySelectorAll(".log")].map((each) => each.scrollTop);
    drawServer(state);
    const cards = state.sessions.map((session) => drawSession(session, false));
    cards.push(...state.past_sessions.toReversed().map((session) => drawSession(session, true)));
    if (!cards.length) cards.push(make("p", "No session is open. Connect a game, or run `frametalk demo`.", "dim"));
    element("sessions").replaceChildren(...cards);
    document.querySelectorAll(".log").forEach((each, n) => { each.scrollTop = scrolled[n] ?? 0; });
    [...document.querySelectorAll("button.trace")].find((each) => each.dataset.query === focused)?.focus();
    say(`read ${new Date().toLocaleTimeString()}`);
  } catch (error) {
    say(error.message || "the server does not answer", true);
    if (element("tools").hidden) token = "";
  }
}

element("login").addEventListener("submit", (event) => {
  event.preventDefault();
  token = element("token").value;
  refresh();
});
element("pause").addEventListener("click", () => {
  paused = !paused;
  element("pause").textContent = paused ? "Go on" : "Pause";
});
element("trace").addEventListener("click", () => saveTrace(""));
element("sessions").addEventListener("click", (event) => {
  const query = event.target.dataset.query;
  if (query) saveTrace(query);
});
addEventListener("pointerdown", () => { pressed = true; });
for (const over of ["pointerup", "pointercancel", "blur"]) addEventListener(over, () => { pressed = false; });
setInterval(refresh, EVERY_MS);
