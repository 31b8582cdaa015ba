using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using NUnit.Framework;

namespace Frametalk.Tests
{
    [TestFixture]
    public class ToolTests
    {
        private static World With(Action<Tools> define)
        {
            var world = new World();
            define(world.Session.Tools);
            return world.Join("resume");
        }

        private static void Call(World world, long id, string name = "open", object reply = null, long at = 0)
        {
            var call = World.Message("tool.call", "call", id, "name", name, "deadline_ms", 2000, "turn", 3, "scene_rev", 9, "at", at);
            call["args"] = new Dictionary<string, object> { { "target", "door" }, { "metres", 2.5 }, { "times", 3 }, { "loud", true } };
            if (reply != null) call["reply"] = reply;
            world.Server.Say(call);
            world.Session.Update();
        }

        [Test]
        public void AHandlersValueIsTheResult()
        {
            Call seen = null;
            var world = With(tools => tools.Define(new ToolSpec("open", "", "open"), call =>
            {
                seen = call;
                return new Dictionary<string, object> { { "open", true } };
            }));
            Call(world, 5);
            Assert.AreEqual("door", seen.Args.Text("target"));
            Assert.AreEqual(2.5, seen.Args.Number("metres"));
            Assert.AreEqual(3L, seen.Args.Whole("times"));
            Assert.IsTrue(seen.Args.Flag("loud"));
            Assert.AreEqual("none", seen.Args.Text("missing", "none"));
            Assert.AreEqual(3L, seen.Turn);
            Assert.AreEqual(9L, seen.SceneRev);
            var result = world.LastOf("tool.result");
            Assert.AreEqual(5L, result["call"]);
            Assert.AreEqual(true, result["ok"]);
            Assert.AreEqual(true, ((Dictionary<string, object>)result["value"])["open"]);
            Assert.AreEqual("open Called;open Done", string.Join(";", world.Tools.ToArray()));
        }

        [Test]
        public void ARefusalIsAnAckWithItsReason()
        {
            var world = With(tools => tools.Define(new ToolSpec("open", ""), call => { throw new Refusal("it is locked"); }));
            Call(world, 5);
            Assert.AreEqual(false, world.LastOf("tool.ack")["accepted"]);
            Assert.AreEqual("it is locked", world.LastOf("tool.ack")["reason"]);
            Assert.IsNull(world.LastOf("tool.result"));
            Assert.AreEqual("open Refused: it is locked", world.Tools.Last());
        }

        [Test]
        public void AnyOtherExceptionIsAFailure()
        {
            var world = With(tools => tools.Define(new ToolSpec("open", ""), call => { throw new InvalidOperationException("stuck"); }));
            Call(world, 5);
            Assert.AreEqual(false, world.LastOf("tool.result")["ok"]);
            Assert.AreEqual("stuck", world.LastOf("tool.result")["reason"]);
            Assert.AreEqual(0, world.Errors.Count);
        }

        [Test]
        public void AToolThatIsNotThereIsRefused()
        {
            var world = With(tools => { });
            Call(world, 5);
            Assert.AreEqual("there is no such tool", world.LastOf("tool.ack")["reason"]);
        }

        [Test]
        public void AValueThatCannotBeSentIsAFailureAndAnError()
        {
            var world = With(tools => tools.Define(new ToolSpec("open", ""), call => new Version(1, 2)));
            Call(world, 5);
            Assert.AreEqual(false, world.LastOf("tool.result")["ok"]);
            Assert.AreEqual("message_invalid", world.Errors.Single().Code);
            Assert.AreEqual("open Failed: the result cannot be sent", world.Tools.Last());
        }

        [Test]
        public void AHandlerMayAnswerLaterAndFromAnotherThread()
        {
            Call open = null;
            var world = With(tools => tools.DefineLater(new ToolSpec("open", ""), call => open = call));
            Call(world, 5);
            Assert.IsNull(world.LastOf("tool.result"));
            world.Advance(500);
            Task.Factory.StartNew(() => open.Done(7)).Wait();
            Assert.IsNull(world.LastOf("tool.result"), "sent by the game's thread");
            world.Session.Update();
            Assert.AreEqual(7L, world.LastOf("tool.result")["value"]);
            open.Done(8);
            open.Fail("no");
            world.Session.Update();
            Assert.AreEqual(1, world.Of("tool.result").Count);
        }

        [TestCase("value")]
        [TestCase("refusal")]
        [TestCase("error")]
        [TestCase("cancelled")]
        public void ATaskEndsTheCall(string how)
        {
            var source = new TaskCompletionSource<object>();
            var world = With(tools => tools.DefineAsync(new ToolSpec("open", ""), call => source.Task));
            Call(world, 5);
            Assert.IsNull(world.LastOf("tool.result"));
            if (how == "value") source.SetResult("fine");
            if (how == "refusal") source.SetException(new Refusal("no"));
            if (how == "error") source.SetException(new InvalidOperationException("broken"));
            if (how == "cancelled") source.SetCanceled();
            world.Session.Update();
            if (how == "value") Assert.AreEqual("fine", world.LastOf("tool.result")["value"]);
            else if (how == "refusal") Assert.AreEqual("no", world.LastOf("tool.ack")["reason"]);
            else Assert.AreEqual(false, world.LastOf("tool.result")["ok"]);
        }

        [Test]
        public void ACancelledCallIsToldAndItsAnswerIsNotSent()
        {
            Call open = null;
            var world = With(tools => tools.DefineLater(new ToolSpec("open", ""), call => open = call));
            Call(world, 5);
            world.Server.Say(World.Message("tool.cancel", "call", 5));
            world.Session.Update();
            Assert.IsTrue(open.Cancellation.IsCancellationRequested);
            Assert.AreEqual("open Cancelled", world.Tools.Last());
            open.Done();
            world.Session.Update();
            Assert.AreEqual(0, world.Of("tool.result").Count);
        }

        [Test]
        public void ACancelBeforeTheCallIsDueKeepsItFromBeingExecuted()
        {
            var executed = 0;
            var world = With(tools => tools.Define(new ToolSpec("open", ""), call => ++executed));
            world.Begin(1);
            world.Feed(0, 40);
            Call(world, 5, "open", 1L, 9600);
            world.Server.Say(World.Message("tool.cancel", "call", 5));
            world.Advance(900);
            Assert.AreEqual(0, executed);
        }

        [Test]
        public void ARepeatedCallIsAnsweredAgainAndNotExecutedAgain()
        {
            var executed = 0;
            var world = With(tools => tools.Define(new ToolSpec("open", ""), call => ++executed));
            Call(world, 5);
            Call(world, 5);
            Assert.AreEqual(1, executed);
            Assert.AreEqual(2, world.Of("tool.result").Count);
        }

        [TestCase(0L, 0)]
        [TestCase(1L, 10)]
        [TestCase(4800L, 200)]
        [TestCase(9600L, 400)]
        public void ACallIsDueAtItsSampleOfTheReply(long at, int ms)
        {
            var executedUs = 0L;
            World world = null;
            world = With(tools => tools.Define(new ToolSpec("open", ""), call =>
            {
                executedUs = world.Us;
                return null;
            }));
            world.Begin(1);
            world.Feed(0, 40);
            var from = world.Us;
            Call(world, 5, "open", 1L, at);
            world.Advance(700);
            Assert.AreEqual(ms, (executedUs - from) / 1000.0, 20);
            if (at == 0) return;
            var before = world.Of("played").Where(played => (long)played["t_us"] <= executedUs).Max(played => (long)played["sample"]);
            Assert.GreaterOrEqual(before, at, "reported before it is executed");
        }

        [Test]
        public void ACallBeyondACutIsVoid()
        {
            var executed = 0;
            var world = With(tools => tools.Define(new ToolSpec("open", ""), call => ++executed));
            world.Begin(1);
            world.Feed(0, 40);
            Call(world, 5, "open", 1L, 9600);
            world.Advance(100);
            world.Server.Say(World.Message("reply.cut", "reply", 1, "at", 0));
            world.Advance(900);
            Assert.AreEqual(0, executed);
        }

        [Test]
        public void ALateCallOfAReplyThatWasHeardIsExecuted()
        {
            var executed = 0;
            var world = With(tools => tools.Define(new ToolSpec("open", ""), call => ++executed));
            world.Reply(1, 20);
            world.Advance(600);
            Call(world, 5, "open", 1L, 4800);
            Assert.AreEqual(1, executed);
            Call(world, 6, "open", 1L, 48000);
            world.Advance(500);
            Assert.AreEqual(1, executed, "never reached");
        }

        [Test]
        public void ToolsAreDefinedBeforeConnecting()
        {
            var world = With(tools => { });
            var thrown = Assert.Throws<FrametalkException>(() => world.Session.Tools.Define(new ToolSpec("late", ""), call => null));
            Assert.AreEqual("tools_declared", thrown.Error.Code);
        }

        [Test]
        public void TheEndOfTheSessionCancelsItsCalls()
        {
            Call open = null;
            var world = With(tools => tools.DefineLater(new ToolSpec("open", ""), call => open = call));
            Call(world, 5);
            world.Session.Close();
            Assert.IsTrue(open.Cancellation.IsCancellationRequested);
        }

        [Test]
        public void TheScenesChangesAreSentBeforeTheResult()
        {
            World world = null;
            world = new World();
            world.Session.Scene.Snapshot(new[] { new Entity { Id = "door", Name = "door" } });
            world.Session.Tools.Define(new ToolSpec("open", ""), call =>
            {
                world.Session.Scene.Set("door", "open", true);
                return null;
            });
            world.Join();
            Call(world, 5);
            var types = world.Server.Sent.Select(sent => (string)sent["type"]).ToList();
            Assert.Less(types.IndexOf("scene.patch"), types.IndexOf("tool.result"));
            Assert.GreaterOrEqual(types.IndexOf("scene.patch"), 0);
        }

        [Test]
        public void ASpecBuildsItsSchema()
        {
            var spec = new ToolSpec("put", "Put it.", "put").Entity("target").Entity("place", "table").Parameter("times", "integer", false, "how often");
            var schema = new Args(spec.Parameters);
            Assert.AreEqual("object", schema.Text("type"));
            Assert.AreEqual(new List<object> { "target", "place" }, schema["required"]);
            Assert.AreEqual(true, schema.Map("properties").Map("target")["x-entity"]);
            Assert.AreEqual("table", schema.Map("properties").Map("place")["x-entity"]);
            Assert.AreEqual("integer", schema.Map("properties").Map("times").Text("type"));
        }
    }
}
