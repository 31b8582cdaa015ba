using System.Collections.Generic;
using System.Reflection;
using Frametalk.Unity;
using Frametalk.Unity.Editor;
using NUnit.Framework;
using UnityEngine;

namespace Frametalk.Tests
{
    /// <summary>What needs no play mode. These run in Unity's test runner, and on the stub.</summary>
    [TestFixture]
    public class EditModeTests
    {
        [Test]
        public void AMeshWithOurShapesIsMappedCompletely()
        {
            var mesh = new Mesh { vertices = new[] { Vector3.zero } };
            foreach (var name in Visemes.Names) mesh.AddBlendShapeFrame(name, 100f, new Vector3[1], null, null);
            var map = FrametalkLipSync.MapOf(mesh, null);
            Assert.AreEqual(FaceKind.Visemes, map.Kind);
            Assert.AreEqual(Visemes.Count, map.Count);
            Object.DestroyImmediate(mesh);
        }

        [Test]
        public void AMeshWithoutShapesIsNotMapped()
        {
            var mesh = new Mesh();
            Assert.IsNull(FrametalkLipSync.MapOf(mesh, null));
            Object.DestroyImmediate(mesh);
        }

        [Test]
        public void AnOverrideReplacesOneSetting()
        {
            var settings = ScriptableObject.CreateInstance<FrametalkSettings>();
            settings.Url = "ws://a:1";
            settings.Character = "smith";
            var options = new SessionOptions();
            new FrametalkOverrides { Character = "queen" }.Apply(settings, options);
            Assert.AreEqual("ws://a:1", options.Url);
            Assert.AreEqual("queen", options.Character);
            Object.DestroyImmediate(settings);
        }

        [Test]
        public void AToolIsBakedIntoACall()
        {
            var problems = new List<string>();
            var method = typeof(Sample).GetMethod("Open", BindingFlags.Instance | BindingFlags.Public);
            var source = ToolBaker.Source(new[] { method }, problems);
            Assert.AreEqual(0, problems.Count);
            Assert.IsTrue(source.Contains("((global::Frametalk.Tests.EditModeTests.Sample)host).Open((int)call.Args.Whole(\"width\"))"), source);
        }

        [Test]
        public void TheMenuMakesACharacterWithAVoiceAMouthAndASession()
        {
            var body = new GameObject("body");
            TalkingCharacterMenu.Create(body);
            var session = Object.FindFirstObjectByType<FrametalkSession>();
            Assert.IsNotNull(session);
            Assert.IsNotNull(body.GetComponent<FrametalkCharacter>());
            Assert.IsNotNull(body.GetComponent<FrametalkLipSync>());
            Object.DestroyImmediate(body);
            Object.DestroyImmediate(session.gameObject);
        }

        internal sealed class Sample : MonoBehaviour
        {
            [FrametalkTool("open")]
            public void Open(int width)
            {
            }
        }
    }
}
