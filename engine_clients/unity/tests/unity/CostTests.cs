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
                worst = System.Math.Max(worst, game.FrameBytes);
            }

            Assert.IsTrue(game.Game.Session.Speaking, "the character talks all the time");
            Assert.AreEqual(0L, bytes, "main thread; at most " + worst + " in a frame;");
            Assert.AreEqual(0L, audio, "audio thread");
            Assert.AreEqual(0, Engine.Errors.Count);
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
