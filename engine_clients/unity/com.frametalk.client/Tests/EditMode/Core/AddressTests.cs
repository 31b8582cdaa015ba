using System;
using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;

namespace Frametalk.Tests
{
    [TestFixture]
    public class AddressTests
    {
        private static readonly string[] Resume = { "resume" };
        private static readonly Uri Here = new Uri("ws://here:1/v1");
        private static readonly Uri Next = new Uri("ws://next:9000/v1");

        private static World Joined(string url = "ws://here:1")
        {
            return new World(new SessionOptions { Url = url, Token = "secret" }).Join(Resume);
        }

        private static void GoAway(World world, string url)
        {
            world.Server.Say(World.Message("goaway", "reason", "restart", "in_ms", 100, "url", url));
            world.Session.Update();
        }

        /// <summary>The connection breaks, and another one is opened when it is time.</summary>
        private static void Break(World world, int code = 1006)
        {
            var before = world.Sockets.Count;
            world.Server.Break(code);
            world.Session.Update();
            while (world.Sockets.Count == before) world.Advance(50);
        }

        private static List<Uri> Urls(World world)
        {
            return world.Sockets.Select(socket => socket.Url).ToList();
        }

        [Test]
        public void AGoawayWithAUrlSendsTheSessionThereWithTheSameHelloAndItsTokenToResume()
        {
            var world = Joined();
            GoAway(world, "ws://next:9000");
            Assert.AreEqual(1, world.Sockets.Count, "before the connection ends");
            Break(world, 1012);
            world.Accept(Resume, "r-2", true);
            Assert.AreEqual(Next, world.Server.Url);
            Assert.AreEqual("secret", world.LastOf("hello")["token"]);
            Assert.AreEqual("r-1", world.LastOf("hello")["resume"]);
            Assert.AreEqual(ConnectionState.Open, world.Session.State);
            Break(world);
            Assert.AreEqual(Next, world.Server.Url, "and the connection after that");
        }

        [Test]
        public void AServerThatDoesNotKnowTheSessionBeginsANewOneAndSaysSo()
        {
            var world = Joined();
            GoAway(world, "ws://next:9000");
            Break(world, 1012);
            world.Accept(Resume, "n-1", false, "not_resumed", "resume_unknown");
            Assert.AreEqual("resume_unknown", world.Session.Welcome.NotResumed);
            Assert.AreEqual(ConnectionState.Open, world.Session.State);
        }

        [Test]
        public void ASessionThatHasEndedBeginsANewOneThere()
        {
            var world = Joined();
            GoAway(world, "ws://next:9000");
            Break(world, 1001);
            world.Accept(Resume, "n-1", false);
            Assert.AreEqual(Next, world.Server.Url);
            Assert.IsFalse(world.LastOf("hello").ContainsKey("resume"));
        }

        [Test]
        public void AfterFiveAttemptsWithoutAnAnswerTheGamesAddressIsUsedAgain()
        {
            var world = Joined();
            GoAway(world, "ws://next:9000");
            for (var i = 0; i < 6; i++) Break(world);
            Assert.AreEqual(new List<Uri> { Here, Next, Next, Next, Next, Next, Here }, Urls(world));
        }

        [Test]
        public void AServerThatAnswersThatItIsBusyIsAskedAgain()
        {
            var world = Joined();
            GoAway(world, "ws://next:9000");
            Break(world, 1012);
            for (var i = 0; i < 8; i++)
            {
                world.Server.Opened();
                world.Server.Say(World.Message("error", "code", "server_busy", "fatal", true, "retry_after_ms", 1500));
                var from = world.Us;
                Break(world, 1013);
                Assert.GreaterOrEqual(world.Us - from, 1500000);
            }
            Assert.AreEqual(Next, world.Server.Url);
            world.Accept(Resume, "r-2", true);
            Assert.AreEqual(ConnectionState.Open, world.Session.State);
        }

        /// <summary>The server of this connection stops: it answers hello with the next one's address.</summary>
        private static void SendAway(World world)
        {
            world.Server.Opened();
            world.Server.Say(World.Message("goaway", "seq", 0, "reason", "server_stopping", "url", "ws://next:9000"));
            world.Server.Say(World.Message("error", "code", "server_busy", "fatal", true));
            Break(world, 1013);
        }

        [Test]
        public void AServerThatStopsSendsASessionThatComesBackToTheNextOne()
        {
            var world = Joined();
            Break(world);
            SendAway(world);
            world.Accept(Resume, "r-2", true);
            Assert.AreEqual(new List<Uri> { Here, Here, Next }, Urls(world));
            Assert.AreEqual("r-1", world.LastOf("hello")["resume"]);
            Assert.AreEqual(ConnectionState.Open, world.Session.State);
            Assert.AreEqual(0, world.Errors.Count);
        }

        [Test]
        public void AServerThatStopsSendsASessionThatBeginsToTheNextOne()
        {
            var world = new World(new SessionOptions { Url = "ws://here:1", Token = "secret" });
            world.Session.ConnectAsync();
            SendAway(world);
            world.Accept(Resume, "r-1", false);
            Assert.AreEqual(new List<Uri> { Here, Next }, Urls(world));
            Assert.AreEqual("secret", world.LastOf("hello")["token"]);
            Assert.AreEqual(ConnectionState.Open, world.Session.State);
        }

        [TestCase("", "ws://here:1", 0)]
        [TestCase("http://next:9000", "ws://here:1", 1)]
        [TestCase("next:9000", "ws://here:1", 1)]
        [TestCase("ws://", "ws://here:1", 1)]
        [TestCase("ws://next:9000", "wss://here:1", 1)]
        public void AUrlThatIsNotFollowedIsAnError(string url, string here, int errors)
        {
            var world = Joined(here);
            GoAway(world, url);
            Assert.AreEqual(errors, world.Errors.Count);
            foreach (var error in world.Errors)
            {
                Assert.AreEqual("message_invalid", error.Code);
                Assert.AreEqual("server", error.Fault);
            }
            Break(world);
            Assert.AreEqual(new List<Uri> { Address.Of(here), Address.Of(here) }, Urls(world));
        }
    }
}
