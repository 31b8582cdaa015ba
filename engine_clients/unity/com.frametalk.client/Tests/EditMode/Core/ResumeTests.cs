using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;

namespace Frametalk.Tests
{
    [TestFixture]
    public class ResumeTests
    {
        private const int MicFrame = 320;
        private static readonly string[] Resume = { "resume" };
        private static readonly HashSet<string> Uncounted = new HashSet<string> { "hello", "ping", "pong", "ack" };

        /// <summary>The connection breaks, and another one is open at once, but the server has not answered yet.</summary>
        private static void Break(World world, int code = 1006)
        {
            world.Server.Break(code);
            world.Advance(10);
        }

        private static void GoOn(World world, params object[] more)
        {
            var seq = world.Sockets.Count > 1 ? world.Sockets[world.Sockets.Count - 2].Seq : 0;
            world.Server.Seq = seq;
            world.Accept(Resume, "r-2", true, more);
        }

        private static List<long> MicSamples(World world)
        {
            return world.MicFrames().Select(frame => Media.Read(frame, frame.Length).Sample).ToList();
        }

        private static int Counted(World world)
        {
            return world.Sockets.Sum(socket => socket.Sent.Count(sent => !Uncounted.Contains((string)sent["type"])));
        }

        [Test]
        public void HelloSaysItsTokenAndHowFarItIs()
        {
            var world = new World().Join(Resume);
            world.Session.Mic.Start(MicMode.Open, 16000);
            world.Begin(1);
            world.Feed(0, 50);
            world.Speak(500);
            var played = (long)world.LastOf("played")["sample"];
            Assert.Greater(played, 0);
            var sent = Counted(world);
            var micSample = MicSamples(world).Last() + MicFrame;
            Break(world);
            world.Server.Opened();
            world.Session.Update();
            var hello = world.LastOf("hello");
            Assert.AreEqual("r-1", hello["resume"]);
            var from = new Args((Dictionary<string, object>)hello["resume_from"]);
            Assert.AreEqual(2, from.Whole("received"));
            Assert.AreEqual(sent, from.Whole("sent"), 1);
            Assert.AreEqual(micSample, from.Whole("mic_sample"));
            Assert.AreEqual(1, from.Whole("reply"));
            Assert.GreaterOrEqual(from.Whole("played"), played);
        }

        [Test]
        public void ItIsShownAsResumableUntilItIsOpenAgainAndIsNoError()
        {
            var world = new World().Join(Resume);
            world.Server.Break(1006);
            world.Session.Update();
            Assert.AreEqual(ConnectionState.Connecting, world.Session.State, "at once");
            Assert.IsTrue(world.Session.Resumable);
            world.Accept(Resume, "r-2", true);
            Assert.AreEqual(ConnectionState.Open, world.Session.State);
            Assert.IsFalse(world.Session.Resumable);
            Assert.AreEqual(0, world.Errors.Count);
        }

        [Test]
        public void WhatHasNotArrivedIsSentAgainInOrder()
        {
            var world = new World().Join(Resume);
            world.Session.Mic.Start(MicMode.Open, 16000);
            world.Speak(80);
            world.Session.Say("first");
            Break(world);
            world.Session.Say("second");
            world.Speak(40);
            var before = MicSamples(world).Count;
            world.Server.Opened();
            GoOn(world, "received", 1, "mic_sample", 2 * MicFrame); // mic.start and two frames
            var said = world.Server.Sent.Where(sent => (string)sent["type"] == "say").Select(sent => (string)sent["text"]);
            Assert.AreEqual("first,second", string.Join(",", said.ToArray()));
            CollectionAssert.AreEqual(new[] { 2L, 3L, 4L, 5L }.Select(n => n * MicFrame), MicSamples(world).Skip(before));
            world.Speak(20);
            Assert.AreEqual(6 * MicFrame, MicSamples(world).Last());
            Assert.AreEqual(1, world.Of("mic.start").Count);
            Assert.AreEqual(0, world.Of("mic.stop").Count);
        }

        [Test]
        public void WhatWasConfirmedIsNotSentAgain()
        {
            var world = new World().Join(Resume);
            world.Session.Say("first");
            world.Session.Update();
            world.Server.Say(World.Message("received", "messages", 1, "seq", 0));
            Break(world);
            GoOn(world, "received", 1);
            Assert.AreEqual(0, world.Server.Sent.Count(sent => (string)sent["type"] == "say"));
        }

        [Test]
        public void WhatWasHandledIsSkipped()
        {
            var world = new World().Join(Resume);
            var texts = new List<string>();
            world.Session.OnTranscript += transcript => texts.Add(transcript.Text);
            world.Server.Say(World.Message("transcript", "turn", 1, "rev", 1, "text", "a"));
            Break(world);
            GoOn(world);
            world.Server.Say(World.Message("transcript", "turn", 1, "rev", 1, "text", "a", "seq", 2));
            world.Server.Say(World.Message("transcript", "turn", 1, "rev", 2, "text", "a b", "seq", 3));
            world.Session.Update();
            Assert.AreEqual("a,a b", string.Join(",", texts.ToArray()));
        }

        [Test]
        public void AReplyGoesOnInTheWordWhereItWasEachSampleOnce()
        {
            var world = new World().Join(Resume);
            world.Begin(1, 1, World.OutHz);
            world.Feed(0, 20);
            world.Advance(100);
            Break(world);
            world.Advance(400); // what is buffered is played meanwhile
            world.Server.Opened();
            var heard = world.Sound.Count(sample => sample != 0);
            Assert.AreEqual(20 * 480, heard);
            world.Session.Update();
            var played = new Args((Dictionary<string, object>)world.LastOf("hello")["resume_from"]).Whole("played");
            Assert.AreEqual(20 * 480, played);
            GoOn(world);
            world.Feed((int)played / 480 - 3, 40);
            world.End(1, 40 * 480);
            world.Advance(600);
            Assert.AreEqual(40 * 480, world.Sound.Count(sample => sample != 0));
            Assert.AreEqual(40L * 480, world.LastOf("played")["sample"]);
            Assert.AreEqual(ReplyEnding.Finished, world.Replies.Last().How);
        }

        [Test]
        public void AToolIsExecutedOnceAndItsResultSentOnceMore()
        {
            var world = new World();
            var executed = 0;
            world.Session.Tools.Define(new ToolSpec("open", "", "open"), call => ++executed);
            world.Join(Resume);
            world.Server.Say(World.Message("tool.call", "call", 7, "name", "open", "deadline_ms", 2000));
            world.Session.Update();
            Break(world);
            world.Server.Opened();
            GoOn(world, "received", 0);
            world.Server.Say(World.Message("tool.call", "call", 7, "name", "open", "deadline_ms", 2000, "seq", 2));
            world.Session.Update();
            Assert.AreEqual(1, executed);
            Assert.AreEqual(1, world.Server.Sent.Count(sent => (string)sent["type"] == "tool.result"));
        }

        [Test]
        public void ScenePatchesMadeMeanwhileArriveLater()
        {
            var world = new World();
            world.Session.Scene.Snapshot(new[] { new Entity { Id = "door", Name = "door" } });
            world.Join(Resume);
            world.Session.Update();
            Break(world);
            world.Session.Scene.Set("door", "open", true);
            world.Session.Update();
            world.Server.Opened();
            GoOn(world, "received", 1, "scene_rev", 1);
            Assert.AreEqual(1, world.Server.Sent.Count(sent => (string)sent["type"] == "scene.patch"));
            Assert.AreEqual(0, world.Server.Sent.Count(sent => (string)sent["type"] == "scene.snapshot"));
        }

        [Test]
        public void ThePreviousTokenIsUsedOnceAndTheNextOneNextTime()
        {
            var world = new World().Join(Resume);
            Break(world);
            GoOn(world);
            Break(world);
            world.Server.Opened();
            world.Session.Update();
            Assert.AreEqual("r-2", world.LastOf("hello")["resume"]);
        }

        [Test]
        public void AnotherSessionBeginsAnewAndSaysSo()
        {
            var world = new World();
            world.Session.Scene.Snapshot(new[] { new Entity { Id = "door", Name = "door" } });
            world.Join(Resume);
            world.Begin(1);
            world.Feed(0, 40);
            world.Advance(100);
            Break(world);
            world.Accept(Resume, "r-9", false, "not_resumed", "resume_expired");
            world.Session.Update();
            Assert.AreEqual("resume_expired", world.Session.Welcome.NotResumed);
            Assert.AreEqual(ReplyEnding.Disconnected, world.Replies.Last().How);
            Assert.AreEqual(1, world.Server.Sent.Count(sent => (string)sent["type"] == "scene.snapshot"));
            world.Session.Say("x");
            world.Session.Update();
            Break(world);
            world.Server.Opened();
            world.Session.Update();
            var from = new Args((Dictionary<string, object>)world.LastOf("hello")["resume_from"]);
            Assert.AreEqual(2, from.Whole("sent"), "the snapshot and what was said, counted anew");
        }

        [Test]
        public void AfterResumeMsItIsNotResumableAnyMore()
        {
            var world = new World().Join(Resume);
            world.Begin(1);
            world.Feed(0, 10);
            world.Advance(50);
            for (var i = 0; i < 80; i++)
            {
                world.Server.Break(1006);
                world.Advance(1000);
            }
            Assert.IsFalse(world.Session.Resumable);
            Assert.AreEqual(ReplyEnding.Disconnected, world.Replies.Last().How);
            world.Server.Opened();
            world.Session.Update();
            Assert.IsFalse(world.LastOf("hello").ContainsKey("resume"));
        }

        [Test]
        public void AGameThatStandsStillCanBeResumedLater()
        {
            var world = new World().Join(Resume);
            world.Session.Pause(true, 300000);
            world.Session.Update();
            for (var i = 0; i < 120; i++)
            {
                world.Server.Break(1006);
                world.Advance(1000);
            }
            Assert.IsTrue(world.Session.Resumable);
            world.Server.Opened();
            world.Session.Update();
            Assert.IsTrue(world.LastOf("hello").ContainsKey("resume"));
        }

        [Test]
        public void AServerThatStopsForgetsTheSession()
        {
            var world = new World().Join(Resume);
            world.Server.Break(1001);
            world.Session.Update();
            Assert.IsFalse(world.Session.Resumable);
        }

        [Test]
        public void TenSecondsOfTheMicrophoneAreKept()
        {
            var world = new World().Join(Resume);
            world.Session.Mic.Start(MicMode.Open, 16000);
            world.Speak(100);
            Break(world);
            world.Speak(12000);
            var before = MicSamples(world).Count;
            world.Server.Opened();
            GoOn(world, "received", 1, "mic_sample", 5 * MicFrame);
            var again = MicSamples(world).Skip(before).ToList();
            Assert.AreEqual(500, again.Count);
            Assert.AreEqual(again.Last() - 499 * MicFrame, again[0]);
        }

        [Test]
        public void AcksConfirmOnceASecondWhatWasHandled()
        {
            var world = new World().Join(Resume);
            world.Advance(1010);
            Assert.AreEqual(1L, world.LastOf("ack")["acked"]);
            var acks = world.Of("ack").Count;
            world.Server.Say(World.Message("received", "messages", 0, "seq", 0));
            world.Advance(2000);
            Assert.AreEqual(acks, world.Of("ack").Count, "nothing to confirm");
            world.Server.Say(World.Message("turn.state", "state", "idle", "turn", 1));
            world.Advance(1000);
            Assert.AreEqual(2L, world.LastOf("ack")["acked"]);
        }

        [Test]
        public void WithoutTheFeatureNothingIsKeptAndNothingIsAcknowledged()
        {
            var world = new World().Join();
            world.Session.Say("x");
            world.Advance(3000);
            Assert.AreEqual(0, world.Of("ack").Count);
            world.Server.Break(1006);
            world.Session.Update();
            Assert.IsFalse(world.Session.Resumable);
        }

        [Test]
        public void ConfirmedFramesAndMessagesAreReleasedTogether()
        {
            var pool = new BytesPool();
            var outgoing = new Outgoing(pool);
            for (var i = 0; i < 10; i++)
            {
                var bytes = pool.Take(100);
                if (i % 2 == 0) outgoing.Message(bytes, i == 0);
                else outgoing.Frame(bytes, i * 320);
                pool.Release(bytes);
            }
            outgoing.Confirm(2, null); // messages 0 and 2, and the frame between them
            Assert.AreEqual(7, outgoing.Count);
            outgoing.Confirm(2, 3 * 320);
            Assert.AreEqual(6, outgoing.Count);
            outgoing.Confirm(5, 9 * 320);
            Assert.AreEqual(0, outgoing.Count);
            Assert.IsFalse(outgoing.Waits);
        }

        [Test]
        public void MessagesThatDoNotFitMakeTheSessionNotResumable()
        {
            var outgoing = new Outgoing(new BytesPool());
            for (var i = 0; i < 2001; i++) outgoing.Message(new PooledBytes(128) { Count = 1, Refs = 1 }, false);
            Assert.IsTrue(outgoing.Overflowed);
            outgoing.Reset();
            Assert.IsFalse(outgoing.Overflowed);
        }
    }
}
