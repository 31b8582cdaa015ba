using System.Collections.Generic;
using Frametalk.Unity;
using NUnit.Framework;
using UnityEngine;
using UnityEngine.Stub;

namespace Frametalk.Tests.Stubbed
{
    [TestFixture]
    public class SceneObjectTests
    {
        [Test]
        public void TheServerGetsTheSceneWhenTheSessionOpens()
        {
            var game = new Game();
            var door = Add("door", "red door");
            door.Set("open", false);
            game.Open();
            game.Run(0.1);
            var entity = Entities(game)[0];
            Assert.AreEqual("door", entity["id"]);
            Assert.AreEqual("red door", entity["name"]);
            Assert.AreEqual(false, ((Dictionary<string, object>)entity["state"])["open"]);
        }

        [Test]
        public void AStateThatChangesIsAPatch()
        {
            var game = new Game();
            var door = Add("door", "red door");
            game.Open();
            game.Run(0.1);
            door.Set("open", true);
            door.Set("open", true);
            game.Run(0.1);
            Assert.AreEqual(1, game.Server.All("scene.patch").Count);
            var state = (Dictionary<string, object>)game.Server.Last("scene.patch")["state"];
            Assert.AreEqual(true, ((Dictionary<string, object>)state["door"])["open"]);
            Assert.IsTrue(door.Is("open"));
        }

        [Test]
        public void AnObjectThatMovesFarEnoughIsMoved()
        {
            var game = new Game();
            var door = Add("door", "red door");
            game.Open();
            game.Run(0.5);
            door.transform.position = new Vector3(0.1f, 0f, 0f);
            game.Run(0.5);
            Assert.AreEqual(0, game.Server.All("scene.patch").Count);
            door.transform.position = new Vector3(2f, 0f, 1f);
            game.Run(0.5);
            var move = (Dictionary<string, object>)game.Server.Last("scene.patch")["move"];
            CollectionAssert.AreEqual(new List<object> { 2.0, 0.0, 1.0 }, (List<object>)move["door"]);
        }

        [Test]
        public void ObjectsComeAndGoWithTheirComponents()
        {
            var game = new Game();
            Add("door", "red door");
            game.Open();
            game.Run(0.1);
            var chest = Add("chest", "chest");
            game.Run(0.1);
            Assert.IsNotNull(game.Server.Last("scene.patch")["put"]);
            Object.Destroy(chest.gameObject);
            game.Run(0.1);
            CollectionAssert.AreEqual(new List<object> { "chest" }, (List<object>)game.Server.Last("scene.patch")["remove"]);
            Assert.IsNull(FrametalkSceneObject.Find("chest"));
        }

        [Test]
        public void WithoutAnIdAnObjectHasItsGameObjectsName()
        {
            var game = new Game();
            Add("lever", "");
            game.Open();
            game.Run(0.1);
            Assert.AreEqual("lever", Entities(game)[0]["id"]);
            Assert.AreEqual("lever", Entities(game)[0]["name"]);
        }

        [Test]
        public void TwoObjectsWithOneIdAreAnErrorThatNamesIt()
        {
            new Game();
            Add("door", "red door");
            Add("door", "blue door");
            Game.Mentions(string.Join(" ", Engine.Errors.ToArray()), "\"door\"");
        }

        [Test]
        public void ASecondSessionGetsTheWholeScene()
        {
            var game = new Game();
            Add("door", "red door").Set("open", true);
            game.Open();
            game.Run(0.1);
            game.Session.Close("enough");
            game.Session.Connect();
            game.Open();
            game.Run(0.1);
            Assert.AreEqual(2, game.Server.All("scene.snapshot").Count);
            Assert.AreEqual(1, Entities(game).Count);
        }

        [Test]
        public void EventsOfTheGameNameTheirObject()
        {
            var game = new Game();
            var door = Add("door", "red door");
            game.Open();
            game.Session.Happened("slammed", door, "the door fell shut");
            game.Run(0.1);
            Assert.AreEqual("door", game.Server.Last("scene.event")["entity"]);
        }

        [Test]
        public void AllCharactersKnowAnObjectWithoutASessionOfItsOwn()
        {
            var game = new Game();
            var server = new FakeServer();
            var other = Another(game, server);
            var shared = Add("door", "red door");
            var own = new GameObject("diary");
            own.SetActive(false);
            var diary = own.AddComponent<FrametalkSceneObject>();
            diary.Session = other;
            own.SetActive(true);
            game.Open();
            game.Until(() => other.State == ConnectionState.Open);
            game.Run(0.1);
            Assert.AreEqual(1, ((List<object>)game.Server.Last("scene.snapshot")["entities"]).Count);
            Assert.AreEqual(2, ((List<object>)server.Last("scene.snapshot")["entities"]).Count);
            shared.Set("open", true);
            diary.Set("read", true);
            game.Run(0.1);
            Assert.AreEqual(1, ((Dictionary<string, object>)game.Server.Last("scene.patch")["state"]).Count);
            Assert.AreEqual(2, ((Dictionary<string, object>)server.Last("scene.patch")["state"]).Count);
        }

        [Test]
        public void TheMicrophoneTalksToTheCharacterThatIsAddressed()
        {
            var game = new Game();
            var server = new FakeServer();
            var other = Another(game, server);
            Engine.Microphone.Voice = n => 0.25f;
            var microphone = new GameObject("microphone").AddComponent<FrametalkMicrophone>();
            microphone.Session = game.Session;
            game.Open();
            game.Until(() => other.State == ConnectionState.Open);
            game.Run(0.5);
            Assert.Greater(game.Server.Microphone.Count, 4000);
            Assert.AreEqual(0, server.Microphone.Count);
            microphone.Session = other;
            game.Run(0.1);
            var before = game.Server.Microphone.Count;
            game.Run(0.5);
            Assert.IsNotNull(game.Server.Last("mic.stop"));
            Assert.AreEqual(before, game.Server.Microphone.Count);
            Assert.Greater(server.Microphone.Count, 4000);
        }

        [Test]
        public void AComponentThatCannotKnowItsSessionSaysSo()
        {
            var game = new Game();
            Another(game, new FakeServer());
            game.AddCharacter();
            Game.Mentions(string.Join(" ", Engine.Warnings.ToArray()), "set Session of the FrametalkCharacter");
        }

        /// <summary>A second session, with a server of its own.</summary>
        private static FrametalkSession Another(Game game, FakeServer server)
        {
            var rig = new GameObject("another session");
            rig.SetActive(false);
            var session = rig.AddComponent<FrametalkSession>();
            session.Configure = options =>
            {
                game.Session.Configure(options);
                options.Socket = () => server;
            };
            rig.SetActive(true);
            return session;
        }

        private static List<Dictionary<string, object>> Entities(Game game)
        {
            return ((List<object>)game.Server.Last("scene.snapshot")["entities"]).ConvertAll(e => (Dictionary<string, object>)e);
        }

        private static FrametalkSceneObject Add(string id, string called)
        {
            var thing = new GameObject(id).AddComponent<FrametalkSceneObject>();
            thing.DisplayName = called;
            return thing;
        }
    }
}
