// Helpers for tests of the tavern's page: frames at a display's rate, the face in each, the voice in the output.
// Loaded before the page's own scripts, because the page's policy allows no code from elsewhere.

// Drawing a frame in software takes 100 ms and more of all cores. Without drawing, frames come as on a real display;
// "seldom" draws three times a second, which leaves room for the other processes.
const DRAWN_EVERY_MS = 333;
window.drawing = (on) => {
  delete tavern.draw;
  if (on === true) return;
  const draw = tavern.draw.bind(tavern);
  let drawnMs = Number.NEGATIVE_INFINITY;
  tavern.draw = () => {
    if (on !== "seldom" || performance.now() - drawnMs < DRAWN_EVERY_MS) return;
    draw();
    drawnMs = performance.now();
  };
};

// Records each frame: the context time that is heard, the reply's clock, and what the face shows. The time is read
// once per frame, so that its values belong together on a busy machine too.
window.watchFace = (visemes) => {
  window.faces = [];
  const { audio, stage } = tavern;
  const clock = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(audio), "heardNow").get;
  let at = null;
  Object.defineProperty(audio, "heardNow", { get: () => at ?? clock.call(audio) });
  const compose = tavern.compose.bind(tavern);
  tavern.compose = (...frame) => {
    at = clock.call(audio);
    compose(...frame);
    const mouth = tavern.talk?.session.mouth;
    faces.push({
      at,
      reply: mouth?.reply ?? null,
      sample: mouth?.sample ?? 0,
      shown: Object.fromEntries(visemes.map((name) => [name, stage.character.influence(name)])),
    });
    at = null;
  };
};

// Records the voice's output, in pieces with the context time of their first sample. The tap is the library's own
// capture worklet.
window.tapVoice = (rateHz) => {
  const { context } = tavern.audio;
  window.pieces = [];
  const tap = new AudioWorkletNode(context, "frametalk-capture", {
    numberOfInputs: 1,
    numberOfOutputs: 0,
    channelCount: 1,
    channelCountMode: "explicit",
    processorOptions: { session: "tap" },
  });
  const { port1, port2 } = new MessageChannel();
  port2.onmessage = ({ data: { at, count, frame } }) => {
    const pcm = new Int16Array(frame.slice(frame.byteLength - 2 * count));
    pieces.push({ at: at - count / (rateHz ?? context.sampleRate), pcm: Array.from(pcm) });
  };
  tap.port.postMessage({ hub: port1 }, [port1]);
  port2.postMessage({ do: "open", stream: 0, rateHz: rateHz ?? context.sampleRate, frameMs: 20 });
  tavern.talk.session.voice.output.connect(tap);
  return context.sampleRate;
};

// Records events of the present session.
window.watchEvents = (...names) => {
  window.events = [];
  for (const name of names) {
    tavern.talk.session.on(name, (event) => {
      const plain = event instanceof Error ? { code: event.code, text: event.text, remedy: event.remedy } : event;
      events.push({ happened: name, heard: tavern.audio.heardNow, ...JSON.parse(JSON.stringify(plain)) });
    });
  }
};

// The face at the instant, near the present one, at which the shape is whole: a slow machine's frames miss it.
const fullest = (name) => {
  const { lips } = tavern.talk.session;
  const now = tavern.audio.heardNow;
  let best = { [name]: 0 };
  for (let ms = -100; ms <= 100; ms += 2) {
    const weights = lips.weights(now + ms / 1000);
    if (weights[name] > best[name]) best = { ...weights };
  }
  return best;
};

// Freezes the face, once a frame comes in which one of these shapes has nearly full weight, at its full weight; `frozen` is its name.
window.freezeFace = (...visemes) => {
  window.frozen = null;
  const { character } = tavern.stage;
  const speak = character.speak.bind(character);
  let frozenWeights = null;
  character.speak = (weights) => {
    if (!frozenWeights) {
      const name = visemes.find((viseme) => weights[viseme] > 0.9);
      if (name) {
        frozenWeights = fullest(name);
        window.frozen = name;
      }
    }
    speak(frozenWeights ?? weights);
  };
  window.thaw = () => {
    character.speak = speak;
  };
};

// The part of the view that is as dark as the inside of a mouth.
window.darkPart = () => {
  tavern.look.apply(tavern.camera);
  const gl = tavern.renderer.getContext();
  tavern.draw();
  const { drawingBufferWidth: width, drawingBufferHeight: height } = gl;
  const pixels = new Uint8Array(4 * width * height);
  gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
  let dark = 0;
  for (let i = 0; i < pixels.length; i += 4) if (pixels[i] + pixels[i + 1] + pixels[i + 2] < 120) dark++;
  return dark / (width * height);
};
