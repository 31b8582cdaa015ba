// A conversation of several replies in a page that draws nothing; `window.result` has what bench.py reads.
import { FrametalkSession } from "./frametalk.js";

const TEXTS = ["who are you", "what can you do", "tell me a story", "open the red door"];
const TAP_HZ = 16_000;
const STEADY_MS = 0.3; // of a look that took longer it is not known when it was

const url = new URLSearchParams(location.search).get("url");
const session = new FrametalkSession({
  url,
  workerUrl: "./worker.js",
  echo: "none",
  transport: "websocket",
});
const { audio, mouth, latency } = session;
const frames = []; // [context time that is heard, reply, sample]
const costs = [];
const pieces = []; // [context time, sound] of the voice's output
const streams = {}; // reply -> its rate
let sounding = false;

function frame() {
  mouth.weights();
  if (sounding) {
    if (latency.frameMs !== null) costs.push(latency.frameMs);
    const before = audio.heardNow;
    const { reply, sample } = mouth;
    const after = audio.heardNow;
    if ((after - before) * 1000 < STEADY_MS) frames.push([(before + after) / 2, reply, sample]);
  }
  requestAnimationFrame(frame);
}

/** Record the voice's output; the tap is the library's own capture worklet. */
function tapVoice(context) {
  const tap = new AudioWorkletNode(context, "frametalk-capture", {
    numberOfInputs: 1,
    numberOfOutputs: 0,
  });
  const { port1, port2 } = new MessageChannel();
  port2.onmessage = ({ data: { at, count, frame } }) => {
    pieces.push([
      at - count / TAP_HZ,
      Array.from(new Int16Array(frame.slice(frame.byteLength - 2 * count))),
    ]);
  };
  tap.port.postMessage({ hub: port1 }, [port1]);
  port2.postMessage({ do: "open", stream: 0, rateHz: TAP_HZ, frameMs: 20 });
  session.voice.output.connect(tap);
}

/** The sound of each reply, from the worker's frames; stream numbers are those of `reply.begin`. */
function sounds() {
  const channel = new BroadcastChannel("sound");
  return new Promise((resolve) => {
    channel.onmessage = ({ data }) => {
      const found = {};
      for (const media of data) {
        const stream = new DataView(media).getUint16(2, true);
        found[stream] ??= [];
        found[stream].push(...new Int16Array(media.slice(16)));
      }
      resolve(found);
    };
    channel.postMessage("give");
  });
}

async function talk() {
  let ended;
  const order = [];
  session.on("reply", (event) => {
    if (event.phase === "begin") {
      order.push(event.reply);
      streams[event.reply] = event.rateHz;
    }
    sounding = event.phase === "sounding" || (sounding && event.phase === "begin");
    if (event.phase === "ended") ended();
  });
  await session.connect();
  await session.unlock();
  tapVoice(await audio.ready());
  requestAnimationFrame(frame);
  for (const text of [null, ...TEXTS]) {
    const end = new Promise((resolve) => {
      ended = resolve;
    });
    if (text === null) session.scene.event("player_entered");
    else session.say(text);
    await end;
    await window.replied(order.length, costs);
  }
  await new Promise((resolve) => setTimeout(resolve, 300));
  const heard = await sounds();
  // Streams count up like replies: the n-th stream belongs to the n-th reply.
  const byReply = Object.keys(heard)
    .map(Number)
    .sort((a, b) => a - b)
    .map((stream, i) => ({ reply: order[i], rateHz: streams[order[i]], sound: heard[stream] }));
  session.close();
  return { costs, frames, pieces, replies: byReply };
}

window.result = talk();
