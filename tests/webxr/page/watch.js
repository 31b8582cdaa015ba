// What tests ask the tavern's page: its frames as fast as a display's, its mouth at each, the voice that leaves it.
// Put in before the page's own scripts; the page's policy allows no code from elsewhere.

// Software draws a frame in a tenth of a second and more: without drawing they come as on a real display.
window.drawing = (on) => {
  if (on) delete tavern.draw;
  else tavern.draw = () => undefined;
};

// Each frame of the page: the context's time that is heard then, the reply's clock, and what the face shows. The
// time stands still within a frame, so that a busy machine does not part what belongs together.
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

// The voice as it goes to the loudspeaker, in pieces with the context time of their first sample. The tap is the
// library's own capture worklet.
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

// Events of the session that is there now, in a list.
window.watchEvents = (...names) => {
  window.events = [];
  for (const name of names) {
    tavern.talk.session.on(name, (event) => {
      const plain = event instanceof Error ? { code: event.code, text: event.text, remedy: event.remedy } : event;
      events.push({ happened: name, heard: tavern.audio.heardNow, ...JSON.parse(JSON.stringify(plain)) });
    });
  }
};

// Holds the face as it is in the first frame in which one of these shapes is nearly whole; `frozen` tells which.
window.freezeFace = (...visemes) => {
  window.frozen = null;
  const { character } = tavern.stage;
  const speak = character.speak.bind(character);
  let held = null;
  character.speak = (weights) => {
    if (!held) {
      const name = visemes.find((viseme) => weights[viseme] > 0.9);
      if (name) {
        held = { ...weights };
        window.frozen = name;
      }
    }
    speak(held ?? weights);
  };
  window.thaw = () => {
    character.speak = speak;
  };
};

// The part of the view's middle that is as dark as the inside of a mouth.
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
