using System;
using System.Collections.Generic;
using Frametalk.Unity;
using NUnit.Framework;
using UnityEngine;
using UnityEngine.InputSystem;
using UnityEngine.Stub;

namespace Frametalk.Tests.Stubbed
{
    [TestFixture]
    public class MicrophoneTests
    {
        [Test]
        public void EverySampleReachesTheServerOnceInOrder()
        {
            var game = Speaking(MicMode.Open, n => (n % 1000) / 2000f);
            game.Run(5.3);
            var sent = game.Server.Microphone;
            Assert.Greater(sent.Count, 16000 * 5);
            var first = (int)Math.Round(sent[0] * 2000 / 32767.0);
            for (var i = 0; i < sent.Count; i++)
            {
                Assert.AreEqual((first + i) % 1000 / 2000.0 * 32767, sent[i], 2, "sample " + i);
            }
        }

        [Test]
        public void ADeviceOfAnotherRateIsHeardAtTheWiresRate()
        {
            var game = new Game();
            Engine.Microphone.MinHz = Engine.Microphone.MaxHz = 44100;
            Engine.Microphone.Voice = n => 0.5f * (float)Math.Sin(2 * Math.PI * 400 * n / 44100);
            Add(game, MicMode.Open);
            game.Open();
            game.Run(2);
            var rate = Convert.ToInt32(game.Server.Last("mic.start")["rate_hz"]);
            var crossings = 0;
            var sent = game.Server.Microphone;
            for (var i = rate / 2; i < rate + (rate / 2); i++) if (sent[i - 1] < 0 && sent[i] >= 0) crossings++;
            Assert.AreEqual(400, crossings, 3);
        }

        [Test]
        public void AnyRateIsAskedForSixteenThousand()
        {
            var game = new Game();
            Engine.Microphone.MinHz = Engine.Microphone.MaxHz = 0;
            Add(game, MicMode.Open);
            game.Frame();
            Assert.AreEqual(16000, Engine.Microphone.RateHz);
        }

        [Test]
        public void PushToTalkSendsWhatIsSaidWhileTheButtonIsHeldAndABitMore()
        {
            var game = Speaking(MicMode.Ptt, n => 0.25f);
            var microphone = UnityEngine.Object.FindFirstObjectByType<FrametalkMicrophone>();
            game.Run(1);
            Assert.AreEqual(0, game.Server.Microphone.Count);
            microphone.Press();
            game.Run(1);
            microphone.Release();
            game.Run(1);
            Assert.AreEqual(1, game.Server.All("mic.start").Count);
            Assert.AreEqual("ptt", game.Server.Last("mic.start")["mode"]);
            Assert.IsNotNull(game.Server.Last("mic.stop"));
            Assert.AreEqual(1.25 * 16000, game.Server.Microphone.Count, 0.06 * 16000);
        }

        [Test]
        public void AnInputActionIsThePushToTalkButton()
        {
            var game = new Game();
            var action = ScriptableObject.CreateInstance<InputActionReference>();
            var microphone = Add(game, MicMode.Ptt);
            microphone.enabled = false;
            microphone.PushToTalk = action;
            microphone.enabled = true;
            game.Open();
            action.action.Stub(true);
            game.Run(0.5);
            action.action.Stub(false);
            game.Run(0.5);
            Assert.IsNotNull(game.Server.Last("mic.stop"));
        }

        [Test]
        public void ALostMicrophoneComesBackByItself()
        {
            var game = Speaking(MicMode.Open, n => 0.25f);
            var microphone = UnityEngine.Object.FindFirstObjectByType<FrametalkMicrophone>();
            game.Run(0.5);
            Engine.Microphone.Devices = new string[0];
            game.Run(2.5);
            Assert.AreEqual(MicrophoneState.Absent, microphone.State);
            Assert.IsNotNull(game.Server.Last("mic.stop"));
            Engine.Microphone.Devices = new[] { "another" };
            game.Run(2.5);
            Assert.AreEqual(MicrophoneState.Running, microphone.State);
            Assert.AreEqual(2, game.Server.All("mic.start").Count);
        }

        [Test]
        public void WithoutAMicrophoneItWaitsForOne()
        {
            var game = new Game();
            Engine.Microphone.Devices = new string[0];
            var microphone = Add(game, MicMode.Open);
            game.Run(0.5);
            Assert.AreEqual(MicrophoneState.Absent, microphone.State);
            Engine.Microphone.Devices = new[] { "plugged in" };
            game.Run(2);
            Assert.AreEqual(MicrophoneState.Running, microphone.State);
        }

        [Test]
        public void ThePlayerIsAskedOnceAndMayRefuse()
        {
            var game = new Game();
            Engine.MicrophoneAllowed = Engine.AnswerToPermission = false;
            var states = new List<MicrophoneState>();
            var microphone = Add(game, MicMode.Open);
            microphone.Changed += states.Add;
            game.Run(3);
            Assert.AreEqual(MicrophoneState.Denied, microphone.State);
            Assert.AreEqual(1, states.Count);
            Engine.MicrophoneAllowed = true;
            microphone.StartMicrophone();
            Assert.AreEqual(MicrophoneState.Running, microphone.State);
        }

        [Test]
        public void ItRecordsOnlyWhenItShall()
        {
            var game = new Game();
            var microphone = Add(game, MicMode.Open, false);
            game.Run(1.5);
            Assert.IsFalse(Engine.Microphone.Recording);
            microphone.StartMicrophone();
            Assert.IsTrue(Engine.Microphone.Recording);
            microphone.StopMicrophone();
            game.Run(2);
            Assert.IsFalse(Engine.Microphone.Recording);
        }

        [Test]
        public void TheBackgroundGivesTheMicrophoneBack()
        {
            var game = Speaking(MicMode.Open, n => 0.25f);
            game.Run(0.5);
            Engine.Background(true);
            Assert.IsFalse(Engine.Microphone.Recording);
            game.Run(2);
            Assert.IsFalse(Engine.Microphone.Recording);
            Engine.Background(false);
            game.Run(2);
            Assert.IsTrue(Engine.Microphone.Recording);
        }

        [Test]
        public void TheDeviceIsGivenBackAlsoWhenTheSessionWentFirst()
        {
            var game = Speaking(MicMode.Open, n => 0.25f);
            game.Run(0.5);
            UnityEngine.Object.Destroy(game.Session.gameObject);
            UnityEngine.Object.Destroy(UnityEngine.Object.FindFirstObjectByType<FrametalkMicrophone>().gameObject);
            Assert.IsFalse(Engine.Microphone.Recording);
            Assert.AreEqual(0, Engine.Errors.Count, string.Join("\n", Engine.Errors.ToArray()));
        }

        [Test]
        public void AMutedMicrophoneSendsSilence()
        {
            var game = Speaking(MicMode.Open, n => 0.25f);
            var microphone = UnityEngine.Object.FindFirstObjectByType<FrametalkMicrophone>();
            game.Run(0.5);
            microphone.Muted = true;
            game.Run(0.2);
            var before = game.Server.Microphone.Count;
            game.Run(0.5);
            for (var i = before; i < game.Server.Microphone.Count; i++) Assert.AreEqual(0, game.Server.Microphone[i]);
            Assert.Greater(game.Server.Microphone.Count, before);
        }

        [Test]
        public void AVeryLongFrameLosesOldSoundAndGoesOn()
        {
            var game = new Game(1);
            Engine.Microphone.Voice = n => 0.25f;
            Add(game, MicMode.Open);
            game.Run(12);
            Assert.AreEqual(ConnectionState.Open, game.Session.State);
            Assert.AreEqual(0, Engine.Errors.Count);
        }

        [Test]
        public void ASecondSessionHearsTheSameMicrophone()
        {
            var game = Speaking(MicMode.Open, n => 0.25f);
            game.Run(0.5);
            game.Session.Close("enough");
            game.Session.Connect();
            game.Open();
            var before = game.Server.Microphone.Count;
            game.Run(0.5);
            Assert.Greater(game.Server.Microphone.Count, before + 4000);
        }

        [Test]
        public void AnEchoCancellerHearsBothSidesOnOneClock()
        {
            var game = Speaking(MicMode.Open, n => 0.25f);
            game.AddCharacter();
            var canceller = new Canceller();
            UnityEngine.Object.FindFirstObjectByType<FrametalkMicrophone>().EchoCanceller = canceller;
            game.Server.Speak(1, 22050, 1.0, 440);
            game.Run(1.5);
            Assert.Greater(canceller.PlayedSamples, 48000 * 1.2);
            Assert.Greater(canceller.CapturedSamples, 16000 * 1.2);
            Assert.Greater(canceller.Loudest, 0.3f);
            Assert.AreEqual(canceller.CapturedAtUs, canceller.HeardAtUs, 100000, "the same clock");
            Assert.AreEqual(0, game.Server.Microphone[game.Server.Microphone.Count - 1], 0, "what it removes is not sent");
        }

        private sealed class Canceller : IEchoCanceller
        {
            public long PlayedSamples;
            public long CapturedSamples;
            public long HeardAtUs;
            public long CapturedAtUs;
            public float Loudest;

            public void Played(float[] samples, int count, int rateHz, long heardAtUs)
            {
                PlayedSamples += count;
                HeardAtUs = heardAtUs;
                for (var i = 0; i < count; i++) Loudest = Math.Max(Loudest, Math.Abs(samples[i]));
            }

            public void Captured(float[] samples, int offset, int count, int rateHz, long capturedAtUs)
            {
                CapturedSamples += count;
                CapturedAtUs = capturedAtUs;
                Array.Clear(samples, offset, count);
            }
        }

        private static Game Speaking(MicMode mode, Func<long, float> voice)
        {
            var game = new Game();
            Engine.Microphone.Voice = voice;
            Add(game, mode);
            game.Open();
            return game;
        }

        private static FrametalkMicrophone Add(Game game, MicMode mode, bool start = true)
        {
            var rig = new GameObject("microphone");
            rig.SetActive(false);
            var microphone = rig.AddComponent<FrametalkMicrophone>();
            microphone.Mode = mode;
            microphone.StartOnEnable = start;
            microphone.Session = game.Session;
            rig.SetActive(true);
            return microphone;
        }
    }
}
