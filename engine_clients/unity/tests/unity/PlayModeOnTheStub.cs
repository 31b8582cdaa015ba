using System.Collections;
using System.Collections.Generic;
using System.Reflection;
using NUnit.Framework;
using UnityEngine.Stub;
using UnityEngine.TestTools;

namespace Frametalk.Tests.Stubbed
{
    /// <summary>Runs the package's play-mode tests with the stub's frames: one for each `yield return`.</summary>
    [TestFixture]
    public class PlayModeOnTheStub
    {
        [TestCaseSource("Names")]
        public void Passes(string name)
        {
            Engine.Reset();
            var fixture = new PlayModeTests();
            var frames = (IEnumerator)typeof(PlayModeTests).GetMethod(name).Invoke(fixture, null);
            try
            {
                for (var i = 1; frames.MoveNext(); i++) Engine.Frame(i / 90.0);
            }
            finally
            {
                fixture.CleanUp();
            }

            Assert.AreEqual(0, Engine.Errors.Count, string.Join("\n", Engine.Errors.ToArray()));
        }

        public static IEnumerable<string> Names()
        {
            foreach (var method in typeof(PlayModeTests).GetMethods())
            {
                if (method.IsDefined(typeof(UnityTestAttribute), false)) yield return method.Name;
            }
        }
    }
}
