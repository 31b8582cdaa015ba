using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Frametalk.Unity;
using Frametalk.Unity.Editor;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using UnityEngine.Stub;

namespace Frametalk.Tests.Stubbed
{
    [TestFixture]
    public class EditorTests
    {
        [SetUp]
        public void EmptyProject()
        {
            Engine.Reset();
            StubEditor.Assets.Clear();
            StubEditor.Assemblies.Clear();
            PlayerSettings.iOS.microphoneUsageDescription = "";
            PlayerSettings.runInBackground = false;
        }

        [Test]
        public void EachProblemThatCanBeFixedIsGoodAfterItsFix()
        {
            Assert.AreEqual(Health.Bad, SetupHealth.UsageDescription().Health);
            SetupHealth.UsageDescription().Fix();
            Assert.AreEqual(Health.Good, SetupHealth.UsageDescription().Health);

            Assert.AreEqual(Health.Warning, SetupHealth.Background().Health);
            SetupHealth.Background().Fix();
            Assert.AreEqual(Health.Good, SetupHealth.Background().Health);

            StubEditor.Assets["ProjectSettings/AudioManager.asset"] = ScriptableObject.CreateInstance<FrametalkSettings>();
            Assert.AreEqual(Health.Warning, SetupHealth.AudioBlock().Health);
            SetupHealth.AudioBlock().Fix();
            Assert.AreEqual(Health.Good, SetupHealth.AudioBlock().Health);

            SetupHealth.SettingsAsset().Fix();
            Assert.IsNotNull(StubEditor.Assets["Assets/Resources/FrametalkSettings.asset"]);

            Assert.AreEqual(Health.Bad, SetupHealth.Conversation().Health);
            SetupHealth.Conversation().Fix();
            Assert.AreEqual(Health.Good, SetupHealth.Conversation().Health);
        }

        [Test]
        public void AFaceIsGoodWithAllShapesAndSaysWhichItLacks()
        {
            var lips = Face("PP", "FF", "TH", "DD", "kk", "CH", "SS", "nn", "RR", "aa", "E", "ih", "oh", "ou");
            Assert.AreEqual(Health.Good, SetupHealth.FaceOf(lips).Health);
            var poor = SetupHealth.FaceOf(Face("PP", "FF", "TH", "DD", "kk", "CH", "SS", "nn", "RR", "aa", "E", "ih", "oh"));
            Assert.AreEqual(Health.Warning, poor.Health);
            Game.Mentions(poor.Text, "ou");
            Assert.AreEqual(Health.Bad, SetupHealth.FaceOf(Face("sway")).Health);
        }

        [Test]
        public void ToolsThatAreNotBakedAreBad()
        {
            StubEditor.Assemblies.Add(typeof(GoodTools).Assembly);
            Assert.AreEqual(Health.Bad, SetupHealth.BakedTools().Health);
        }

        [Test]
        public void TheWindowDrawsEveryCheckAndPressesTheFix()
        {
            var window = new SetupHealthWindow();
            window.OnGUI();
            var drawn = string.Join("\n", Engine.Drawn.ToArray());
            foreach (var check in SetupHealth.Checks()) Game.Mentions(drawn, check.Title);
            Engine.Pressed.Add("Fix: Microphone usage text");
            window.OnGUI();
            Assert.AreEqual(Health.Good, SetupHealth.UsageDescription().Health);
        }

        [TestCase("ws://localhost:8765", "http://localhost:8765/healthz")]
        [TestCase("wss://voice.example/v1", "https://voice.example/healthz")]
        [TestCase("nonsense", null)]
        public void TheServersHealthPageIsBesideItsSocket(string address, string page)
        {
            Assert.AreEqual(page, ServerProbe.Health(address));
        }

        [Test]
        public void AServerThatIsNotThereIsBadAndSaysHowToStartIt()
        {
            var probe = new ServerProbe("ws://127.0.0.1:9");
            SpinWait.SpinUntil(() => probe.Check.Health != Health.Unknown, 10000);
            Assert.AreEqual(Health.Bad, probe.Check.Health);
            Game.Mentions(probe.Check.Text, "frametalk serve");
        }

        [Test]
        public void TheMenuMakesATalkingCharacterOfTheSelectedObject()
        {
            var body = new GameObject("smith");
            Selection.activeGameObject = body;
            TalkingCharacterMenu.Create();
            var session = UnityEngine.Object.FindFirstObjectByType<FrametalkSession>();
            Assert.AreSame(session, body.GetComponent<FrametalkCharacter>().Session);
            Assert.IsNotNull(body.GetComponent<FrametalkLipSync>());
            Assert.AreEqual("character", body.GetComponent<FrametalkSceneObject>().Kind);
            Assert.AreEqual(1f, body.GetComponent<AudioSource>().spatialBlend, 0f);
            Assert.IsNotNull(session.GetComponent<FrametalkMicrophone>());
            TalkingCharacterMenu.Create();
            Assert.AreEqual(1, body.GetComponents<FrametalkCharacter>().Length);
            Assert.AreEqual(1, UnityEngine.Object.FindObjectsByType<FrametalkSession>(FindObjectsSortMode.None).Length);
        }

        [Test]
        public void InspectorsShowTheLiveState()
        {
            var game = new Game();
            var character = game.AddCharacter();
            game.Open();
            Engine.Drawn.Clear();
            new SessionInspector { target = game.Session }.OnInspectorGUI();
            new CharacterInspector { target = character }.OnInspectorGUI();
            new LipSyncInspector { target = game.AddLips("aa", "sil") }.OnInspectorGUI();
            var drawn = string.Join("\n", Engine.Drawn.ToArray());
            Game.Mentions(drawn, "Connection: Open");
            Game.Mentions(drawn, "Output delay: ");
            Game.Mentions(drawn, "Shape: at rest");
        }

        [Test]
        public void LatencyIsExportedAsCsv()
        {
            var game = new Game();
            game.Open();
            var first = new List<object> { FakeServer.Map("stage", "endpoint_wait", "ms", 300.0), FakeServer.Map("stage", "sending", "ms", 12.5) };
            game.Server.Send("trace", "turn", 1, "reply", 1, "mouth_to_ear_ms", 312.5, "stages", first, "ready", true);
            game.Server.Send("trace", "turn", 2, "reply", 2, "unmeasured", "the clocks, \"as they are\", differ");
            game.Run(0.1);
            var lines = LatencyCsv.Of(game.Session.Core.Latency.History).Split(new[] { "\r\n" }, StringSplitOptions.None);
            Assert.AreEqual("turn,reply,mouth_to_ear_ms,ready,discarded,unmeasured,endpoint_wait_ms,sending_ms", lines[0]);
            Assert.AreEqual("1,1,312.5,true,0,,300,12.5", lines[1]);
            Assert.AreEqual("2,2,,false,0,\"the clocks, \"\"as they are\"\", differ\",,", lines[2]);
        }

        [Test]
        public void LeavingPlayModeAndReloadingScriptsCloseTheSession()
        {
            System.Runtime.CompilerServices.RuntimeHelpers.RunClassConstructor(
                typeof(SetupHealth).Assembly.GetType("Frametalk.Unity.Editor.DomainReload").TypeHandle);
            var game = new Game();
            game.Open();
            StubEditor.Reload();
            Assert.IsNotNull(game.Server.Last("bye"));
            game.Session.Connect();
            game.Open();
            StubEditor.Change(PlayModeStateChange.ExitingPlayMode);
            Assert.AreEqual(2, game.Server.All("bye").Count);
        }

        private static FrametalkLipSync Face(params string[] shapes)
        {
            var head = new GameObject("head");
            head.AddComponent<SkinnedMeshRenderer>().sharedMesh = Game.MeshWith(shapes);
            return head.AddComponent<FrametalkLipSync>();
        }
    }
}
