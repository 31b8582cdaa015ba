using System.Collections.Generic;
using System.Threading.Tasks;
using Cysharp.Threading.Tasks;
using Frametalk.Samples;
using Frametalk.Unity;
using Newtonsoft.Json.Linq;
using NUnit.Framework;
using UniVRM10;
using UnityEngine;
using UnityEngine.InputSystem;
using UnityEngine.Stub;

namespace Frametalk.Tests.Stubbed
{
    [TestFixture]
    public class OptionalTests
    {
        [Test]
        public void FreeDataSurvivesTheWayThroughNewtonsoftsTokens()
        {
            var value = new Dictionary<string, object>
            {
                { "name", "door" }, { "open", true }, { "height", 2.5 }, { "count", 3L }, { "nothing", null },
                { "parts", new List<object> { "hinge", 2L, new Dictionary<string, object> { { "iron", true } } } },
            };
            var back = (Dictionary<string, object>)FrametalkJson.FromToken(FrametalkJson.ToToken(value));
            Assert.AreEqual("door", back["name"]);
            Assert.AreEqual(2.5, back["height"]);
            Assert.IsNull(back["nothing"]);
            var parts = (List<object>)back["parts"];
            Assert.AreEqual(2L, parts[1]);
            Assert.AreEqual(true, ((Dictionary<string, object>)parts[2])["iron"]);
            Assert.AreEqual("5", FrametalkJson.FromToken(new JValue("5")));
        }

        [Test]
        public void AUniTaskAnswersACall()
        {
            var game = new Game(90, false);
            FrametalkUniTask.AddToolAsync(game.Session, new ToolSpec("walk", ""), call => new UniTask<object>(Task.FromResult<object>("arrived")));
            game.Session.Connect();
            game.Open();
            game.Server.Send("tool.call", "call", 1, "name", "walk", "deadline_ms", 2000.0);
            game.Run(0.1);
            Assert.AreEqual("arrived", game.Server.Last("tool.result")["value"]);
        }

        [Test]
        public void AVrmModelTalksThroughItsExpressions()
        {
            var game = new Game();
            game.AddCharacter();
            var body = new GameObject("vrm");
            var model = body.AddComponent<Vrm10Instance>();
            body.AddComponent<FrametalkVrmLipSync>();
            game.Open();
            game.Server.Speak(1, 22050, 1.0, 440);
            var most = 0f;
            while (game.Now < 1)
            {
                game.Frame();
                most = System.Math.Max(most, model.Runtime.Expression.GetWeight(ExpressionKey.Aa));
            }

            Assert.Greater(most, 0.5f);
            game.Run(2);
            Assert.AreEqual(0f, model.Runtime.Expression.GetWeight(ExpressionKey.Aa), 0f);
        }

        [Test]
        public void InXrTheButtonTalksAndTheGazeIsTheFocus()
        {
            var game = new Game(90, false);
            var action = ScriptableObject.CreateInstance<InputActionReference>();
            var talk = game.Session.gameObject.AddComponent<XrPushToTalk>();
            talk.Talk = action;
            talk.Head = new GameObject("head").transform;
            Thing("ahead", new Vector3(0.1f, 0f, 3f));
            Thing("aside", new Vector3(3f, 0f, 0f));
            game.Session.Connect();
            game.Open();
            game.Run(0.5);
            Assert.AreEqual("ahead", game.Server.Last("focus")["entity"]);
            action.action.Stub(true);
            game.Run(0.3);
            Assert.AreEqual("ptt", game.Server.Last("mic.start")["mode"]);
        }

        [Test]
        public void TheBasicSampleTalksWithAHeadMadeInCode()
        {
            Engine.Reset();
            var sample = new GameObject("sample").AddComponent<BasicConversation>();
            Engine.Frame(0.1);
            Engine.Gui();
            var face = Object.FindFirstObjectByType<SkinnedMeshRenderer>();
            Assert.AreEqual(Visemes.Count, face.sharedMesh.blendShapeCount);
            Assert.AreEqual(FaceKind.Visemes, FrametalkLipSync.MapOf(face.sharedMesh, null).Kind);
            Assert.AreEqual(0, Engine.Errors.Count, string.Join("\n", Engine.Errors.ToArray()));
            Object.Destroy(sample.gameObject);
        }

        private static void Thing(string id, Vector3 at)
        {
            var thing = new GameObject(id);
            thing.transform.position = at;
            thing.AddComponent<FrametalkSceneObject>();
        }
    }
}
