using System;
using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;

namespace Frametalk.Tests
{
    [TestFixture]
    public class SceneTests
    {
        private static readonly Entity Door = new Entity { Id = "door", Name = "red door", Kind = "door" };

        private static World Joined()
        {
            var world = new World();
            world.Session.Scene.Snapshot(new[] { Door, new Entity { Id = "chest", Name = "chest" } });
            world.Join("resume");
            world.Session.Update();
            return world;
        }

        private static Dictionary<string, object> Patch(World world)
        {
            world.Session.Update();
            return world.LastOf("scene.patch");
        }

        [Test]
        public void TheSceneIsSentWithTheWelcome()
        {
            var world = Joined();
            var snapshot = world.LastOf("scene.snapshot");
            Assert.AreEqual(1L, snapshot["rev"]);
            Assert.AreEqual(2, ((List<object>)snapshot["entities"]).Count);
            Assert.AreEqual(1, world.Of("scene.snapshot").Count);
        }

        [Test]
        public void TheChangesOfAFrameAreOnePatch()
        {
            var world = Joined();
            var scene = world.Session.Scene;
            scene.Set("door", "open", true);
            scene.Set("door", "locked", false);
            scene.Set("chest", "open", true);
            scene.Move("door", new Position(1, 2, 3));
            scene.Put(new Entity { Id = "rope", Name = "rope" });
            var patch = Patch(world);
            Assert.AreEqual(1, world.Of("scene.patch").Count);
            Assert.AreEqual(1L, patch["base"]);
            Assert.AreEqual(6L, patch["rev"]);
            Assert.AreEqual(6L, scene.Rev);
            var state = new Args((Dictionary<string, object>)patch["state"]);
            Assert.IsTrue(state.Map("door").Flag("open"));
            Assert.IsTrue(state.Map("chest").Flag("open"));
            Assert.AreEqual(new List<object> { 1.0, 2.0, 3.0 }, ((Dictionary<string, object>)patch["move"])["door"]);
            scene.Set("door", "open", false);
            Assert.AreEqual(6L, Patch(world)["base"]);
        }

        [Test]
        public void TheLastValueOfAKeyCountsAndNullDeletesIt()
        {
            var world = Joined();
            world.Session.Scene.Set("door", "open", true);
            world.Session.Scene.Set("door", "open", null);
            var state = new Args((Dictionary<string, object>)Patch(world)["state"]);
            Assert.IsTrue(state.Map("door").Values.ContainsKey("open"));
            Assert.IsNull(state.Map("door")["open"]);
            Assert.IsNull(world.Session.Scene.State("door", "open"));
        }

        [Test]
        public void TheSameValueAgainSendsNothing()
        {
            var world = Joined();
            world.Session.Scene.Set("door", "open", true);
            world.Session.Scene.Move("door", new Position(1, 0, 0));
            world.Advance(300);
            var count = world.Of("scene.patch").Count;
            for (var i = 0; i < 20; i++)
            {
                world.Session.Scene.Set("door", "open", true);
                world.Session.Scene.Move("door", new Position(1, 0, 0));
                world.Advance(10);
            }
            Assert.AreEqual(count, world.Of("scene.patch").Count);
        }

        [Test]
        public void PositionsAloneAreSentFiveTimesASecond()
        {
            var world = Joined();
            for (var i = 0; i < 100; i++)
            {
                world.Session.Scene.Move("door", new Position(i, 0, 0));
                world.Advance(10);
            }
            Assert.AreEqual(5, world.Of("scene.patch").Count, 1);
            world.Session.Scene.Set("door", "open", true);
            var patch = Patch(world);
            Assert.IsTrue(patch.ContainsKey("state"));
        }

        [Test]
        public void AnEntityThatIsPutAndChangedIsSentAsItIs()
        {
            var world = Joined();
            world.Session.Scene.Put(new Entity { Id = "rope", Name = "rope" });
            world.Session.Scene.Set("rope", "wet", true);
            world.Session.Scene.Move("rope", new Position(1, 1, 1));
            var patch = Patch(world);
            Assert.IsFalse(patch.ContainsKey("state"));
            Assert.IsFalse(patch.ContainsKey("move"));
            var rope = new Args((Dictionary<string, object>)((List<object>)patch["put"])[0]);
            Assert.IsTrue(rope.Map("state").Flag("wet"));
            Assert.AreEqual(new List<object> { 1.0, 1.0, 1.0 }, rope["position"]);
        }

        [Test]
        public void AnEntityThatIsRemovedTakesItsChangesAlong()
        {
            var world = Joined();
            world.Session.Scene.Set("door", "open", true);
            world.Session.Scene.Remove("door");
            var patch = Patch(world);
            Assert.AreEqual(new List<object> { "door" }, patch["remove"]);
            Assert.IsFalse(patch.ContainsKey("state"));
            Assert.IsNull(world.Session.Scene.Get("door"));
        }

        [Test]
        public void AnEntityThatComesAndGoesWithinAFrameIsRemovedOnce()
        {
            var world = Joined();
            world.Session.Scene.Remove("door");
            world.Session.Scene.Put(Door);
            var patch = Patch(world);
            Assert.IsFalse(patch.ContainsKey("remove"));
            Assert.AreEqual(1, ((List<object>)patch["put"]).Count);
        }

        [Test]
        public void AnEntityThatTheServerNeverHadIsNotRemovedThere()
        {
            var world = Joined();
            world.Session.Scene.Put(new Entity { Id = "spark", Name = "spark" });
            world.Session.Scene.Remove("spark");
            world.Session.Update();
            Assert.AreEqual(0, world.Of("scene.patch").Count(patch => patch.ContainsKey("remove")));
        }

        [Test]
        public void APatchIsMadeAsAWholeOrNotAtAll()
        {
            var world = Joined();
            var change = new SceneChange();
            change.Remove.Add("chest");
            change.State["nothing"] = new Dictionary<string, object> { { "open", true } };
            var thrown = Assert.Throws<FrametalkException>(() => world.Session.Scene.Patch(change));
            Assert.AreEqual("scene_unknown_entity", thrown.Error.Code);
            Assert.IsNotNull(world.Session.Scene.Get("chest"));
            Assert.AreEqual(1L, world.Session.Scene.Rev);
            change.State.Clear();
            change.Put.Add(new Entity { Id = "rope", Name = "rope" });
            change.State["rope"] = new Dictionary<string, object> { { "wet", true } };
            change.Move["door"] = new Position(1, 0, 0);
            world.Session.Scene.Patch(change);
            Assert.AreEqual(true, world.Session.Scene.State("rope", "wet"));
            Assert.IsNull(world.Session.Scene.Get("chest"));
            Assert.AreEqual(2L, Patch(world)["rev"]);
        }

        public static IEnumerable<object[]> Invalid()
        {
            yield return new object[] { "no id", "scene_invalid", (Action<Scene>)(scene => scene.Put(new Entity { Name = "x" })) };
            yield return new object[] { "no name", "scene_invalid", (Action<Scene>)(scene => scene.Put(new Entity { Id = "x" })) };
            yield return new object[] { "twice", "scene_invalid", (Action<Scene>)(scene => scene.Snapshot(new[] { Door, Door })) };
            yield return new object[] { "unknown", "scene_unknown_entity", (Action<Scene>)(scene => scene.Set("x", "open", true)) };
            yield return new object[] { "no entity", "scene_unknown_entity", (Action<Scene>)(scene => scene.Remove(null)) };
            yield return new object[] { "moved", "scene_unknown_entity", (Action<Scene>)(scene => scene.Move("x", new Position())) };
            yield return new object[] { "a list", "scene_invalid", (Action<Scene>)(scene => scene.Set("door", "x", new[] { 1 })) };
            yield return new object[] { "nan", "scene_invalid", (Action<Scene>)(scene => scene.Set("door", "x", double.NaN)) };
            yield return new object[] { "nowhere", "scene_invalid", (Action<Scene>)(scene => scene.Move("door", new Position(double.NaN, 0, 0))) };
        }

        [TestCaseSource("Invalid")]
        public void WhatDoesNotFitChangesNothing(string name, string code, object act)
        {
            var world = Joined();
            var thrown = Assert.Throws<FrametalkException>(() => ((Action<Scene>)act)(world.Session.Scene));
            Assert.AreEqual(code, thrown.Error.Code);
            Assert.AreEqual(1L, world.Session.Scene.Rev);
            Assert.AreEqual(2, world.Session.Scene.Entities.Count);
        }

        [Test]
        public void AResyncIsAnsweredWithOneSnapshot()
        {
            var world = Joined();
            world.Server.Say(World.Message("scene.ack", "rev", 1));
            world.Session.Scene.Set("door", "open", true);
            world.Session.Update();
            world.Server.Say(World.Message("scene.resync", "rev", 1, "reason", "no"));
            world.Server.Say(World.Message("scene.resync", "rev", 1, "reason", "no"));
            world.Session.Update();
            world.Server.Say(World.Message("scene.resync", "rev", 1, "reason", "no"));
            world.Session.Update();
            Assert.AreEqual(2, world.Of("scene.snapshot").Count);
            Assert.AreEqual(2L, world.LastOf("scene.snapshot")["rev"]);
            world.Server.Say(World.Message("scene.ack", "rev", 2));
            world.Server.Say(World.Message("scene.resync", "rev", 1, "reason", "no"));
            world.Session.Update();
            Assert.AreEqual(3, world.Of("scene.snapshot").Count);
        }

        [Test]
        public void ALargeSceneIsSentInPartsBelow60KiB()
        {
            var world = new World();
            var entities = Enumerable.Range(0, 400).Select(i => new Entity { Id = "e" + i, Name = new string('n', 200), Kind = "thing" });
            world.Session.Scene.Snapshot(entities);
            world.Join();
            world.Session.Update();
            var parts = world.Of("scene.patch");
            Assert.Greater(parts.Count, 1);
            var count = ((List<object>)world.LastOf("scene.snapshot")["entities"]).Count + parts.Sum(part => ((List<object>)part["put"]).Count);
            Assert.AreEqual(400, count);
            Assert.AreEqual(0, world.Errors.Count);
            Assert.AreEqual(parts[0]["rev"], parts[1]["base"]);
            world.Session.Scene.Set("e7", "open", true);
            Assert.AreEqual(parts.Last()["rev"], Patch(world)["base"]);
        }

        [Test]
        public void ManyChangesInOneFrameBecomeAWholeScene()
        {
            var world = new World();
            world.Session.Scene.Snapshot(Enumerable.Range(0, 300).Select(i => new Entity { Id = "e" + i, Name = "thing" }));
            world.Join();
            world.Session.Update();
            var snapshots = world.Of("scene.snapshot").Count;
            for (var i = 0; i < 300; i++) world.Session.Scene.Set("e" + i, "text", new string('x', 300));
            world.Session.Update();
            Assert.AreEqual(0, world.Errors.Count);
            Assert.AreEqual(snapshots + 1, world.Of("scene.snapshot").Count);
        }

        [Test]
        public void WithoutAConnectionTheSceneChangesAndIsSentLater()
        {
            var world = new World();
            world.Session.Scene.Put(Door);
            world.Session.Scene.Set("door", "open", true);
            world.Session.Update();
            world.Join();
            world.Session.Update();
            var door = new Args((Dictionary<string, object>)((List<object>)world.LastOf("scene.snapshot")["entities"])[0]);
            Assert.IsTrue(door.Map("state").Flag("open"));
            Assert.AreEqual(0, world.Of("scene.patch").Count);
        }

        [Test]
        public void ThingsThatMoveMakeNoGarbage()
        {
            var world = Joined();
            world.Server.Break(1006); // nothing takes the patches: only what the client itself makes is counted
            world.Session.Update();
            var place = 0.0;
            for (var i = 0; i < 300; i++) Moved(world, ++place);
            var before = Allocated.Bytes();
            for (var i = 0; i < 300; i++) Moved(world, ++place);
            // Each patch is kept until the server confirms it.
            Assert.Less(Allocated.Bytes() - before, 300 * 10 / 200 * 400);
        }

        private static void Moved(World world, double place)
        {
            world.Us += 10000;
            world.Session.Scene.Move("door", new Position(place, 0, 0));
            world.Session.Update();
        }

        [Test]
        public void AnEmptySceneThatWasNeverSetIsNotSent()
        {
            var world = new World().Join();
            world.Session.Update();
            Assert.AreEqual(0, world.Of("scene.snapshot").Count);
        }

        [Test]
        public void TheGamesObjectsAreCopied()
        {
            var world = new World();
            var door = new Entity { Id = "door", Name = "door" };
            world.Session.Scene.Put(door);
            door.Name = "";
            door.State["open"] = true;
            Assert.AreEqual("door", world.Session.Scene.Get("door").Name);
            Assert.IsNull(world.Session.Scene.State("door", "open"));
        }

        [Test]
        public void AnEventIsSentAfterTheChangesBeforeIt()
        {
            var world = Joined();
            world.Session.Scene.Set("door", "open", true);
            world.Session.Scene.Event("thunder", "door", "Thunder rolls.", new Dictionary<string, object> { { "loudness", 0.5 } });
            world.Session.Update();
            var types = world.Server.Sent.Select(sent => (string)sent["type"]).ToList();
            Assert.Less(types.IndexOf("scene.patch"), types.IndexOf("scene.event"));
            Assert.AreEqual("door", world.LastOf("scene.event")["entity"]);
        }

        [Test]
        public void FocusSendsChangesOnlyTenTimesASecond()
        {
            var world = Joined();
            var focus = world.Session.Focus;
            for (var i = 0; i < 30; i++)
            {
                focus.Gaze("door");
                world.Advance(10);
            }
            Assert.AreEqual(1, world.Of("focus").Count);
            for (var i = 0; i < 100; i++)
            {
                focus.Gaze(i % 2 == 0 ? "chest" : "door");
                world.Advance(10);
            }
            Assert.LessOrEqual(world.Of("focus").Count, 12);
            focus.Gaze(null);
            world.Advance(200);
            var count = world.Of("focus").Count;
            focus.Gaze("door");
            focus.Point("chest");
            world.Session.Update();
            Assert.AreEqual(count + 1, world.Of("focus").Count, "the second one waits");
            world.Advance(100);
            focus.Point("chest");
            world.Session.Update();
            Assert.AreEqual("chest", world.LastOf("focus")["entity"]);
        }

        [Test]
        public void FocusBeforeTheSessionIsOpenIsSentOnceItIs()
        {
            var world = new World();
            world.Session.Focus.Gaze("door");
            world.Join();
            world.Session.Focus.Gaze("door");
            world.Session.Update();
            Assert.AreEqual(1, world.Of("focus").Count);
        }
    }
}
