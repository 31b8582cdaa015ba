// Plays a scenario of engine_clients/parity, and returns the transcript.
import { FrametalkSession, Refusal } from "./frametalk.js";

const STEP_WITHIN_MS = 30_000;
const SETTLE_MS = 300;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function until(reached, what) {
  const deadline = performance.now() + STEP_WITHIN_MS;
  while (!reached()) {
    if (performance.now() > deadline) throw new Error(`${what} did not end`);
    await sleep(5);
  }
}

/** The world's rules on the session's scene. */
class Game {
  constructor(session, world) {
    this.scene = session.scene;
    this.scene.snapshot(world.entity);
    for (const { rules, ...spec } of world.tool) session.tools.define(spec, (args) => this.decide(spec.name, rules, args));
  }

  decide(tool, rules, args) {
    const named = (id) => args[id] ?? id;
    const at = (path) => this.scene.state(named(path.split(".")[0]), path.split(".")[1]);
    const fill = (text) =>
      text.replace(/\{(\w+)(?:\.(\w+))?\}/g, (whole, id, key) => {
        const entity = this.scene.get(named(id));
        if (!entity) return whole;
        return key === undefined ? entity.name : key === "id" ? entity.id : String(entity.state[key] ?? "");
      });
    const rule = rules.find((one) => Object.entries(one.if).every(([path, value]) => at(path) === value));
    if (!rule) throw new Refusal(`nobody here can ${tool} that`);
    if (rule.refuse) throw new Refusal(fill(rule.refuse));
    for (const [path, value] of Object.entries(rule.set)) {
      const [owner, key] = path.split(".");
      this.scene.set(named(owner), { [key]: typeof value === "string" ? fill(value) : value });
    }
    return fill(rule.value) || null;
  }
}

class Transcript {
  replies = new Map();
  turns = new Map();
  calls = new Map();
  order = [];
  errors = [];
  idle = true;
  called = 0;

  constructor(session) {
    session.on("turn", ({ state }) => (this.idle = state === "idle"));
    session.on("transcript", ({ turn, text, final }) => final && this.turns.set(turn, text));
    session.on("reply", (event) => this.reply(event));
    session.on("caption", ({ reply, text }) => this.replies.get(reply)?.captions.push(text));
    session.on("mark", ({ reply, mark }) => this.mark(this.replies.get(reply), mark));
    session.on("tool", (event) => this.tool(event));
    session.on("error", (error) => this.errors.push(String(error.code)));
  }

  get ended() {
    return [...this.replies.values()].filter(({ how }) => how !== "").length;
  }

  get newest() {
    return [...this.replies.values()].at(-1);
  }

  reply({ phase, reply, turn, sample, how }) {
    this.order.push(`reply ${reply} ${phase}`);
    if (phase === "begin") {
      this.replies.set(reply, { reply, turn, how: "", sample: 0, captions: [], words: [], gestures: [] });
    } else if (phase === "ended") Object.assign(this.replies.get(reply), { how, sample });
  }

  mark(reply, { kind, name }) {
    if (kind === "word") reply?.words.push(name);
    else reply?.gestures.push(`${kind} ${name}`);
  }

  tool({ call, name, args, state, reason, value }) {
    if (state === "called") {
      this.called++;
      return;
    }
    this.order.push(`call ${call} ${state}`);
    this.calls.set(call, { call, name, args, state, reason, value });
  }

  written(failure) {
    return {
      client: "webxr",
      failure: [failure, ...this.errors].filter(Boolean).join("; "),
      turns: [...this.turns].map(([turn, text]) => ({ turn, text })).sort((a, b) => a.turn - b.turn),
      replies: [...this.replies.values()],
      tools: [...this.calls.values()].sort((a, b) => a.call - b.call),
      order: this.order,
    };
  }
}

const playing = {};

function speak(line) {
  const { samples, rate } = playing.sounds[line];
  fakeMic.say(samples, rate);
  return sleep((1000 * samples.length) / rate + 50);
}

async function begin(session, step) {
  if (step.event) session.scene.event(step.event);
  else if (step.say) session.say(step.say);
  else if (step.speak) void speak(step.speak);
  else if (step.press) {
    await session.mic.start({ mode: "ptt" });
    session.mic.press();
    await until(() => session.mic.event.open, "pressing");
    await speak(step.press);
    session.mic.release();
    await sleep(400);
    await session.mic.start({ mode: "open" });
  }
}

async function atWord(session, transcript, step, before) {
  const reached = () => transcript.newest !== before && transcript.newest.words.length >= step.at_word;
  await until(reached, `word ${step.at_word}`);
  if (step.then.interrupt) session.interrupt();
  if (step.then.speak) void speak(step.then.speak);
  if (step.then.cut) await window.cut();
}

window.play = async (scenario, world, sounds) => {
  playing.sounds = sounds;
  const session = new FrametalkSession({ echo: "none" });
  const transcript = new Transcript(session);
  new Game(session, world);
  let failure = "";
  try {
    await session.mic.start({ mode: "open" });
    await session.connect();
    await session.unlock();
    let ended = 0;
    for (const [index, step] of scenario.steps.entries()) {
      ended += step.replies ?? 1;
      const before = transcript.newest;
      await begin(session, step);
      if (step.at_word) await atWord(session, transcript, step, before);
      const settled = () => transcript.ended >= ended && transcript.idle && transcript.calls.size === transcript.called;
      await until(settled, `step ${index + 1}`);
      await sleep(SETTLE_MS);
    }
  } catch (error) {
    failure = String(error);
  }
  session.close();
  return transcript.written(failure);
};
window.ready = true;
