using System;
using System.Collections.Generic;
using NUnit.Framework;

namespace Frametalk.Tests
{
    [TestFixture]
    public class ConnectionTests
    {
        [TestCase("ws://localhost", "ws://localhost:8765/v1")]
        [TestCase("localhost", "ws://localhost:8765/v1")]
        [TestCase("10.0.0.2:9000", "ws://10.0.0.2:9000/v1")]
        [TestCase("http://game.example", "ws://game.example:8765/v1")]
        [TestCase("https://game.example", "wss://game.example/v1")]
        [TestCase("wss://game.example/talk", "wss://game.example/talk")]
        [TestCase("wss://game.example:8443/v1?x=1", "wss://game.example:8443/v1?x=1")]
        [TestCase("ws://localhost:80", "ws://localhost/v1")]
        [TestCase(" ws://[::1]:8765 ", "ws://[::1]:8765/v1")]
        public void AnAddressIsCompleted(string text, string url)
        {
            Assert.AreEqual(new Uri(url), Address.Of(text));
        }

        [TestCase("")]
        [TestCase("ftp://x")]
        [TestCase("ws://")]
        [TestCase("two words")]
        [TestCase(null)]
        public void ABadAddressIsNamed(string text)
        {
            Assert.AreEqual("cannot_connect", Assert.Throws<FrametalkException>(() => Address.Of(text)).Error.Code);
        }

        [Test]
        public void HelloSaysWhoTalksAndWhatTheGameCanDo()
        {
            var world = new World(new SessionOptions
            {
                Url = "localhost:1", Character = "blacksmith", Language = "en", Token = "secret", Echo = EchoPolicy.HalfDuplex,
                Interruptible = Interruptible.Never, Scopes = new[] { "doors" }, ClientName = "tavern",
            });
            world.Session.Tools.Define(new ToolSpec("open", "Open a door.", "open").Entity("target", "door"), call => null);
            world.Join("resume");
            Assert.AreEqual(new Uri("ws://localhost:1/v1"), world.Server.Url);
            var hello = world.LastOf("hello");
            Assert.AreEqual(1L, hello["protocol"]);
            Assert.AreEqual("blacksmith", hello["character"]);
            Assert.AreEqual("secret", hello["token"]);
            Assert.AreEqual("half_duplex", hello["echo"]);
            Assert.AreEqual("never", hello["interruptible"]);
            Assert.AreEqual(new List<object> { "doors" }, hello["scopes"]);
            Assert.AreEqual(new List<object> { "resume", "floor", "turn_hint" }, hello["features"]);
            var tool = (Dictionary<string, object>)((List<object>)hello["tools"])[0];
            var parameters = new Args((Dictionary<string, object>)tool["parameters"]);
            Assert.AreEqual("door", parameters.Map("properties").Map("target").Text("x-entity"));
            Assert.AreEqual(new List<object> { "target" }, parameters["required"]);
            Assert.IsFalse(hello.ContainsKey("resume"));
        }

        [Test]
        public void ConnectEndsWithTheWelcome()
        {
            var world = new World();
            var joining = world.Session.ConnectAsync();
            Assert.AreEqual(ConnectionState.Idle, world.Session.State);
            world.Session.Update();
            Assert.AreEqual(ConnectionState.Connecting, world.Session.State);
            world.Accept(new string[0], "", false);
            Assert.IsTrue(joining.IsCompleted);
            Assert.AreEqual("blacksmith", joining.Result.Character);
            Assert.AreEqual(ConnectionState.Open, world.Session.State);
            Assert.AreEqual("session_used", Assert.Throws<FrametalkException>(() => world.Session.ConnectAsync()).Error.Code);
        }

        [Test]
        public void AServerThatDoesNotAnswerIsAnErrorAndTheEnd()
        {
            var world = new World();
            var joining = world.Session.ConnectAsync();
            world.Server.Break(1006);
            world.Session.Update();
            Assert.IsTrue(joining.IsFaulted);
            Assert.AreEqual("cannot_connect", ((FrametalkException)joining.Exception.InnerException).Error.Code);
            Assert.AreEqual(ConnectionState.Closed, world.Session.State);
            Assert.AreEqual("cannot_connect", world.Errors[0].Code);
        }

        [Test]
        public void AServerThatIsSilentAfterHelloIsGivenUpAfterTenSeconds()
        {
            var world = new World();
            var joining = world.Session.ConnectAsync();
            world.Server.Opened();
            world.Advance(9900);
            Assert.IsFalse(joining.IsCompleted);
            world.Advance(200);
            Assert.IsTrue(joining.IsFaulted);
        }

        [Test]
        public void AFatalErrorSaysWhyTheSessionEnded()
        {
            var world = new World();
            var joining = world.Session.ConnectAsync();
            world.Server.Opened();
            world.Server.Say(World.Message("error", "code", "bad_token", "text", "wrong", "remedy", "correct it", "fatal", true));
            world.Server.Break(1008);
            world.Session.Update();
            var error = ((FrametalkException)joining.Exception.InnerException).Error;
            Assert.AreEqual("bad_token", error.Code);
            Assert.AreEqual("frametalk: bad_token: wrong (correct it)", error.ToString());
            world.Advance(10000);
            Assert.AreEqual(1, world.Sockets.Count, "not opened again");
        }

        [TestCase("server_busy", 7000, 7000)]
        [TestCase("server_full", 0, 250)]
        public void AServerWithoutRoomIsTriedAgainWhenItSays(string code, int retryAfterMs, int waitMs)
        {
            var world = new World();
            world.Session.ConnectAsync();
            world.Server.Opened();
            world.Server.Say(World.Message("error", "code", code, "text", "no", "fatal", true, "retry_after_ms", retryAfterMs));
            world.Server.Break(1013);
            world.Session.Update();
            Assert.AreEqual(ConnectionState.Waiting, world.Session.State);
            Assert.AreEqual(code, world.Connections[world.Connections.Count - 1].Error.Code);
            world.Advance(waitMs - 100);
            Assert.AreEqual(1, world.Sockets.Count, "before it is time");
            world.Advance(200);
            Assert.AreEqual(2, world.Sockets.Count, "when it is time");
        }

        [Test]
        public void AnErrorThatIsNotFatalIsAnEvent()
        {
            var world = new World().Join();
            world.Server.Say(World.Message("error", "code", "tool_schema", "text", "no"));
            world.Session.Update();
            Assert.AreEqual("tool_schema", world.Errors[0].Code);
            Assert.AreEqual(ConnectionState.Open, world.Session.State);
        }

        [Test]
        public void ALostConnectionIsOpenedAgainLaterAndLater()
        {
            var world = new World().Join();
            var times = new List<long>();
            for (var i = 0; i < 7; i++)
            {
                var sockets = world.Sockets.Count;
                world.Server.Break(1006);
                world.Session.Update();
                Assert.AreEqual(ConnectionState.Waiting, world.Session.State);
                var from = world.Us;
                while (world.Sockets.Count == sockets) world.Advance(10);
                times.Add((world.Us - from) / 1000);
            }
            Assert.AreEqual(new List<object> { 250L, 500L, 1000L, 2000L, 4000L, 5000L, 5000L }, times.ConvertAll(t => (object)t));
        }

        [Test]
        public void RetryOpensALostConnectionNow()
        {
            var world = new World().Join();
            for (var i = 0; i < 5; i++)
            {
                world.Server.Break(1006);
                world.Session.Update();
                world.Session.Retry();
            }
            Assert.AreEqual(6, world.Sockets.Count);
        }

        [TestCase(1000, ConnectionState.Closed, null)]
        [TestCase(1008, ConnectionState.Closed, "connection_lost")]
        [TestCase(1001, ConnectionState.Waiting, "server_stopped")]
        [TestCase(1006, ConnectionState.Waiting, "connection_lost")]
        [TestCase(1011, ConnectionState.Waiting, "connection_lost")]
        [TestCase(1013, ConnectionState.Waiting, "connection_lost")]
        public void TheCloseCodeDecidesWhetherItIsOpenedAgain(int code, ConnectionState state, string error)
        {
            var world = new World().Join();
            world.Server.Break(code);
            world.Session.Update();
            Assert.AreEqual(state, world.Session.State);
            var last = world.Connections[world.Connections.Count - 1].Error;
            Assert.AreEqual(error, last == null ? null : last.Code);
        }

        [Test]
        public void WithoutReconnectALostConnectionIsTheEnd()
        {
            var world = new World(new SessionOptions { Reconnect = false }).Join("resume");
            world.Server.Break(1006);
            world.Session.Update();
            Assert.AreEqual(ConnectionState.Closed, world.Session.State);
        }

        [Test]
        public void ASilentServerIsLeftAfterFifteenSecondsOrFiveIfItCanResume()
        {
            foreach (var features in new[] { new string[0], new[] { "resume" } })
            {
                var world = new World().Join(features);
                world.Advance(features.Length == 0 ? 14900 : 4900);
                Assert.AreEqual(ConnectionState.Open, world.Session.State);
                world.Advance(2000);
                Assert.AreNotEqual(ConnectionState.Open, world.Session.State);
            }
        }

        [Test]
        public void CloseSaysByeAndEndsTheConnection()
        {
            var world = new World().Join();
            world.Session.Close("done");
            Assert.AreEqual("done", world.LastOf("bye")["reason"]);
            Assert.AreEqual(1000, world.Server.ClosedWith);
            Assert.AreEqual(ConnectionState.Closed, world.Session.State);
            world.Session.Update();
            world.Advance(1000);
            Assert.AreEqual(1, world.Sockets.Count);
            Assert.AreEqual("not_connected", Assert.Throws<FrametalkException>(() => world.Session.Say("x")).Error.Code);
        }

        [Test]
        public void CloseBeforeTheWelcomeFailsTheTask()
        {
            var world = new World();
            var joining = world.Session.ConnectAsync();
            world.Session.Close();
            Assert.IsTrue(joining.IsFaulted);
            world.Server.Opened(); // too late
            world.Session.Update();
            Assert.AreEqual(0, world.Of("hello").Count);
        }

        [Test]
        public void PingsAreAnsweredAtOnceAndSentOnceASecond()
        {
            var world = new World().Join();
            world.Server.Say(World.Message("ping", "id", 5, "t_us", 77, "seq", 0));
            world.Session.Update();
            var pong = world.LastOf("pong");
            Assert.AreEqual(5L, pong["id"]);
            Assert.AreEqual(77L, pong["t_us"]);
            Assert.AreEqual(world.Us, pong["received_us"]);
            world.Advance(4010);
            Assert.AreEqual(6, world.Of("ping").Count, "at 0, 250, 500, 1500, 2500 and 3500 ms");
        }

        [Test]
        public void ThePongGivesTheServersClock()
        {
            var world = new World().Join();
            Stats stats = null;
            world.Session.OnStats += now => stats = now;
            var ping = world.LastOf("ping");
            world.Advance(20);
            var theirs = (long)ping["t_us"] + 10000 + 5000000;
            world.Server.Say(World.Message("pong", "id", ping["id"], "t_us", ping["t_us"], "received_us", theirs, "sent_us", theirs, "seq", 0));
            world.Advance(1000);
            Assert.AreEqual(5000.0, stats.ClockOffsetMs);
            Assert.AreEqual(20.0, stats.RoundTripMs);
            Assert.AreEqual(10.0, stats.ClockErrorMs);
        }

        [Test]
        public void AFrameThatCannotBeReadIsAnErrorOfTheServerAndNoMore()
        {
            var world = new World().Join();
            world.Server.Raw(new byte[] { 0xc1 });
            world.Server.Raw(new byte[] { 1, 2, 3 });
            world.Session.Update();
            Assert.AreEqual("message_malformed", world.Errors[0].Code);
            Assert.AreEqual("server", world.Errors[0].Fault);
            Assert.AreEqual("media_truncated", world.Errors[1].Code);
            Assert.AreEqual(ConnectionState.Open, world.Session.State);
        }

        [Test]
        public void AListenerThatThrowsKeepsNothingFromArriving()
        {
            var world = new World().Join();
            var turns = 0;
            world.Session.OnTurn += turn =>
            {
                turns++;
                throw new InvalidOperationException("mine");
            };
            world.Server.Say(World.Message("turn.state", "state", "hearing", "turn", 1));
            world.Server.Say(World.Message("turn.state", "state", "idle", "turn", 1));
            world.Session.Update();
            Assert.AreEqual(2, turns);
            Assert.AreEqual("listener_failed", world.Errors[0].Code);
            Assert.AreEqual(TurnPhase.Idle, world.Session.Turn.State);
        }

        [Test]
        public void WhatTheServerSaysArrivesAsEvents()
        {
            var world = new World().Join();
            Transcript transcript = null;
            Waterfall waterfall = null;
            GoAway goaway = null;
            world.Session.OnTranscript += now => transcript = now;
            world.Session.OnLatency += now => waterfall = now;
            world.Session.OnGoaway += now => goaway = now;
            world.Server.Say(World.Message("transcript", "turn", 1, "rev", 2, "text", "open the", "stable", 4));
            world.Server.Say(World.Message("trace", "turn", 1, "reply", 3, "mouth_to_ear_ms", 412.5));
            world.Server.Say(World.Message("goaway", "reason", "restart", "in_ms", 100));
            world.Server.Say(World.Message("news", "x", 1));
            world.Session.Update();
            Assert.AreEqual("open the", transcript.Text);
            Assert.AreEqual(412.5, world.Session.Latency.MouthToEarMs);
            Assert.AreSame(waterfall, world.Session.Latency.Last);
            Assert.AreEqual("restart", goaway.Reason);
        }

        [Test]
        public void FloorHintInterruptAndPauseAreSentAsSaid()
        {
            var world = new World().Join();
            world.Session.Floor(FloorMode.Hold, 500);
            world.Session.Hint(3, TurnHint.Force);
            world.Session.Interrupt();
            world.Session.Pause(true, 1000);
            world.Session.Pause(false);
            world.Session.Update();
            Assert.AreEqual("hold", world.LastOf("floor.set")["mode"]);
            Assert.AreEqual(500.0, world.LastOf("floor.set")["until_ms"]);
            Assert.AreEqual("force", world.LastOf("turn.hint")["hint"]);
            Assert.AreEqual(1, world.Of("interrupt").Count);
            Assert.AreEqual(1000.0, world.Of("pause")[0]["for_ms"]);
            Assert.AreEqual(false, world.Of("pause")[1]["paused"]);
        }
    }
}
