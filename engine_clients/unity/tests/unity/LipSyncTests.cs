using System;
using System.Collections.Generic;
using Frametalk.Unity;
using NUnit.Framework;
using UnityEngine;
using UnityEngine.Stub;

namespace Frametalk.Tests.Stubbed
{
    [TestFixture]
    public class LipSyncTests
    {
        private static readonly string[] Own = { "blink", "sil", "PP", "FF", "TH", "DD", "kk", "CH", "SS", "nn", "RR", "aa", "E", "ih", "oh", "ou" };

        [TestCase(72, 48000, 512)]
        [TestCase(90, 48000, 512)]
        [TestCase(120, 48000, 512)]
        [TestCase(90, 44100, 1024)]
        [TestCase(120, 24000, 256)]
        [TestCase(60, 48000, 2048)]
        [TestCase(30, 96000, 1024)]
        public void TheMouthIsWithinAFrameOfTheSound(int fps, int deviceHz, int blockSamples)
        {
            var game = new Game(fps);
            Engine.Device.Change(deviceHz, blockSamples, false);
            game.AddCharacter();
            var lips = game.AddLips(Own);
            game.Open();
            game.Server.Speak(1, 22050, 4.0, 440);
            var errors = new List<double>();
            var start = -1;
            while (game.Now < 5.5)
            {
                game.Frame();
                if (start < 0) start = Engine.Device.Tape.FindIndex(v => Math.Abs(v) > 0.01f);
                if (start < 0 || !lips.Moving) continue;
                var heard = (Engine.Device.HeardAt(game.Now) - start) / Engine.Device.RateHz;
                if (heard < 0 || heard > 4) continue;
                errors.Add(Math.Abs((game.Session.Core.Mouth.Sample / 22050.0) - heard));
            }

            errors.Sort();
            Assert.Greater(errors.Count, 2 * fps);
            Assert.LessOrEqual(errors[(int)(0.95 * errors.Count)], 0.5 / fps);
        }

        [Test]
        public void TheMouthOpensAndClosesWithTheMarks()
        {
            var game = Talking(Own);
            var lips = UnityEngine.Object.FindFirstObjectByType<FrametalkLipSync>();
            var face = lips.GetComponent<SkinnedMeshRenderer>();
            var most = 0f;
            var turns = 0;
            var open = false;
            while (game.Now < 3)
            {
                game.Frame();
                var now = face.GetBlendShapeWeight(Array.IndexOf(Own, "aa"));
                most = Math.Max(most, now);
                if (open != now > 50f) turns++;
                open = now > 50f;
            }

            Assert.AreEqual(100f, most, 0.5f);
            Assert.AreEqual(2 * 5, turns, "2 s with a mark of aa in every other 200 ms");
            Assert.AreEqual(0f, face.GetBlendShapeWeight(0), 0f, "a blink is none of ours");
        }

        [Test]
        public void SeveralMeshesMoveTogetherWhateverTheirShapesAreCalled()
        {
            var game = new Game();
            game.AddCharacter();
            var head = new GameObject("head");
            var own = Part(head, "skin", Own);
            var arkit = Part(head, "teeth", "jawOpen", "mouthFunnel", "mouthPucker", "mouthRollLower", "mouthRollUpper", "mouthPressLeft", "mouthPressRight", "mouthLowerDownLeft", "mouthLowerDownRight", "mouthUpperUpLeft", "mouthUpperUpRight", "mouthStretchLeft", "mouthStretchRight", "mouthSmileLeft", "mouthSmileRight", "tongueOut");
            var vrm = Part(head, "tongue", "Face.aa", "Face.ih", "Face.ou", "Face.ee", "Face.oh");
            var none = Part(head, "hair", "sway");
            head.AddComponent<FrametalkLipSync>();
            game.Open();
            game.Server.Speak(1, 22050, 2.0, 440);
            var most = new float[4];
            while (game.Now < 2)
            {
                game.Frame();
                most[0] = Math.Max(most[0], own.GetBlendShapeWeight(Array.IndexOf(Own, "aa")));
                most[1] = Math.Max(most[1], arkit.GetBlendShapeWeight(0));
                most[2] = Math.Max(most[2], vrm.GetBlendShapeWeight(0));
                most[3] = Math.Max(most[3], none.GetBlendShapeWeight(0));
            }

            Assert.Greater(most[0], 99f);
            Assert.AreEqual(60f, most[1], 1f, "jawOpen of aa is 0.6");
            Assert.Greater(most[2], 50f);
            Assert.AreEqual(0f, most[3], 0f);
        }

        [Test]
        public void TheMouthIsAtRestAfterAReplyAndAfterACut()
        {
            var game = Talking(Own);
            var lips = UnityEngine.Object.FindFirstObjectByType<FrametalkLipSync>();
            var face = lips.GetComponent<SkinnedMeshRenderer>();
            game.Run(0.55);
            Assert.IsTrue(lips.Moving);
            game.Server.Send("reply.cut", "reply", 1, "at", 4000);
            game.Run(0.4);
            AtRest(face);
            game.Server.Speak(2, 22050, 0.2, 440);
            game.Run(1.5);
            AtRest(face);
            Assert.IsFalse(lips.Moving);
        }

        [Test]
        public void TurnedOffInTheMiddleOfAWordItLeavesTheMouthAtRest()
        {
            var game = Talking(Own);
            var lips = UnityEngine.Object.FindFirstObjectByType<FrametalkLipSync>();
            game.Until(() => lips.GetComponent<SkinnedMeshRenderer>().GetBlendShapeWeight(11) > 50f);
            lips.enabled = false;
            AtRest(lips.GetComponent<SkinnedMeshRenderer>());
        }

        [Test]
        public void TheMouthWinsOverTheAnimatorAndIsGivenBackToIt()
        {
            var game = Talking(Own);
            var face = UnityEngine.Object.FindFirstObjectByType<FrametalkLipSync>().GetComponent<SkinnedMeshRenderer>();
            Engine.Animation = () => face.SetBlendShapeWeight(11, 7f);
            var most = 0f;
            while (game.Now < 2)
            {
                game.Frame();
                most = Math.Max(most, face.GetBlendShapeWeight(11));
            }

            Assert.AreEqual(100f, most, 0.5f);
            game.Run(2);
            Assert.AreEqual(7f, face.GetBlendShapeWeight(11), 0f, "at rest the Animator has the mouth");
        }

        [Test]
        public void TheMouthWinsOverOtherScriptsOfTheFace()
        {
            var game = Talking(Own);
            var face = UnityEngine.Object.FindFirstObjectByType<FrametalkLipSync>().GetComponent<SkinnedMeshRenderer>();
            face.gameObject.AddComponent<Grin>();
            var most = 0f;
            while (game.Now < 2)
            {
                game.Frame();
                most = Math.Max(most, face.GetBlendShapeWeight(11));
            }

            Assert.AreEqual(100f, most, 0.5f);
        }

        private sealed class Grin : MonoBehaviour
        {
            private void LateUpdate()
            {
                GetComponent<SkinnedMeshRenderer>().SetBlendShapeWeight(11, 3f);
            }
        }

        [Test]
        public void GainMakesTheMovementSmaller()
        {
            var game = Talking(Own);
            var lips = UnityEngine.Object.FindFirstObjectByType<FrametalkLipSync>();
            lips.Gain = 0.5f;
            var most = 0f;
            while (game.Now < 2)
            {
                game.Frame();
                most = Math.Max(most, lips.GetComponent<SkinnedMeshRenderer>().GetBlendShapeWeight(11));
            }

            Assert.AreEqual(50f, most, 0.5f);
        }

        [Test]
        public void ShapesOfAnyNameAreMappedByHand()
        {
            var map = FrametalkLipSync.MapOf(Game.MeshWith("mund_auf", "mund_o"), new[] { "", "", "", "", "", "", "", "", "", "", "mund_auf", "", "", "mund_o" });
            var weights = new float[Visemes.Count];
            weights[Visemes.IndexOf("oh")] = 0.5f;
            map.Apply(weights);
            Assert.AreEqual(2, map.Count);
            for (var i = 0; i < map.Count; i++) Assert.AreEqual(map.TargetAt(i) == 1 ? 0.5f : 0f, map.Values[i], 0f);
        }

        [Test]
        public void AMeshWithoutMouthShapesIsAWarning()
        {
            var game = new Game();
            game.AddLips("sway");
            Game.Mentions(string.Join(" ", Engine.Warnings.ToArray()), "mouth shapes");
        }

        private static Game Talking(string[] shapes)
        {
            var game = new Game();
            game.AddCharacter();
            game.AddLips(shapes);
            game.Open();
            game.Server.Speak(1, 22050, 2.0, 440);
            return game;
        }

        private static SkinnedMeshRenderer Part(GameObject of, string name, params string[] shapes)
        {
            var part = new GameObject(name);
            part.transform.SetParent(of.transform);
            var renderer = part.AddComponent<SkinnedMeshRenderer>();
            renderer.sharedMesh = Game.MeshWith(shapes);
            return renderer;
        }

        private static void AtRest(SkinnedMeshRenderer face)
        {
            for (var i = 0; i < face.sharedMesh.blendShapeCount; i++)
            {
                Assert.AreEqual(0f, face.GetBlendShapeWeight(i), 0f, face.sharedMesh.GetBlendShapeName(i));
            }
        }
    }
}
