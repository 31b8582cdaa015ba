// A plain page with the library; all its events are in `log`.
import * as frametalk from "./frametalk.js";

const log = [];
window.frametalk = frametalk;
window.log = log;

window.talk = async (options = {}, { micFirst = false } = {}) => {
  const session = new frametalk.FrametalkSession(options);
  window.session = session;
  for (const name of ["connection", "turn", "transcript", "reply", "caption", "mark", "tool", "mic", "latency", "error", "sound", "transport"]) {
    session.on(name, (event) => {
      const plain = event instanceof Error ? { code: event.code, text: event.text, remedy: event.remedy } : event;
      log.push({ happened: name, when: performance.now(), ...JSON.parse(JSON.stringify(plain)) });
    });
  }
  session.tools.define(
    {
      name: "open",
      description: "Open a door or a container.",
      parameters: {
        type: "object",
        required: ["target"],
        properties: { target: { type: "string", "x-entity": true } },
      },
      verbs: ["open"],
      scope: options.scope ?? "",
    },
    ({ target }) => {
      if (session.scene.state(target, "locked")) throw new frametalk.Refusal(`the ${target} is locked`);
      session.scene.set(target, { open: true });
    },
  );
  session.scene.snapshot([
    { id: "door", name: "red door", kind: "door", aliases: ["door"], state: { open: false }, affordances: ["open"] },
    { id: "chest", name: "chest", kind: "container", state: { open: false, locked: true }, affordances: ["open"] },
  ]);
  if (micFirst) await session.mic.start();
  await session.connect();
  await session.unlock();
  return session.welcome;
};

// Records the voice's peak in each 10 ms.
window.tap = () => {
  window.taps = [];
  const analyser = new AnalyserNode(session.audio.context, { fftSize: 512 });
  session.voice.output.connect(analyser);
  const sound = new Float32Array(512);
  setInterval(() => {
    analyser.getFloatTimeDomainData(sound);
    taps.push({ at: performance.now(), peak: Math.max(...sound.map(Math.abs)) });
  }, 10);
};

// Resolves when the newest peak is above `low` and below `high`.
window.untilLevel = async (low, high) => {
  while (!(taps.length && taps.at(-1).peak > low && taps.at(-1).peak < high)) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

// Records the mouth in every frame of the page.
window.watchMouth = () => {
  window.frames_ = [];
  const frame = () => {
    const { reply, sample } = session.mouth;
    frames_.push({ at: performance.now(), reply, sample, weights: { ...session.mouth.weights() } });
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
};

// Resolves when so many of these records are from this time or later.
window.untilMany = async (name, at, count) => {
  while (window[name].filter((record) => record.at >= at).length < count) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

window.waitFor = async (name, fields = {}, from = 0) => {
  const fits = (entry) => entry.happened === name && Object.entries(fields).every(([key, value]) => entry[key] === value);
  for (;;) {
    const found = log.slice(from).find(fits);
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};
window.ready = true;
