using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Threading;
using Frametalk.Samples;
using Frametalk.Unity;
using UnityEngine;
using UnityEngine.Stub;

namespace Frametalk.Tests.Live
{
    /// <summary>
    /// The tavern sample on the stub in real time: frames at a headset's rate on this thread, sound blocks on another one,
    /// and a microphone into which recordings are spoken.
    /// </summary>
    internal sealed class LiveGame
    {
        private const int MicrophoneHz = 16000;

        public readonly FrametalkSession Session;
        public readonly FrametalkMicrophone Microphone;
        public readonly SkinnedMeshRenderer Face;
        public readonly List<string> Heard = new List<string>();
        public readonly List<string> Captions = new List<string>();
        public readonly List<ReplyEvent> Ended = new List<ReplyEvent>();
        public readonly List<ToolEvent> Tools = new List<ToolEvent>();

        private readonly Stopwatch clock = Stopwatch.StartNew();
        private readonly string sounds;
        private readonly int fps;
        private readonly object voiceGate = new object();
        private readonly LipRecord lips;
        private float[] speaking = new float[0];
        private long speakingFrom;
        private long frame;
        private volatile bool stopping;

        public LiveGame(string url, string sounds, int fps)
        {
            this.sounds = sounds;
            this.fps = fps;
            Engine.Reset();
            Engine.Load(typeof(FrametalkSession).Assembly);
            Engine.Load(typeof(Tavern).Assembly);
            Engine.Device.Recording = false;
            Engine.Microphone.Voice = Say;
            var root = new GameObject("tavern");
            root.SetActive(false);
            root.AddComponent<Tavern>().Url = url;
            root.SetActive(true);
            Session = root.GetComponent<FrametalkSession>();
            Session.Settings.Echo = EchoPolicy.None; // the loudspeaker of this game is not heard by its microphone
            Microphone = root.GetComponent<FrametalkMicrophone>();
            Face = ProceduralHead.Make(FrametalkSceneObject.Find("blacksmith").transform);
            Face.transform.parent.gameObject.AddComponent<FrametalkLipSync>();
            Session.Transcript += e =>
            {
                if (e.Final) Heard.Add(e.Text);
            };
            Session.Caption += e => Captions.Add(e.Text);
            Session.Reply += e =>
            {
                if (e.Phase == ReplyPhase.Ended) Ended.Add(e);
            };
            Session.Tool += e => Tools.Add(e);
            lips = new LipRecord(Session);
            Engine.Device.Look();
            new Thread(PlaySound) { IsBackground = true, Name = "audio" }.Start();
        }

        /// <summary>Our components' part of the frames in which the character talked, in milliseconds.</summary>
        public readonly List<double> FrameMs = new List<double>();

        /// <summary>What these frames allocated on this thread, in bytes.</summary>
        public readonly List<double> FrameBytes = new List<double>();

        /// <summary>Milliseconds between the mouth and the sound, of each frame in which both are known.</summary>
        public List<double> LipErrorsMs
        {
            get { return lips.ErrorsMs; }
        }

        public double Now
        {
            get { return clock.Elapsed.TotalSeconds; }
        }

        /// <summary>Speaks a recording (16 kHz, PCM16 without a header) into the microphone, and waits until it is said.</summary>
        public void Speak(string name)
        {
            var bytes = File.ReadAllBytes(Path.Combine(sounds, name + ".pcm"));
            var samples = new float[bytes.Length / 2];
            for (var i = 0; i < samples.Length; i++) samples[i] = BitConverter.ToInt16(bytes, 2 * i) / 32768f;
            lock (voiceGate)
            {
                speaking = samples;
                speakingFrom = Engine.Microphone.Captured;
            }

            var until = Now + (samples.Length / (double)MicrophoneHz);
            Until(() => Now > until, 30);
        }

        /// <summary>Runs frames until something is so; whether it became so in time.</summary>
        public bool Until(Func<bool> so, double seconds = 30)
        {
            var limit = Now + seconds;
            while (!so())
            {
                if (Now > limit) return false;
                Frame();
            }

            return true;
        }

        public void Frame()
        {
            frame = Math.Max(frame + 1, (long)(Now * fps));
            var wait = (frame / (double)fps) - Now;
            if (wait > 0) Thread.Sleep(TimeSpan.FromSeconds(wait));
            var talking = Session.Speaking;
            var bytes = GC.GetAllocatedBytesForCurrentThread();
            Engine.Frame(Now);
            bytes = GC.GetAllocatedBytesForCurrentThread() - bytes;
            lips.AfterFrame(Now);
            if (!talking) return;
            FrameMs.Add(FrametalkCost.LastMs);
            FrameBytes.Add(bytes);
        }

        public void Stop()
        {
            Engine.Quit();
            stopping = true;
        }

        private float Say(long sample)
        {
            lock (voiceGate)
            {
                var at = sample - speakingFrom;
                return at >= 0 && at < speaking.Length ? speaking[at] : 0f;
            }
        }

        private void PlaySound()
        {
            while (!stopping)
            {
                Engine.Device.Pull(Now);
                Thread.Sleep(2);
            }
        }
    }
}
