using System;
using System.Collections.Generic;
using NUnit.Framework;

namespace Frametalk.Tests
{
    [TestFixture]
    public class MouthTests
    {
        public static IEnumerable<object[]> GoldenCases()
        {
            if (Golden.Folder() == null) yield break;
            var file = (Dictionary<string, object>)Golden.Json("weights.json");
            foreach (Dictionary<string, object> one in (List<object>)file["cases"]) yield return new object[] { one["name"], one };
        }

        [TestCaseSource("GoldenCases")]
        public void TheGoldenWeightsAgreeWithin1Over100000(string name, object data)
        {
            var one = new Args((Dictionary<string, object>)data);
            var rateHz = one.Number("rate_hz");
            var marks = MarksOf(one.List("marks"));
            var script = new MouthScript();
            script.Begin(rateHz);
            for (var i = 0; i < marks.Length; i++) script.Add(ref marks[i]);
            var cutAt = one["cut_at"] == null ? (double?)null : one.Number("cut_at");
            var whole = new float[Visemes.Count];
            var near = new float[Visemes.Count];
            foreach (List<object> value in one.List("values"))
            {
                var t = Convert.ToDouble(value[0]);
                MouthCurve.Weights(marks, 0, marks.Length, t, rateHz, cutAt, whole);
                script.Weights(t, cutAt, near);
                var expected = new Args((Dictionary<string, object>)value[1]);
                for (var v = 0; v < Visemes.Count; v++)
                {
                    Assert.AreEqual(expected.Number(Visemes.Names[v]), whole[v], 1e-5, Visemes.Names[v] + " at " + t);
                    Assert.AreEqual(whole[v], near[v], 1e-6, "near " + Visemes.Names[v] + " at " + t);
                }
            }
        }

        private static Mark[] MarksOf(IReadOnlyList<object> rows)
        {
            var marks = new List<Mark>();
            foreach (List<object> row in rows)
            {
                var viseme = (string)row[0] == "viseme";
                marks.Add(new Mark
                {
                    Kind = viseme ? MarkKind.Viseme : MarkKind.Word, At = Convert.ToInt64(row[1]),
                    End = Convert.ToInt64(row[2]), Name = (string)row[3], Viseme = viseme ? Visemes.IndexOf((string)row[3]) : -1,
                    Value = (float)Convert.ToDouble(row[4]),
                });
            }
            return marks.ToArray();
        }

        [Test]
        public void WithoutMarksTheMouthRests()
        {
            var into = new float[Visemes.Count];
            new MouthScript().Weights(100, null, into);
            Assert.AreEqual(1f, into[Visemes.Sil]);
        }

        [Test]
        public void MarksThatComeOutOfOrderAreSorted()
        {
            var script = new MouthScript();
            script.Begin(1000);
            foreach (var at in new[] { 300, 100, 200 })
            {
                var mark = new Mark { Kind = MarkKind.Viseme, Viseme = 10, At = at, End = at + 50, Value = 1 };
                script.Add(ref mark);
            }
            var into = new float[Visemes.Count];
            script.Weights(110, null, into);
            Assert.AreEqual(1f, into[10]);
        }

        [TestCase("sil PP FF TH DD kk CH SS nn RR aa E ih oh ou", FaceKind.Visemes, 15)]
        [TestCase("viseme_sil viseme_PP viseme_FF viseme_TH viseme_DD viseme_kk viseme_CH viseme_SS viseme_nn viseme_RR viseme_aa viseme_E viseme_I viseme_O viseme_U", FaceKind.Visemes, 15)]
        [TestCase("vrc.v_sil vrc.v_pp vrc.v_ff vrc.v_th vrc.v_dd vrc.v_kk vrc.v_ch vrc.v_ss vrc.v_nn vrc.v_rr vrc.v_aa vrc.v_e vrc.v_ih vrc.v_oh vrc.v_ou", FaceKind.Visemes, 15)]
        [TestCase("blendShape1.PP blendShape1.FF blendShape1.TH blendShape1.DD blendShape1.kk blendShape1.CH blendShape1.SS blendShape1.nn blendShape1.RR blendShape1.aa blendShape1.E blendShape1.ih", FaceKind.Visemes, 12)]
        [TestCase("aa ih ou ee oh blink", FaceKind.Vrm, 5)]
        [TestCase("smile frown", FaceKind.None, 0)]
        [TestCase("", FaceKind.None, 0)]
        public void TheSetOfAFaceIsFound(string names, FaceKind kind, int count)
        {
            var face = FaceMap.Of(names.Split(new[] { ' ' }, StringSplitOptions.RemoveEmptyEntries));
            Assert.AreEqual(kind, face.Kind);
            Assert.AreEqual(count, face.Count);
        }

        [TestCase("")]
        [TestCase("Face.")]
        public void AnArkitFaceMovesAsTheTableSays(string prefix)
        {
            var names = new List<string> { "eyeBlinkLeft" };
            foreach (var shape in VisemeTables.Arkit) foreach (var part in shape) if (!names.Contains(prefix + part.Name)) names.Add(prefix + part.Name);
            var face = FaceMap.Of(names);
            Assert.AreEqual(FaceKind.Arkit, face.Kind);
            var weights = new float[Visemes.Count];
            weights[Visemes.IndexOf("aa")] = 0.5f;
            weights[Visemes.IndexOf("oh")] = 0.5f;
            face.Apply(weights);
            var jaw = new List<int>(face.Targets).IndexOf(names.IndexOf(prefix + "jawOpen"));
            Assert.AreEqual(0.3 + 0.21, face.Values[jaw], 1e-6);
            MouthCurve.Rest(weights);
            face.Apply(weights);
            foreach (var value in face.Values) Assert.AreEqual(0f, value);
        }

        [Test]
        public void AFaceMayBeMappedByHand()
        {
            var indexes = new int[Visemes.Count];
            for (var i = 0; i < indexes.Length; i++) indexes[i] = -1;
            indexes[Visemes.IndexOf("aa")] = 7;
            indexes[Visemes.IndexOf("oh")] = 7;
            var face = FaceMap.Of(indexes);
            var weights = new float[Visemes.Count];
            weights[Visemes.IndexOf("aa")] = 0.75f;
            weights[Visemes.IndexOf("oh")] = 0.5f;
            face.Apply(weights);
            Assert.AreEqual(7, face.TargetAt(0));
            Assert.AreEqual(1f, face.Values[0], "limited to 1");
        }
    }
}
