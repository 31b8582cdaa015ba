// A microphone that the test scripts. Loaded before the page's own scripts.
// It is a stream of WebAudio, so each sample has a known time on the audio clock.
const context = new AudioContext({ sampleRate: 48000, latencyHint: "interactive" });
const room = new MediaStreamAudioDestinationNode(context, { channelCount: 1 });
const silence = new ConstantSourceNode(context, { offset: 0 });
silence.connect(room);
silence.start();
const tracks = new Set();
let there = true;
let allowed = true;
const answers = { echoCancellation: true, sampleRate: context.sampleRate };

navigator.mediaDevices.getUserMedia = async () => {
  if (!allowed) throw new DOMException("no", "NotAllowedError");
  if (!there) throw new DOMException("none", "NotFoundError");
  await context.resume();
  const track = room.stream.getAudioTracks()[0].clone();
  const settings = track.getSettings.bind(track);
  track.getSettings = () => ({ ...settings(), ...answers });
  tracks.add(track);
  return new MediaStream([track]);
};

window.fakeMic = {
  // Plays `samples` (-1 to 1); returns the first one's time, in ms since the epoch.
  say(samples, rate) {
    const buffer = new AudioBuffer({ length: samples.length, sampleRate: rate });
    buffer.copyToChannel(Float32Array.from(samples), 0);
    const source = new AudioBufferSourceNode(context, { buffer });
    source.connect(room);
    const at = context.currentTime + 0.05;
    source.start(at);
    return performance.timeOrigin + performance.now() + (at - context.currentTime) * 1000;
  },
  allow(yes) {
    allowed = yes;
  },
  set(settings) {
    Object.assign(answers, settings);
  },
  unplug() {
    there = false;
    for (const track of tracks) {
      track.stop();
      track.dispatchEvent(new Event("ended"));
    }
    tracks.clear();
    navigator.mediaDevices.dispatchEvent(new Event("devicechange"));
  },
  plugIn() {
    there = true;
    navigator.mediaDevices.dispatchEvent(new Event("devicechange"));
  },
};
