using System.Collections.Generic;
using Frametalk.Unity;
using NUnit.Framework;
using UnityEngine;
using UnityEngine.Stub;

namespace Frametalk.Tests.Stubbed
{
    [TestFixture]
    public class EventsTests
    {
        [Test]
        public void DesignersHearAWholeTurn()
        {
            var game = new Game(90, false);
            game.AddCharacter();
            var events = new GameObject("events").AddComponent<FrametalkEvents>();
            var log = new List<string>();
            events.Connected.AddListener(() => log.Add("connected"));
            events.Understood.AddListener(text => log.Add("understood " + text));
            events.PhaseChanged.AddListener(phase => log.Add(phase));
            events.ReplyStarted.AddListener(() => log.Add("started"));
            events.Caption.AddListener(text => log.Add("caption " + text));
            events.Word.AddListener(word => log.Add("word " + word));
            events.Gesture.AddListener(name => log.Add("gesture " + name));
            events.Emotion.AddListener((name, strength) => log.Add("emotion " + name + " " + strength));
            events.ReplyEnded.AddListener(() => log.Add("ended"));
            events.Disconnected.AddListener(() => log.Add("disconnected"));
            game.Session.Connect();
            game.Open();
            game.Server.Send("turn.state", "state", "thinking", "turn", 1);
            game.Server.Send("transcript", "turn", 1, "rev", 1, "text", "hello", "final", true);
            game.Server.Send("reply.begin", "reply", 1, "turn", 1, "stream", 1, "rate_hz", 22050);
            game.Server.Send("reply.text", "reply", 1, "text", "Well met.", "at", 0);
            var marks = new List<byte>();
            FakeServer.Mark(marks, 0, 4000, 16, 1);
            FakeServer.Mark(marks, 4410, 4410, 17, 1);
            FakeServer.Mark(marks, 6615, 6615, 18, 0.5);
            game.Server.Send("reply.marks", "reply", 1, "at", 0, "marks", marks.ToArray(), "names", new List<object> { "Well", "nod", "happy" });
            for (var at = 0; at < 11025; at += 441) game.Server.Media(1, at, new short[441], 0, 441, false);
            game.Server.Media(1, 11025, new short[0], 0, 0, true);
            game.Server.Send("reply.end", "reply", 1, "samples", 11025);
            game.Run(2);
            game.Session.Close("bye");
            CollectionAssert.AreEqual(
                new[] { "connected", "thinking", "understood hello", "started", "caption Well met.", "word Well", "gesture nod", "emotion happy 0.5", "ended", "disconnected" },
                log);
        }

        [Test]
        public void AnErrorIsShownWithItsRemedy()
        {
            var game = new Game();
            var events = new GameObject("events").AddComponent<FrametalkEvents>();
            var shown = "";
            events.Failed.AddListener(text => shown = text);
            game.Open();
            game.Server.Send("error", "code", "think_failed", "text", "the mind failed", "remedy", "see the log");
            game.Run(0.1);
            Assert.AreEqual("the mind failed: see the log", shown);
        }

        [Test]
        public void TheOverlayShowsTurnCostAndConnection()
        {
            var game = new Game();
            game.AddCharacter();
            var overlay = game.Session.gameObject.AddComponent<FrametalkOverlay>();
            game.Open();
            var stages = new List<object> { FakeServer.Map("stage", "endpoint_wait", "ms", 300.0), FakeServer.Map("stage", "sending", "ms", 12.0) };
            game.Server.Send("trace", "turn", 3, "reply", 1, "mouth_to_ear_ms", 312.0, "stages", stages);
            game.Run(2);
            Game.Mentions(overlay.Text, "frametalk open");
            Game.Mentions(overlay.Text, "turn 3, mouth to ear 312 ms");
            Game.Mentions(overlay.Text, "endpoint_wait 300");
            Game.Mentions(overlay.Text, "our part of a frame: median ");
            Game.Mentions(overlay.Text, "at 72");
            Engine.Gui();
            Game.Mentions(string.Join("\n", Engine.Drawn.ToArray()), "frametalk open");
            overlay.Visible = false;
            Engine.Gui();
            Assert.AreEqual(0, Engine.Drawn.Count);
        }
    }
}
