using System;
using System.Collections.Generic;
using Frametalk.Unity;
using NUnit.Framework;
using UnityEngine;
using UnityEngine.Stub;

namespace Frametalk.Tests.Stubbed
{
    [TestFixture]
    public class CharacterTests
    {
        [Test]
        public void TheVoiceIsHeardAndReportedToItsEnd()
        {
            var game = Talking(1.0, 440);
            game.Run(2);
            Assert.Greater(Loudest(0, Engine.Device.Tape.Count), 0.3f);
            var last = game.Server.Last("played");
            Assert.AreEqual(true, last["done"]);
            Assert.AreEqual(22050L, last["sample"]);
            Assert.AreEqual(0, Engine.Errors.Count, string.Join("\n", Engine.Errors.ToArray()));
        }

        [TestCase(22050, 48000, 256)]
        [TestCase(16000, 44100, 1024)]
        [TestCase(24000, 24000, 512)]
        [TestCase(48000, 22050, 2048)]
        [TestCase(11025, 96000, 1000)]
        public void EveryReplyIsPlayedToItsLastSampleOnAnyDevice(int replyHz, int deviceHz, int blockSamples)
        {
            var game = new Game();
            Engine.Device.Change(deviceHz, blockSamples, false);
            game.AddCharacter();
            game.Open();
            game.Server.Speak(1, replyHz, 0.7, 300);
            game.Run(2);
            var last = game.Server.Last("played");
            Assert.AreEqual(true, last["done"]);
            Assert.AreEqual((long)(replyHz * 0.7), last["sample"]);
            var loud = 0;
            foreach (var sample in Engine.Device.Tape) if (Math.Abs(sample) > 0.01f) loud++;
            Assert.AreEqual(0.7 * deviceHz, loud, 0.03 * deviceHz);
        }

        [Test]
        public void TheToneKeepsItsPitchAtTheDevicesRate()
        {
            var game = Talking(1.0, 441);
            game.Run(2);
            var first = FirstLoud();
            var crossings = 0;
            for (var i = first + 4800; i < first + 28800; i++)
            {
                if (Engine.Device.Tape[i - 1] < 0 && Engine.Device.Tape[i] >= 0) crossings++;
            }

            Assert.AreEqual(441 * 0.5, crossings, 2);
        }

        [Test]
        public void VolumeAndPanningOfTheSourceApply()
        {
            var game = new Game();
            Engine.Device.Left = 0.25f;
            game.AddCharacter();
            game.Open();
            game.Server.Speak(1, 22050, 1.0, 440);
            game.Run(1.5);
            Assert.AreEqual(0.25f * 12000f / 32768f, Loudest(0, Engine.Device.Tape.Count), 0.02f);
        }

        [Test]
        public void WithoutAReplyThereIsSilence()
        {
            var game = new Game();
            game.AddCharacter();
            game.Open();
            game.Run(1);
            Assert.AreEqual(0f, Loudest(0, Engine.Device.Tape.Count), 0f);
        }

        [Test]
        public void SoundThatIsLateIsSilenceAndNotCounted()
        {
            var game = new Game();
            game.AddCharacter();
            game.Open();
            var tone = Tone(11025);
            game.Server.Send("reply.begin", "reply", 1, "turn", 1, "stream", 1, "rate_hz", 22050);
            for (var at = 0; at < 4410; at += 441) game.Server.Media(1, at, tone, at, 441, false);
            game.Run(1);
            var stopped = (long)game.Server.Last("played")["sample"];
            Assert.AreEqual(4410, stopped, 22, "all but what the resampler looks ahead");
            for (var at = 4410; at < 11025; at += 441) game.Server.Media(1, at, tone, at, 441, false);
            game.Server.Media(1, 11025, tone, 0, 0, true);
            game.Server.Send("reply.end", "reply", 1, "samples", 11025);
            game.Run(1);
            Assert.AreEqual(11025L, game.Server.Last("played")["sample"]);
        }

        [Test]
        public void ACutFadesWithinTwentyMilliseconds()
        {
            var game = Talking(3.0, 100);
            game.Run(0.6);
            var before = Engine.Device.Tape.Count;
            game.Server.Send("reply.cut", "reply", 1, "at", 8000);
            game.Run(0.5);
            Assert.AreEqual(0f, Loudest(before + 2000, Engine.Device.Tape.Count), 0f, "40 ms after the cut all is silent");
            Assert.Less(LargestStep(before - 100, Engine.Device.Tape.Count), 0.05f, "a cut without a fade is a click");
            Assert.AreEqual(true, game.Server.Last("played")["done"]);
        }

        [Test]
        public void AnotherAudioConfigurationOnlyInterruptsTheSound()
        {
            var game = Talking(2.0, 440);
            game.Run(0.7);
            Engine.Device.Change(44100, 1024, true);
            Engine.Device.Look();
            game.Run(3);
            var last = game.Server.Last("played");
            Assert.AreEqual(true, last["done"]);
            Assert.AreEqual(44100L, last["sample"]);
            Assert.Greater(Loudest(0, Engine.Device.Tape.Count), 0.3f, "the voice sounds on the other device");
        }

        [Test]
        public void AReplyGoesOnUnheardWhereUnityDoesNotMix()
        {
            var game = new Game();
            game.AddCharacter();
            foreach (var source in UnityEngine.Object.FindObjectsByType<AudioSource>(FindObjectsSortMode.None)) source.Stop();
            Engine.Device.Look();
            game.Open();
            game.Server.Speak(1, 22050, 1.0, 440);
            game.Run(3);
            var last = game.Server.Last("played");
            Assert.IsNotNull(last);
            Assert.AreEqual(true, last["done"]);
            Assert.AreEqual(22050L, last["sample"]);
        }

        [Test]
        public void APausedListenerPausesTheConversation()
        {
            var game = Talking(2.0, 440);
            game.Run(0.5);
            AudioListener.pause = true;
            game.Run(1);
            Assert.IsNotNull(game.Server.Last("pause"));
            AudioListener.pause = false;
            game.Run(3);
            Assert.AreEqual(44100L, game.Server.Last("played")["sample"]);
        }

        [Test]
        public void PlayedSaysWhatHasLeftTheLoudspeaker()
        {
            var game = Talking(2.0, 440);
            game.Run(1);
            var report = game.Server.Last("played");
            var reportedAt = ((long)report["t_us"] - 1000000) / 1e6;
            var heard = (Engine.Device.HeardAt(reportedAt) - FirstLoud()) / Engine.Device.RateHz * 22050;
            Assert.AreEqual(heard, (long)report["sample"], 22050 * 0.003);
        }

        [Test]
        public void WithoutASessionItSaysSoAndTurnsItselfOff()
        {
            Engine.Reset();
            var character = new GameObject("lonely").AddComponent<FrametalkCharacter>();
            Assert.IsFalse(character.enabled);
            Game.Mentions(Engine.Errors[0], "FrametalkSession");
        }

        [Test]
        public void TheLipsClockAgreesWithUnitysOwn()
        {
            var game = new Game();
            var character = game.AddCharacter();
            game.Open();
            game.Run(5);
            Assert.LessOrEqual(Math.Abs(character.LipDriftMs), 1000f * Engine.Device.BlockSamples / Engine.Device.RateHz);
        }

        private static Game Talking(double seconds, double toneHz)
        {
            var game = new Game();
            game.AddCharacter();
            game.Open();
            game.Server.Speak(1, 22050, seconds, toneHz);
            return game;
        }

        private static short[] Tone(int samples)
        {
            var tone = new short[samples];
            for (var i = 0; i < samples; i++) tone[i] = (short)(12000 * Math.Sin(2 * Math.PI * 440 * i / 22050));
            return tone;
        }

        private static int FirstLoud()
        {
            return Engine.Device.Tape.FindIndex(v => Math.Abs(v) > 0.01f);
        }

        private static float Loudest(int from, int to)
        {
            var loudest = 0f;
            for (var i = from; i < to; i++) loudest = Math.Max(loudest, Math.Abs(Engine.Device.Tape[i]));
            return loudest;
        }

        private static float LargestStep(int from, int to)
        {
            var largest = 0f;
            for (var i = from + 1; i < to; i++) largest = Math.Max(largest, Math.Abs(Engine.Device.Tape[i] - Engine.Device.Tape[i - 1]));
            return largest;
        }
    }
}
