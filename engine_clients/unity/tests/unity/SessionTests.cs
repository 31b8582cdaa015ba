using System.Collections.Generic;
using Frametalk.Unity;
using NUnit.Framework;
using UnityEngine;
using UnityEngine.Stub;

namespace Frametalk.Tests.Stubbed
{
    [TestFixture]
    public class SessionTests
    {
        [Test]
        public void ItConnectsAtTheStartAndSaysWhoItIs()
        {
            var game = new Game();
            game.Open();
            var client = (Dictionary<string, object>)game.Server.Last("hello")["client"];
            Assert.AreEqual("stub game", client["name"]);
            Game.Mentions((string)client["engine"], "unity 2022.3");
            Assert.AreEqual(0, Engine.Errors.Count);
        }

        [Test]
        public void ItWaitsForConnectIfItShallNotConnectAtTheStart()
        {
            var game = new Game(90, false);
            game.Run(0.2);
            Assert.AreEqual(0, game.Server.Opened);
            game.Session.Connect();
            game.Open();
        }

        [Test]
        public void ASceneOverridesSingleSettings()
        {
            var game = new Game(90, false);
            var settings = ScriptableObject.CreateInstance<FrametalkSettings>();
            settings.Character = "blacksmith";
            settings.Language = "en";
            settings.Scopes = new[] { "talk" };
            game.Session.Settings = settings;
            game.Session.Overrides.Character = "queen";
            game.Session.Overrides.Scopes = new[] { "castle" };
            game.Session.Connect();
            game.Open();
            var hello = game.Server.Last("hello");
            Assert.AreEqual("queen", hello["character"]);
            Assert.AreEqual("en", hello["language"]);
            CollectionAssert.AreEqual(new List<object> { "talk", "castle" }, (List<object>)hello["scopes"]);
        }

        [Test]
        public void TheProjectsSettingsAreAnAssetInResources()
        {
            var game = new Game(90, false);
            var settings = ScriptableObject.CreateInstance<FrametalkSettings>();
            settings.Character = "from the project";
            Engine.Assets[FrametalkSettings.ResourceName] = settings;
            game.Session.Connect();
            game.Open();
            Assert.AreEqual("from the project", game.Server.Last("hello")["character"]);
        }

        [Test]
        public void ATokenOfTheBackendReplacesTheSettings()
        {
            var game = new Game(90, false);
            game.Session.Token = "of the backend";
            game.Session.Connect();
            game.Open();
            Assert.AreEqual("of the backend", game.Server.Last("hello")["token"]);
        }

        [Test]
        public void WhatThePlayerAgreesToIsSaidAndTheDisclosureIsShown()
        {
            var game = new Game(90, false);
            var shown = "";
            new GameObject("events").AddComponent<FrametalkEvents>().Disclosed.AddListener(text => shown = text);
            game.Server.Welcome["disclosure"] = "You talk with a machine.";
            game.Session.Consent = new Consent { Store = true };
            game.Session.Child = true;
            game.Session.Connect();
            game.Open();
            var consent = (Dictionary<string, object>)game.Server.Last("hello")["consent"];
            Assert.AreEqual(true, consent["store"]);
            Assert.AreEqual(false, consent["record"]);
            Assert.AreEqual(true, game.Server.Last("hello")["child"]);
            Assert.AreEqual("You talk with a machine.", shown);
        }

        [Test]
        public void APlayerCanReportAReply()
        {
            var game = new Game();
            game.Open();
            game.Session.Report(7, ReportReason.Hateful, "it was rude");
            game.Run(0.1);
            Assert.AreEqual(7L, game.Server.Last("report")["reply"]);
            Assert.AreEqual("hateful", game.Server.Last("report")["reason"]);
        }

        [Test]
        public void WebGlIsRefusedWithAClearError()
        {
            var game = new Game(90, false);
            Engine.Platform = RuntimePlatform.WebGLPlayer;
            FrametalkError error = null;
            game.Session.Error += e => error = e;
            game.Session.Connect();
            Assert.AreEqual("platform_unsupported", error.Code);
            Game.Mentions(error.Remedy, "webxr");
            Assert.AreEqual(0, game.Server.Opened);
        }

        [Test]
        public void AnErrorWithoutAListenerIsInTheLog()
        {
            var game = new Game();
            game.Open();
            game.Server.Send("error", "code", "think_failed", "text", "the mind failed");
            game.Run(0.1);
            Game.Mentions(string.Join(" ", Engine.Warnings.ToArray()), "think_failed");
        }

        [Test]
        public void AListenerThatThrowsStopsNeitherTheOthersNorTheFrame()
        {
            var game = new Game();
            var heard = "";
            game.Session.Transcript += e => { throw new System.InvalidOperationException("a bug of the game"); };
            game.Session.Turn += e => heard = e.State.ToString();
            game.Open();
            game.Server.Send("transcript", "turn", 1, "rev", 1, "text", "hello");
            game.Server.Send("turn.state", "state", "hearing", "turn", 1);
            game.Run(0.1);
            Assert.AreEqual("Hearing", heard);
            Game.Mentions(string.Join(" ", Engine.Errors.ToArray()), "a bug of the game");
        }

        [Test]
        public void SayingSomethingWithoutAConnectionIsAnErrorAndNoException()
        {
            var game = new Game(90, false);
            FrametalkError error = null;
            game.Session.Error += e => error = e;
            game.Session.Say("hello");
            Assert.AreEqual("not_connected", error.Code);
        }

        [Test]
        public void EmptyTextIsNotSent()
        {
            var game = new Game();
            game.Open();
            game.Session.Say("  ");
            game.Session.Say("hello");
            game.Run(0.1);
            Assert.AreEqual(1, game.Server.All("say").Count);
        }

        [Test]
        public void InTheBackgroundTheConversationStandsStill()
        {
            var game = new Game();
            game.Open();
            Engine.Background(true);
            game.Run(0.1);
            Assert.AreEqual(true, Flag(game.Server.Last("pause"), "paused"));
            Engine.Background(false);
            game.Run(0.1);
            Assert.AreEqual(false, Flag(game.Server.Last("pause"), "paused"));
        }

        [Test]
        public void ItGoesOnOnlyWhenNothingHoldsItBack()
        {
            var game = new Game();
            game.Open();
            game.Session.Pause();
            Engine.Background(true);
            Engine.Background(false);
            game.Run(0.1);
            Assert.AreEqual(1, game.Server.All("pause").Count);
            game.Session.Pause(false);
            game.Run(0.1);
            Assert.AreEqual(false, Flag(game.Server.Last("pause"), "paused"));
        }

        [Test]
        public void ItEndsWithThePlayersGame()
        {
            var game = new Game();
            game.Open();
            Engine.Quit();
            Assert.IsNotNull(game.Server.Last("bye"));
            Assert.AreEqual(1000, game.Server.ClosedWith);
        }

        [Test]
        public void ItEndsWithItsScene()
        {
            var game = new Game();
            game.Open();
            Engine.LoadScene("another");
            Assert.IsNotNull(game.Server.Last("bye"));
        }

        [Test]
        public void ItCanGoOnInTheNextScene()
        {
            var game = new Game(90, false);
            game.Session.KeepAcrossScenes = true;
            game.Frame();
            game.Session.Connect();
            game.Open();
            Engine.LoadScene("another");
            game.Session.Say("still here");
            game.Run(0.1);
            Assert.AreEqual("still here", game.Server.Last("say")["text"]);
        }

        [Test]
        public void ACopyOfAKeptSessionLeavesWhenItsSceneIsLoadedAgain()
        {
            var game = new Game(90, false);
            game.Session.KeepAcrossScenes = true;
            game.Frame();
            game.Session.Connect();
            game.Open();
            var copy = new GameObject("player rig");
            copy.SetActive(false);
            var session = copy.AddComponent<FrametalkSession>();
            session.KeepAcrossScenes = true;
            copy.SetActive(true);
            game.Run(0.2);
            Assert.AreEqual(1, Object.FindObjectsByType<FrametalkSession>(FindObjectsSortMode.None).Length);
            Assert.AreEqual(1, game.Server.Opened);
            Assert.AreEqual(ConnectionState.Open, game.Session.State);
        }

        [Test]
        public void AllSessionsEndBeforeScriptsAreReloaded()
        {
            var game = new Game();
            game.Open();
            FrametalkSession.CloseAll("reload");
            Assert.AreEqual("reload", game.Server.Last("bye")["reason"]);
        }

        [Test]
        public void ItCanConnectAgainAfterItsEnd()
        {
            var game = new Game();
            game.Open();
            game.Session.Close("enough");
            game.Run(0.1);
            Assert.AreEqual(ConnectionState.Closed, game.Session.State);
            game.Session.Connect();
            game.Open();
            Assert.AreEqual(2, game.Server.Opened);
        }

        [Test]
        public void AServerThatIsNotThereIsAnErrorWithARemedy()
        {
            var game = new Game(90, false);
            game.Server.Absent = true;
            var errors = new List<FrametalkError>();
            game.Session.Error += errors.Add;
            game.Session.Connect();
            game.Run(0.5);
            Assert.AreEqual(1, errors.Count);
            Assert.AreEqual("cannot_connect", errors[0].Code);
            Assert.IsTrue(errors[0].Remedy.Length > 0);
        }

        [Test]
        public void ABrokenConnectionIsOpenedAgainAndResumed()
        {
            var game = new Game();
            game.Open();
            game.Server.Break(1006);
            game.Server.Welcome["resumed"] = true;
            game.Until(() => game.Server.Opened == 2, 10);
            game.Open();
            Assert.AreEqual("token", game.Server.Last("hello")["resume"]);
        }

        private static bool Flag(Dictionary<string, object> message, string key)
        {
            // A field that is left out has its default, true.
            object value;
            return !message.TryGetValue(key, out value) || (bool)value;
        }
    }
}
