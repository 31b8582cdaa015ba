using System;
using System.Collections.Generic;
using Frametalk.Unity;
using NUnit.Framework;
using UnityEngine;
using UnityEngine.Stub;

namespace Frametalk.Tests.Stubbed
{
    [TestFixture]
    public class CostTests
    {
        private const int WarmUpFrames = 400;
        private const int Frames = 900;

        [Test]
        public void FramesOfATalkingCharacterMakeNoGarbage()
        {
            var game = new TalkingGame(90);
            for (var i = 0; i < WarmUpFrames; i++) game.Frame();
            long bytes = 0;
            long audio = 0;
            var worst = 0L;
            for (var i = 0; i < Frames; i++)
            {
                game.Frame();
                bytes += game.FrameBytes;
                audio += game.AudioBytes;
                worst = Math.Max(worst, game.FrameBytes);
            }

            Assert.IsTrue(game.Game.Session.Speaking, "the character talks all the time");
            Assert.AreEqual(0L, bytes, "main thread; at most " + worst + " in a frame;");
            Assert.AreEqual(0L, audio, "audio thread");
            Assert.AreEqual(0, Engine.Errors.Count);
        }

        [Test]
        public void EachFullSecondIsReportedToTheServer()
        {
            var game = new TalkingGame(90);
            game.Game.Server.Deaf = false;
            for (var i = 0; i < 400; i++) game.Frame();
            var reported = 0;
            foreach (var played in game.Game.Server.All("played"))
            {
                if (!played.ContainsKey("frame_cost")) continue;
                var cost = (Dictionary<string, object>)played["frame_cost"];
                Assert.AreEqual(90.0, Convert.ToDouble(cost["frames"]), 1.0);
                Assert.GreaterOrEqual((double)cost["max_ms"], (double)cost["p99_ms"]);
                reported++;
            }

            Assert.AreEqual(4.0, reported, 1.0);
        }

        [Test]
        public void AScriptThatAllocatesIsNoticed()
        {
            var game = new TalkingGame(90);
            new GameObject("wasteful").AddComponent<Wasteful>();
            for (var i = 0; i < WarmUpFrames; i++) game.Frame();
            long bytes = 0;
            for (var i = 0; i < Frames; i++)
            {
                game.Frame();
                bytes += game.FrameBytes;
            }

            Assert.GreaterOrEqual(bytes, 24L * Frames);
        }
    }

    internal sealed class Wasteful : MonoBehaviour
    {
        private object waste;

        public object Waste
        {
            get { return waste; }
        }

        private void Update()
        {
            waste = new byte[1];
        }
    }
}
