using System;
using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;

namespace Frametalk.Tests
{
    /// <summary>What is heard of replies, and what is reported of it, with a device in virtual time.</summary>
    [TestFixture]
    public class PlayoutTests
    {
        private const int Hz = World.OutHz;

        /// <summary>A joined session whose replies have the device's rate, so that samples come out as they went in.</summary>
        private static World Joined(SessionOptions options = null)
        {
            return new World(options).Join("resume");
        }

        private static void Begin(World world, long reply = 1)
        {
            world.Begin(reply, 1, Hz);
        }

        private static long LastPlayed(World world)
        {
            var played = world.LastOf("played");
            return played == null ? 0 : (long)played["sample"];
        }

        private static int Audible(World world)
        {
            return world.Sound.Count(sample => sample != 0);
        }

        [Test]
        public void AReplyWaitsFor40MsOfSound()
        {
            var world = Joined();
            Begin(world);
            world.Feed(0, 3); // 3 of 480 samples at 48 kHz: 30 ms
            world.Advance(100);
            Assert.AreEqual(0, Audible(world));
            world.Feed(3, 4);
            world.Advance(10);
            Assert.AreEqual(480, Audible(world));
        }

        [Test]
        public void TheBufferBeforeTheStartCanBeLarger()
        {
            var world = Joined(new SessionOptions { PrimeMs = 100 });
            Begin(world);
            world.Feed(0, 9);
            world.Advance(100);
            Assert.AreEqual(0, Audible(world));
            world.Feed(9, 10);
            world.Advance(10);
            Assert.AreEqual(480, Audible(world));
        }

        [Test]
        public void AShortReplyThatIsCompleteDoesNotWait()
        {
            var world = Joined();
            Begin(world);
            world.Feed(0, 1);
            world.End(1, 480);
            world.Advance(50);
            Assert.AreEqual(480, Audible(world));
            Assert.AreEqual(ReplyEnding.Finished, world.Replies.Last().How);
            Assert.AreEqual(480, world.Replies.Last().Sample);
        }

        [Test]
        public void WhatThePlatformSaysOfItsDevicesIsReported()
        {
            var world = new World().Join();
            world.Reply(1, 20);
            world.Advance(200);
            Assert.IsFalse(world.LastOf("played").ContainsKey("output_ms"));
            world.Session.Voice.OutputMs = 42.5;
            world.Session.Mic.InputMs = 20.25;
            world.Advance(100);
            Assert.AreEqual(42.5, world.LastOf("played")["output_ms"]);
            Assert.IsFalse(world.LastOf("played").ContainsKey("input_ms"), "no microphone is open");
            world.Session.Mic.Start(MicMode.Open, 16000);
            world.Speak(40, 0.5f);
            world.Reply(2, 20);
            world.Advance(200);
            Assert.AreEqual(20.25, world.LastOf("played")["input_ms"]);
        }

        [Test]
        public void TheCostOfASecondIsReportedOnce()
        {
            var world = new World().Join();
            world.Session.ReportFrameCost(new FrameCost { Frames = 90, P99Ms = 0.25, MaxMs = 0.5 });
            world.Reply(1, 30);
            world.Advance(800);
            var costs = world.Of("played").FindAll(played => played.ContainsKey("frame_cost"));
            Assert.AreEqual(1, costs.Count);
            var cost = (Dictionary<string, object>)costs[0]["frame_cost"];
            Assert.AreEqual(90L, cost["frames"]);
            Assert.AreEqual(0.25, cost["p99_ms"]);
            Assert.AreEqual(0.5, cost["max_ms"]);
        }

        [Test]
        public void AReplyWithoutSoundEndsAtOnce()
        {
            var world = Joined();
            Begin(world);
            world.End(1, 0);
            world.Advance(20);
            var played = world.LastOf("played");
            Assert.AreEqual(true, played["done"]);
            Assert.AreEqual(0L, played["sample"]);
        }

        [Test]
        public void EverySampleComesOutOnceInOrder()
        {
            var world = Joined();
            Begin(world);
            for (var seq = 0; seq < 50; seq++)
            {
                var frame = World.MediaFrame(1, seq, seq * 480L);
                for (var i = 0; i < 480; i++)
                {
                    var value = seq * 480 + i + 1;
                    frame[16 + 2 * i] = (byte)value;
                    frame[17 + 2 * i] = (byte)(value >> 8);
                }
                world.Server.Raw(frame);
            }
            world.End(1, 50 * 480);
            world.Advance(700);
            var heard = world.Sound.Where(sample => sample != 0).Select(sample => (int)Math.Round(sample * 32768)).ToList();
            Assert.AreEqual(24000, heard.Count);
            for (var i = 0; i < heard.Count; i++) Assert.AreEqual(i + 1, heard[i]);
            Assert.AreEqual(24000, LastPlayed(world));
        }

        [TestCase(24000)]
        [TestCase(22050)]
        [TestCase(16000)]
        [TestCase(44100)]
        [TestCase(8000)]
        public void ReportsCountTheReplysOwnSamplesAtAnyRate(int rateHz)
        {
            var world = Joined();
            world.Begin(1, 1, rateHz);
            var frames = rateHz / 480;
            world.Feed(0, frames);
            world.End(1, frames * 480);
            world.Advance(500);
            Assert.AreEqual(0.5 * rateHz, LastPlayed(world), rateHz * 0.11, "half of it, at the last report");
            world.Advance(700);
            Assert.AreEqual(frames * 480, LastPlayed(world));
            Assert.AreEqual(true, world.LastOf("played")["done"]);
        }

        [Test]
        public void ReportsComeAtTheFirstSampleThenEvery100MsThenAtTheEnd()
        {
            var world = Joined();
            Begin(world);
            world.Feed(0, 100);
            world.End(1, 48000);
            var from = world.Us;
            world.Advance(1200);
            var reports = world.Of("played").Where(played => (long)played["sample"] > 0).ToList();
            Assert.LessOrEqual(((long)reports[0]["t_us"] - from) / 1000.0, 30);
            Assert.AreEqual(48000L, reports.Last()["sample"]);
            Assert.AreEqual(true, reports.Last()["done"]);
            for (var i = 1; i < reports.Count; i++)
            {
                var gap = ((long)reports[i]["t_us"] - (long)reports[i - 1]["t_us"]) / 1000.0;
                Assert.LessOrEqual(gap, 110);
                var expected = (long)reports[0]["sample"] + ((long)reports[i]["t_us"] - (long)reports[0]["t_us"]) * Hz / 1000000;
                Assert.AreEqual(Math.Min(48000, expected), (long)reports[i]["sample"], 25, "sample and t_us are of the same instant");
            }
        }

        [TestCase(0)]
        [TestCase(40)]
        [TestCase(170)]
        public void TheDevicesOwnDelayIsNotCountedAsPlayed(int latencyMs)
        {
            var world = Joined();
            world.LatencyUs = latencyMs * 1000;
            Begin(world);
            world.Feed(0, 40);
            var given = 0;
            for (var i = 0; i < 30; i++)
            {
                world.Advance(10);
                given = Audible(world);
                Assert.LessOrEqual(LastPlayed(world), Math.Max(0, given - latencyMs * 48) + 24);
            }
            Assert.Greater(given, 9000);
        }

        [TestCase(0)]
        [TestCase(1)]
        [TestCase(7)]
        public void ACutFadesAndReportsWhatWasReallyHeard(int afterMs)
        {
            var world = Joined();
            Begin(world);
            world.Feed(0, 40);
            world.Advance(100 + 10 * afterMs);
            world.Server.Say(World.Message("reply.cut", "reply", 1, "at", 480));
            world.Advance(50);
            var played = world.LastOf("played");
            Assert.AreEqual(true, played["done"]);
            Assert.AreEqual(Audible(world), (long)played["sample"], 1, "all that was audible, the fade included");
            Assert.AreEqual(ReplyEnding.Interrupted, world.Replies.Last().How);
            var steepest = 0f;
            for (var i = world.Sound.IndexOf(0.5f) + 1; i < world.Sound.Count; i++)
            {
                steepest = Math.Max(steepest, Math.Abs(world.Sound[i] - world.Sound[i - 1]));
            }
            Assert.Less(steepest, 0.01f, "no click");
            world.Feed(40, 60);
            world.Advance(100);
            Assert.AreEqual((long)played["sample"], Audible(world), 1, "what comes later is not heard");
        }

        [TestCase("continued", ReplyEnding.Continued)]
        [TestCase("stopped", ReplyEnding.Stopped)]
        [TestCase("failed", ReplyEnding.Failed)]
        [TestCase("floor", ReplyEnding.Floor)]
        [TestCase("something new", ReplyEnding.Interrupted)]
        public void TheReasonOfACutIsKept(string reason, ReplyEnding how)
        {
            var world = Joined();
            Begin(world);
            world.Feed(0, 10);
            world.Advance(50);
            world.Server.Say(World.Message("reply.cut", "reply", 1, "at", 0, "reason", reason));
            world.Advance(50);
            Assert.AreEqual(how, world.Replies.Last().How);
        }

        [Test]
        public void ACutBeforeTheFirstSampleIsReportedToo()
        {
            var world = Joined();
            Begin(world);
            world.Server.Say(World.Message("reply.cut", "reply", 1, "at", 0, "reason", "continued"));
            world.Advance(30);
            Assert.AreEqual(true, world.LastOf("played")["done"]);
            Assert.AreEqual(0L, world.LastOf("played")["sample"]);
        }

        [Test]
        public void AReplyThatBeginsRightAfterACutEndsTheOneBeforeFirst()
        {
            var world = Joined();
            Begin(world);
            world.Feed(0, 20);
            world.Advance(100);
            world.Server.Say(World.Message("reply.cut", "reply", 1, "at", 0));
            world.Begin(2, 2, Hz);
            world.Feed(0, 10, 2);
            world.End(2, 4800);
            world.Advance(300);
            var phases = string.Join(",", world.Replies.Select(reply => reply.Reply + " " + reply.Phase).ToArray());
            Assert.AreEqual("1 Begin,1 Sounding,1 Ended,2 Begin,2 Sounding,2 Ended", phases);
            Assert.AreEqual(ReplyEnding.Interrupted, world.Replies[2].How);
            Assert.AreEqual(4800, world.Replies[2].Sample, 480);
            var ends = world.Of("played").Where(played => played.ContainsKey("done")).Select(played => (long)played["reply"]);
            CollectionAssert.AreEqual(new[] { 1L, 2L }, ends);
        }

        [Test]
        public void ACutIsReportedAlsoWhenTheDeviceHasStopped()
        {
            var world = Joined();
            Begin(world);
            world.Feed(0, 20);
            world.Advance(100);
            world.Device = false;
            world.Session.Voice.Stall();
            world.Server.Say(World.Message("reply.cut", "reply", 1, "at", 0));
            world.Advance(700);
            Assert.AreEqual(true, world.LastOf("played")["done"]);
            Assert.AreEqual(Audible(world) - 480, LastPlayed(world), 24, "not what the device was given last");
        }

        [Test]
        public void ADeviceThatStopsStopsTheClock()
        {
            var world = Joined();
            Begin(world);
            world.Feed(0, 40);
            world.Advance(200);
            world.Device = false;
            world.Session.Voice.Stall();
            world.Advance(1000);
            Assert.AreEqual(Audible(world) - 480, LastPlayed(world), 24, "not what the device was given last");
            world.Device = true;
            world.End(1, 40 * 480);
            world.Advance(400);
            Assert.AreEqual(40 * 480, LastPlayed(world));
        }

        [Test]
        public void AnUnderrunIsSilenceAndStopsTheClock()
        {
            var world = Joined();
            Begin(world);
            world.Feed(0, 10);
            world.Advance(300);
            Assert.AreEqual(4800, LastPlayed(world));
            Assert.AreEqual(4800, Audible(world));
            world.Feed(10, 20);
            world.End(1, 9600);
            world.Advance(200);
            Assert.AreEqual(9600, LastPlayed(world));
            Assert.AreEqual(1L, world.LastOf("played")["underruns"]);
        }

        [Test]
        public void AGapIsSilenceAndAnOverlapIsTakenOnce()
        {
            var world = Joined();
            Begin(world);
            world.Feed(0, 5);
            world.Feed(7, 10); // 5 and 6 are missing
            world.Feed(8, 12); // 8 and 9 again
            world.End(1, 12 * 480);
            world.Advance(300);
            Assert.AreEqual(10 * 480, Audible(world));
            Assert.AreEqual(12 * 480, LastPlayed(world));
        }

        [Test]
        public void DuckedIsLowerAndPausedStopsTheClockUntilItSpeaksAgain()
        {
            var world = Joined();
            Begin(world);
            world.Feed(0, 60);
            world.Advance(100);
            world.Server.Say(World.Message("turn.state", "state", "ducked", "turn", 1, "reply", 1));
            world.Advance(50);
            Assert.AreEqual(0.5 * Math.Pow(10, -12 / 20.0), world.Sound.Last(), 1e-4);
            world.Server.Say(World.Message("turn.state", "state", "ducked", "turn", 1, "reply", 1, "paused", true));
            world.Advance(150);
            var stood = LastPlayed(world);
            world.Advance(300);
            Assert.AreEqual(0f, world.Sound.Last());
            Assert.AreEqual(stood, LastPlayed(world));
            world.Server.Say(World.Message("turn.state", "state", "speaking", "turn", 1, "reply", 1));
            world.Advance(50);
            Assert.AreEqual(0.5f, world.Sound.Last());
            world.End(1, 60 * 480);
            world.Advance(700);
            Assert.AreEqual(60 * 480, LastPlayed(world));
        }

        [Test]
        public void APauseOfTheGameStopsTheReplyAndItGoesOnAfterwards()
        {
            var world = Joined();
            Begin(world);
            world.Feed(0, 60);
            world.Advance(100);
            world.Session.Pause();
            world.Advance(50);
            var audible = Audible(world);
            world.Advance(2000);
            Assert.AreEqual(audible, Audible(world));
            world.Session.Pause(false);
            world.End(1, 60 * 480);
            world.Advance(700);
            Assert.AreEqual(60 * 480, LastPlayed(world));
            Assert.AreEqual(ReplyEnding.Finished, world.Replies.Last().How);
        }

        [Test]
        public void AReplyThatBeginsWhileTheGameStandsStillWaits()
        {
            var world = Joined();
            world.Session.Pause();
            Begin(world);
            world.Feed(0, 20);
            world.Advance(200);
            Assert.AreEqual(0, Audible(world));
            world.Session.Pause(false);
            world.Advance(100);
            Assert.Greater(Audible(world), 1000);
        }

        [Test]
        public void CaptionsAndMarksComeWhenTheirSampleIsHeard()
        {
            var world = Joined();
            world.LatencyUs = 20000;
            Begin(world);
            world.Server.Say(World.Message("reply.text", "reply", 1, "text", "Hello there.", "at", 0));
            world.Marks(1, new[] { new[] { 16, 0, 4000, 100 }, new[] { 17, 9600, 9600, 100 }, new[] { 16, 9600, 12000, 100 } }, "Hello", "nod", "there");
            world.Feed(0, 40);
            world.Advance(10);
            Assert.AreEqual(0, world.Heard.Count, "no sound yet");
            world.Advance(50);
            Assert.AreEqual("caption Hello there.;word Hello", string.Join(";", world.Heard.ToArray()));
            world.Advance(160);
            Assert.AreEqual(2, world.Heard.Count);
            world.Advance(60);
            Assert.AreEqual("gesture nod;word there", string.Join(";", world.Heard.Skip(2).ToArray()));
        }

        [Test]
        public void WhatACutMadeVoidIsNotHeard()
        {
            var world = Joined();
            Begin(world);
            world.Marks(1, new[] { new[] { 16, 0, 4000, 100 }, new[] { 16, 9600, 12000, 100 } }, "Hello", "there");
            world.Feed(0, 40);
            world.Advance(100);
            world.Server.Say(World.Message("reply.cut", "reply", 1, "at", 4800));
            world.Advance(500);
            Assert.AreEqual("word Hello", string.Join(";", world.Heard.ToArray()));
        }

        [Test]
        public void TheMouthFollowsTheSoundAndRestsAfterwards()
        {
            var world = Joined();
            var weights = new float[Visemes.Count];
            Begin(world);
            world.Marks(1, new[] { new[] { 10, 4800, 9600, 100 }, new[] { 0, 9600, 19200, 100 } });
            world.Feed(0, 40);
            world.Advance(30);
            world.Session.Mouth.Weights(weights);
            Assert.AreEqual(1f, weights[Visemes.Sil]);
            world.Advance(130);
            world.Session.Mouth.Weights(weights);
            Assert.AreEqual(1f, weights[10], "aa from 100 ms on");
            Assert.AreEqual(1, world.Session.Mouth.Reply);
            world.End(1, 19200);
            world.Advance(800);
            world.Session.Mouth.Weights(weights);
            Assert.AreEqual(1f, weights[Visemes.Sil]);
        }

        [Test]
        public void TheMouthClosesWithin80MsOfACut()
        {
            var world = Joined();
            var weights = new float[Visemes.Count];
            Begin(world);
            world.Marks(1, new[] { new[] { 10, 0, 48000, 100 } });
            world.Feed(0, 60);
            world.Advance(200);
            world.Server.Say(World.Message("reply.cut", "reply", 1, "at", 4800));
            world.Advance(10);
            world.Session.Mouth.Weights(weights);
            Assert.Greater(weights[10], 0.5);
            world.Advance(110);
            world.Session.Mouth.Weights(weights);
            Assert.AreEqual(1f, weights[Visemes.Sil]);
        }

        [Test]
        public void AnotherRateOfTheDeviceDoesNotLoseTheReply()
        {
            var world = Joined();
            world.Begin(1, 1, 24000);
            world.Feed(0, 50);
            world.End(1, 24000);
            world.Advance(300);
            world.Session.Voice.Reset(44100);
            Assert.AreEqual(44100, world.Session.Voice.RateHz);
            world.Advance(1000);
            Assert.AreEqual(24000, LastPlayed(world));
            Assert.AreEqual(ReplyEnding.Finished, world.Replies.Last().How);
        }

        [Test]
        public void SoundOfUnknownStreamsIsIgnored()
        {
            var world = Joined();
            world.Feed(0, 5);
            Begin(world);
            world.Feed(0, 20, 9);
            world.Advance(200);
            Assert.AreEqual(0, Audible(world));
            Assert.AreEqual(0, world.Errors.Count);
        }

        [Test]
        public void MoreSoundThanFitsIsAnErrorOnceAndNoGarbage()
        {
            var world = Joined();
            world.Device = false;
            Begin(world);
            world.Feed(0, 700);
            world.Session.Update();
            Assert.AreEqual(1, world.Errors.Count);
            Assert.AreEqual("sound_dropped", world.Errors[0].Code);
        }

        [Test]
        public void TheNextReplyIsHeardAfterTheOneBefore()
        {
            var world = Joined();
            for (var reply = 1; reply <= 8; reply++)
            {
                world.Begin(reply, reply, reply % 2 == 0 ? Hz : 24000);
                world.Feed(0, 10, reply);
                world.End(reply, 4800);
                world.Advance(400);
                Assert.AreEqual(reply, world.Replies.Last().Reply);
                Assert.AreEqual(4800, world.Replies.Last().Sample);
            }
            Assert.AreEqual(24, world.Replies.Count, "begin, sounding and ended of each");
        }

        [Test]
        public void ATalkingFrameMakesNoGarbage()
        {
            var world = Joined();
            var weights = new float[Visemes.Count];
            var mono = new float[480];
            Begin(world);
            world.Marks(1, new[] { new[] { 10, 0, 48000, 100 } });
            world.Feed(0, 400);
            world.Advance(500);
            long bytes = 0;
            var frames = 0;
            for (var i = 0; i < 200; i++)
            {
                var sent = world.Server.Sent.Count;
                var before = Allocated.Bytes();
                world.Us += 10000;
                world.Session.Voice.Read(mono, 480, world.Us);
                world.Session.Update();
                world.Session.Mouth.Weights(weights);
                if (world.Server.Sent.Count > sent) continue; // the test's server keeps what it gets
                bytes += Allocated.Bytes() - before;
                frames++;
            }
            Assert.Greater(frames, 150);
            Assert.AreEqual(0L, bytes);
        }
    }
}
