using System;
using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;

namespace Frametalk.Tests
{
    [TestFixture]
    public class MicTests
    {
        private static List<Media> Frames(World world)
        {
            return world.MicFrames().Select(frame => Media.Read(frame, frame.Length)).ToList();
        }

        [TestCase(16000)]
        [TestCase(48000)]
        [TestCase(44100)]
        [TestCase(8000)]
        public void ADeviceOfAnyRateIsSentAt16KHzInFramesOf20Ms(int deviceHz)
        {
            var world = new World().Join();
            world.Session.Mic.Start(MicMode.Open, deviceHz);
            world.Speak(1000, 0.25f, deviceHz);
            var start = world.LastOf("mic.start");
            Assert.AreEqual(16000L, start["rate_hz"]);
            Assert.IsFalse(start.ContainsKey("mode"));
            var frames = Frames(world);
            Assert.AreEqual(50, frames.Count, 1);
            for (var i = 0; i < frames.Count; i++)
            {
                Assert.AreEqual(i, frames[i].Seq);
                Assert.AreEqual(320L * i, frames[i].Sample);
                Assert.AreEqual(start["stream"], frames[i].Stream);
                Assert.AreEqual(16 + 640, world.MicFrames()[i].Length);
            }
        }

        [Test]
        public void TheSoundItselfArrives()
        {
            var world = new World().Join();
            world.Session.Mic.Start(MicMode.Open, 16000);
            world.Speak(40, 0.5f);
            var frame = world.MicFrames()[0];
            Assert.AreEqual(16384, (short)(frame[16] | frame[17] << 8));
            Assert.AreEqual(-6.02, world.Session.Mic.LevelDb, 0.1);
        }

        [Test]
        public void NothingIsSentBeforeTheSessionIsOpenNorAfterStop()
        {
            var world = new World();
            world.Session.Mic.Start(MicMode.Open, 16000);
            world.Speak(100);
            world.Join();
            world.Speak(100);
            world.Session.Mic.Stop();
            world.Speak(100);
            Assert.AreEqual(5, world.MicFrames().Count);
            Assert.AreEqual(5 * 320L, world.LastOf("mic.stop")["at"]);
        }

        [Test]
        public void MutedIsSilence()
        {
            var world = new World().Join();
            world.Session.Mic.Start(MicMode.Open, 16000);
            world.Session.Mic.Muted = true;
            world.Speak(100, 0.5f);
            foreach (var frame in world.MicFrames()) Assert.AreEqual(0, frame.Skip(16).Max(value => (int)value));
        }

        [Test]
        public void PushToTalkSendsWhileTheButtonIsDownAnd250MsLonger()
        {
            var world = new World().Join();
            var mic = world.Session.Mic;
            mic.Start(MicMode.Ptt, 16000);
            world.Speak(100);
            Assert.AreEqual(0, world.MicFrames().Count);
            mic.Press();
            world.Speak(200);
            mic.Release();
            world.Speak(1000);
            Assert.AreEqual("ptt", world.LastOf("mic.start")["mode"]);
            var ms = 20 * world.MicFrames().Count;
            Assert.AreEqual(450, ms, 30);
            Assert.AreEqual(ms * 16L, world.LastOf("mic.stop")["at"]);
            mic.Press();
            world.Speak(100);
            Assert.AreEqual(2, world.Of("mic.start").Count);
            Assert.AreNotEqual(world.Of("mic.start")[0]["stream"], world.Of("mic.start")[1]["stream"]);
        }

        [Test]
        public void ASecondPressWithinTheTailGoesOnOnANewStream()
        {
            var world = new World().Join();
            var mic = world.Session.Mic;
            mic.Start(MicMode.Ptt, 16000);
            mic.Press();
            world.Speak(100);
            mic.Release();
            world.Speak(100);
            mic.Press();
            world.Speak(100);
            Assert.IsTrue(mic.Open);
            Assert.AreEqual(2, world.Of("mic.start").Count);
            Assert.AreEqual(1, world.Of("mic.stop").Count);
        }

        [Test]
        public void APressInterruptsAReply()
        {
            var world = new World().Join();
            world.Session.Mic.Start(MicMode.Ptt, 16000);
            world.Session.Mic.Press();
            world.Session.Mic.Release();
            Assert.AreEqual(0, world.Of("interrupt").Count);
            world.Begin(1);
            world.Feed(0, 20);
            world.Advance(100);
            world.Session.Mic.Press();
            world.Session.Update();
            Assert.AreEqual(1, world.Of("interrupt").Count);
        }

        [Test]
        public void WhileTheGameStandsStillNothingIsSent()
        {
            var world = new World().Join();
            world.Session.Mic.Start(MicMode.Open, 16000);
            world.Speak(100);
            world.Session.Pause();
            world.Speak(200);
            Assert.AreEqual(5, world.MicFrames().Count);
            world.Session.Pause(false);
            world.Speak(100);
            Assert.AreEqual(10, world.MicFrames().Count);
            Assert.AreEqual(2, world.Of("mic.start").Count);
        }

        [Test]
        public void PlayedNamesTheMicrophonesSampleOfTheSameInstant()
        {
            var world = new World().Join();
            world.Session.Mic.Start(MicMode.Open, 16000);
            world.Speak(100);
            world.Begin(1);
            world.Feed(0, 40);
            world.Speak(300);
            var first = world.Of("played").First(played => (long)played["sample"] > 0);
            var last = world.LastOf("played");
            var passedUs = (long)last["t_us"] - (long)first["t_us"];
            Assert.Greater(passedUs, 0);
            Assert.AreEqual(passedUs * 16 / 1000, (long)last["mic_sample"] - (long)first["mic_sample"], 2);
        }

        [Test]
        public void WithoutAMicrophoneThereIsNoSample()
        {
            var world = new World().Join();
            world.Reply(1, 20);
            world.Advance(200);
            Assert.IsFalse(world.LastOf("played").ContainsKey("mic_sample"));
        }

        [Test]
        public void BadSamplesOfADeviceAreSilence()
        {
            var world = new World().Join();
            world.Session.Mic.Start(MicMode.Open, 48000);
            var samples = new float[4800];
            for (var i = 0; i < samples.Length; i++) samples[i] = i % 3 == 0 ? float.NaN : i % 3 == 1 ? float.PositiveInfinity : 1e30f;
            world.Session.Mic.Push(samples, 0, samples.Length, world.Us);
            world.Speak(100, 0.1f, 48000);
            Assert.Greater(world.MicFrames().Count, 4);
            Assert.AreEqual(0, world.MicFrames()[0].Skip(16).Max(value => (int)value));
        }

        [Test]
        public void APieceOfASecondBecomesWholeFrames()
        {
            var world = new World().Join();
            world.Session.Mic.Start(MicMode.Open, 16000);
            var samples = new float[16000];
            world.Session.Mic.Push(samples, 0, samples.Length, world.Us);
            world.Session.Update();
            Assert.AreEqual(50, world.MicFrames().Count);
        }

        private sealed class Canceller : IEchoCanceller
        {
            public int PlayedSamples;
            public int CapturedSamples;

            public void Played(float[] samples, int count, int rateHz, long heardAtUs)
            {
                PlayedSamples += count;
            }

            public void Captured(float[] samples, int offset, int count, int rateHz, long capturedAtUs)
            {
                CapturedSamples += count;
                for (var i = 0; i < count; i++) samples[offset + i] = 0;
            }
        }

        [Test]
        public void AnEchoCancellerGetsBothSounds()
        {
            var world = new World().Join();
            var canceller = new Canceller();
            world.Session.Mic.EchoCanceller = canceller;
            world.Session.Mic.Start(MicMode.Open, 16000);
            world.Speak(100, 0.5f);
            Assert.AreEqual(4800, canceller.PlayedSamples);
            Assert.AreEqual(1600, canceller.CapturedSamples);
            Assert.AreEqual(0, world.MicFrames()[0].Skip(16).Max(value => (int)value));
        }

        [Test]
        public void AVoiceOverAReplyLowersItAtOnceAndRaisesItWithoutTheServersWord()
        {
            var world = new World().Join();
            world.Session.Mic.Start(MicMode.Open, 16000);
            world.Begin(1, 1, World.OutHz);
            world.Feed(0, 150, 1, 300); // a soft reply, so that the player is louder than its echo
            world.Speak(200);
            Assert.AreEqual(300 / 32768f, world.Sound.Last(), 1e-5);
            world.Speak(60, 0.3f);
            Assert.AreEqual(300 / 32768f * Math.Pow(10, -12 / 20.0), world.Sound.Last(), 1e-4, "lowered");
            world.Speak(600);
            Assert.AreEqual(300 / 32768f, world.Sound.Last(), 1e-5, "a false alarm");
        }

        [Test]
        public void AnOnsetIsALoudVoiceOverSilence()
        {
            var onset = new VoiceOnset();
            var silence = new float[320];
            var loud = new float[320];
            for (var i = 0; i < loud.Length; i++) loud[i] = (i & 8) == 0 ? 0.1f : -0.1f;
            for (var i = 0; i < 50; i++) Assert.IsFalse(onset.Feed(silence, 320, VoiceOnset.SilenceDb));
            Assert.IsTrue(onset.Feed(loud, 320, VoiceOnset.SilenceDb));
            Assert.IsFalse(onset.Feed(loud, 320, VoiceOnset.SilenceDb), "one sentence is one onset");
        }

        [Test]
        public void AnEchoAsLoudAsWhatIsPlayedIsNoOnset()
        {
            var onset = new VoiceOnset();
            var echo = new float[320];
            for (var i = 0; i < echo.Length; i++) echo[i] = (i & 8) == 0 ? 0.1f : -0.1f;
            for (var i = 0; i < 100; i++) Assert.IsFalse(onset.Feed(echo, 320, -20));
        }

        [Test]
        public void TheMicrophonesEventsSayWhenItIsOpen()
        {
            var world = new World();
            var states = new List<string>();
            world.Session.OnMic += mic => states.Add((mic.Started ? "started" : "stopped") + (mic.Muted ? " muted" : ""));
            world.Session.Mic.Start(MicMode.Open, 16000);
            world.Session.Mic.Muted = true;
            world.Session.Update();
            Assert.AreEqual(2, states.Count);
            Assert.AreEqual("started muted", states[1]);
        }
    }
}
