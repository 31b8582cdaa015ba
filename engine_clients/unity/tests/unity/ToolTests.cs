using System;
using System.Collections.Generic;
using System.IO;
using System.Reflection;
using System.Threading;
using System.Threading.Tasks;
using Frametalk.Samples;
using Frametalk.Unity;
using Frametalk.Unity.Editor;
using NUnit.Framework;
using UnityEngine;
using UnityEngine.Stub;

namespace Frametalk.Tests.Stubbed
{
    [TestFixture]
    public class ToolTests
    {
        [Test]
        public void AToolOfCodeIsDeclaredCalledAndAnswered()
        {
            var game = new Game(90, false);
            game.Session.AddTool(new ToolSpec("open", "Open it.", "open").Entity("target"), call => call.Args.Text("target") + " is open");
            game.Session.Connect();
            game.Open();
            Assert.AreEqual("open", Declared(game)[0]["name"]);
            Call(game, 1, "open", "target", "door");
            Assert.AreEqual("door is open", game.Server.Last("tool.result")["value"]);
        }

        [Test]
        public void ARefusalIsSaidAndAnExceptionIsAFailure()
        {
            var game = new Game(90, false);
            game.Session.AddTool(new ToolSpec("open", ""), call => { throw new Refusal("the door is locked"); });
            game.Session.AddTool(new ToolSpec("close", ""), call => { throw new InvalidOperationException("the hinge broke"); });
            game.Session.Connect();
            game.Open();
            Call(game, 1, "open");
            Assert.AreEqual(false, game.Server.Last("tool.ack")["accepted"]);
            Assert.AreEqual("the door is locked", game.Server.Last("tool.ack")["reason"]);
            Call(game, 2, "close");
            Assert.AreEqual(false, game.Server.Last("tool.result")["ok"]);
            Assert.AreEqual("the hinge broke", game.Server.Last("tool.result")["reason"]);
        }

        [Test]
        public void AToolMayAnswerLater()
        {
            var game = new Game(90, false);
            var walking = new TaskCompletionSource<object>();
            game.Session.AddToolAsync(new ToolSpec("walk", ""), call => walking.Task);
            game.Session.Connect();
            game.Open();
            Call(game, 1, "walk");
            Assert.IsNull(game.Server.Last("tool.result"));
            walking.SetResult("arrived");
            game.Run(0.1);
            Assert.AreEqual("arrived", game.Server.Last("tool.result")["value"]);
        }

        [Test]
        public void ACancelledCallCancelsItsToken()
        {
            var game = new Game(90, false);
            var token = CancellationToken.None;
            game.Session.AddToolLater(new ToolSpec("walk", ""), call => token = call.Cancellation);
            game.Session.Connect();
            game.Open();
            Call(game, 1, "walk");
            Assert.IsFalse(token.IsCancellationRequested);
            game.Server.Send("tool.cancel", "call", 1);
            game.Run(0.1);
            Assert.IsTrue(token.IsCancellationRequested);
        }

        [Test]
        public void ACallWaitsForItsSample()
        {
            var game = new Game(90, false);
            game.AddCharacter();
            var calledAt = -1.0;
            game.Session.AddTool(new ToolSpec("nod", ""), call => calledAt = game.Now);
            game.Session.Connect();
            game.Open();
            game.Server.Speak(1, 22050, 1.0, 440);
            game.Server.Send("tool.call", "call", 1, "name", "nod", "deadline_ms", 2000.0, "reply", 1, "at", 11025);
            game.Run(2);
            var heard = Engine.Device.Tape.FindIndex(v => Math.Abs(v) > 0.01f);
            var begin = game.Now - ((Engine.Device.HeardAt(game.Now) - heard) / Engine.Device.RateHz);
            Assert.AreEqual(begin + 0.5, calledAt, 1.0 / 90 + 0.005);
        }

        [Test]
        public void BakedToolsOfAllDoorsAreOneToolThatFindsItsTarget()
        {
            var game = TavernDoors();
            Assert.AreEqual(1, Declared(game).FindAll(tool => (string)tool["name"] == "open").Count);
            Call(game, 1, "open", "target", "second");
            Assert.IsTrue(FrametalkSceneObject.Find("second").Is("open"));
            Assert.IsFalse(FrametalkSceneObject.Find("first").Is("open"));
            Assert.AreEqual(true, game.Server.Last("tool.result")["ok"]);
            Call(game, 2, "open", "target", "second");
            Assert.AreEqual("the second is already open", game.Server.Last("tool.ack")["reason"]);
        }

        [Test]
        public void TheSceneChangesBeforeTheResultIsSent()
        {
            var game = TavernDoors();
            Call(game, 1, "open", "target", "first");
            var patch = game.Server.Control.FindIndex(m => (string)m["type"] == "scene.patch");
            var result = game.Server.Control.FindIndex(m => (string)m["type"] == "tool.result");
            Assert.GreaterOrEqual(patch, 0);
            Assert.Less(patch, result);
        }

        [Test]
        public void AToolWhoseObjectIsGoneIsRefused()
        {
            var game = TavernDoors();
            UnityEngine.Object.Destroy(FrametalkSceneObject.Find("first").gameObject);
            UnityEngine.Object.Destroy(FrametalkSceneObject.Find("second").gameObject);
            Call(game, 1, "open", "target", "first");
            Assert.AreEqual(false, game.Server.Last("tool.ack")["accepted"]);
        }

        [Test]
        public void ArgumentsArriveInTheMethodsTypes()
        {
            BakedTavern.Register();
            var game = new Game(90, false);
            var player = new GameObject("player");
            player.AddComponent<TavernPlayer>();
            player.AddComponent<FrametalkTool>();
            game.Session.Connect();
            game.Open();
            Call(game, 1, "move_player", "direction", "left", "metres", 2.5);
            Assert.AreEqual(-2.5f, player.transform.position.x, 0f);
            Assert.AreEqual(true, game.Server.Last("tool.result")["ok"]);
        }

        [Test]
        public void AnotherToolOnTheSameObjectGetsAnEntityAsArgument()
        {
            var game = TavernDoors();
            Call(game, 1, "put", "target", "first", "place", "second");
            Assert.AreEqual("second", FrametalkSceneObject.Find("first").Text("place"));
        }

        [Test]
        public void TheSamplesBakedFileIsWhatItsMethodsGive()
        {
            var problems = new List<string>();
            var source = ToolBaker.Source(Tools(typeof(Tavern).Assembly), problems);
            Assert.AreEqual(0, problems.Count);
            Assert.AreEqual(File.ReadAllText(BakedTavern.File), source, "bake the sample's tools again");
        }

        [Test]
        public void AMethodThatCannotBeAToolIsAProblemThatNamesIt()
        {
            var problems = new List<string>();
            var source = ToolBaker.Source(Tools(typeof(ToolTests).Assembly), problems);
            Assert.AreEqual(4, problems.Count);
            Game.Mentions(string.Join("\n", problems.ToArray()), "BadTools.Hidden: make the method public");
            Game.Mentions(string.Join("\n", problems.ToArray()), "the parameter list is a List`1");
            Game.Mentions(string.Join("\n", problems.ToArray()), "Inner.Act: make the class public");
            Assert.IsFalse(source.Contains("Hidden"));
            Game.Mentions(source, "FrametalkToolRegistry.Answer(call, ((global::Frametalk.Tests.Stubbed.GoodTools)host).Slow(call.Cancellation))");
        }

        [Test]
        public void BakingWritesFilesThatClearingDeletes()
        {
            var here = Directory.GetCurrentDirectory();
            var project = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
            Directory.CreateDirectory(Path.Combine(project, "Assets/Scripts"));
            Directory.SetCurrentDirectory(project);
            UnityEditor.StubEditor.Assemblies.Clear();
            UnityEditor.StubEditor.Assemblies.Add(typeof(Tavern).Assembly);
            try
            {
                BakeToolsMenu.Bake();
                Assert.AreEqual(File.ReadAllText(BakedTavern.File), File.ReadAllText("Assets/FrametalkBakedTools.g.cs"));
                Assert.IsFalse(BakeToolsMenu.Stale());
                BakeToolsMenu.Clear();
                Assert.IsTrue(BakeToolsMenu.Stale());
            }
            finally
            {
                UnityEditor.StubEditor.Assemblies.Clear();
                Directory.SetCurrentDirectory(here);
                Directory.Delete(project, true);
            }
        }

        [Test]
        public void WithoutBakedToolsAWarningSaysWhatToDo()
        {
            BakedTavern.Register();
            new Game();
            var thing = new GameObject("thing");
            thing.AddComponent<BadTools>();
            UnityEngine.Object.FindFirstObjectByType<FrametalkSession>().AddTools(thing.GetComponent<BadTools>());
            Game.Mentions(string.Join(" ", Engine.Warnings.ToArray()), "Bake Tools");
        }

        private static Game TavernDoors()
        {
            BakedTavern.Register();
            var game = new Game(90, false);
            foreach (var id in new[] { "first", "second" })
            {
                var door = new GameObject(id);
                door.AddComponent<TavernThing>();
                door.AddComponent<FrametalkTool>();
            }

            game.Session.Connect();
            game.Open();
            return game;
        }

        private static void Call(Game game, int id, string name, params object[] args)
        {
            game.Server.Send("tool.call", "call", id, "name", name, "args", FakeServer.Map(args), "deadline_ms", 2000.0);
            game.Run(0.1);
        }

        private static List<Dictionary<string, object>> Declared(Game game)
        {
            return ((List<object>)game.Server.Last("hello")["tools"]).ConvertAll(t => (Dictionary<string, object>)t);
        }

        private static IEnumerable<MethodInfo> Tools(Assembly assembly)
        {
            foreach (var type in assembly.GetTypes())
            {
                foreach (var method in type.GetMethods(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly | BindingFlags.Static))
                {
                    if (method.IsDefined(typeof(FrametalkToolAttribute), true)) yield return method;
                }
            }
        }
    }

    /// <summary>The baked file of the tavern sample.</summary>
    internal static class BakedTavern
    {
        public static string File
        {
            get { return Path.Combine(Environment.GetEnvironmentVariable("FRAMETALK_UNITY"), "com.frametalk.client/Samples~/Tavern/FrametalkBakedTools.g.cs"); }
        }

        /// <summary>What Unity does before the first scene.</summary>
        public static void Register()
        {
            Engine.Load(typeof(Tavern).Assembly);
        }
    }

    public sealed class GoodTools : MonoBehaviour
    {
        [FrametalkTool("slow", Description = "It \"waits\".")]
        public Task<string> Slow(CancellationToken cancellation)
        {
            return Task.FromResult("done");
        }
    }

    public sealed class BadTools : MonoBehaviour
    {
        [FrametalkTool("list")]
        public void Listed(List<string> list)
        {
        }

        [FrametalkTool("static")]
        public static void Alone()
        {
        }

        [FrametalkTool("hidden")]
        private void Hidden()
        {
        }

        private sealed class Inner : MonoBehaviour
        {
            [FrametalkTool("inner")]
            public void Act()
            {
            }
        }
    }
}
