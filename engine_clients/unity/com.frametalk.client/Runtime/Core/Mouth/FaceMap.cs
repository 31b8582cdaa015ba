using System;
using System.Collections.Generic;

namespace Frametalk
{
    /// <summary>Which of a model's blendshapes are used.</summary>
    public enum FaceKind
    {
        /// <summary>None fits.</summary>
        None,

        /// <summary>The mouth shapes themselves, also under their aliases.</summary>
        Visemes,

        /// <summary>ARKit's.</summary>
        Arkit,

        /// <summary>VRM's.</summary>
        Vrm,
    }

    /// <summary>How the 15 mouth shapes become the values of a mesh's blendshapes. <see cref="Apply"/> allocates nothing.</summary>
    public sealed class FaceMap
    {
        private const int EnoughShapes = 12;

        private readonly int[] targets;
        private readonly int[] parts; // target's place in `targets`, for each part of each shape
        private readonly float[] weights;
        private readonly int[] first = new int[Visemes.Count + 1];
        private readonly float[] values;

        /// <summary>Which blendshapes are used.</summary>
        public FaceKind Kind { get; private set; }

        /// <summary>The blendshapes' indexes that <see cref="Values"/> belong to, in this order.</summary>
        public IReadOnlyList<int> Targets
        {
            get { return targets; }
        }

        /// <summary>How many blendshapes are set.</summary>
        public int Count
        {
            get { return targets.Length; }
        }

        /// <summary>The newest values, 0 to 1, of <see cref="Targets"/>; the same array every time.</summary>
        public float[] Values
        {
            get { return values; }
        }

        /// <summary>The index of the blendshape whose value is `Values[i]`.</summary>
        public int TargetAt(int i)
        {
            return targets[i];
        }

        /// <summary>
        /// Map the shapes to blendshapes of these names: to the shapes themselves (also under their aliases), else to ARKit's,
        /// else to VRM's. Names may begin with their mesh's or model's name and a dot or a colon.
        /// </summary>
        public static FaceMap Of(IReadOnlyList<string> blendshapes)
        {
            var places = Places(blendshapes);
            var own = new Part[Visemes.Count][];
            var found = 0;
            for (var v = 0; v < Visemes.Count; v++)
            {
                var name = OwnName(places, v);
                own[v] = name == null ? new Part[0] : new[] { new Part(name, 1) };
                if (name != null) found++;
            }
            // A face may lack `sil`; for one that lacks more than a few shapes, another set is better.
            if (found >= EnoughShapes) return new FaceMap(FaceKind.Visemes, places, own);
            if (HasMost(places, VisemeTables.Arkit)) return new FaceMap(FaceKind.Arkit, places, VisemeTables.Arkit);
            if (HasMost(places, VisemeTables.Vrm)) return new FaceMap(FaceKind.Vrm, places, VisemeTables.Vrm);
            return new FaceMap(FaceKind.None, places, new Part[Visemes.Count][]);
        }

        /// <summary>
        /// Map each shape to one blendshape of your choice: `indexes` has 15 indexes, -1 for none.
        /// </summary>
        public static FaceMap Of(int[] indexes)
        {
            var places = new Dictionary<string, int>();
            var own = new Part[Visemes.Count][];
            for (var v = 0; v < Visemes.Count; v++)
            {
                own[v] = new Part[0];
                if (v >= indexes.Length || indexes[v] < 0) continue;
                var name = indexes[v].ToString();
                places[name] = indexes[v];
                own[v] = new[] { new Part(name, 1) };
            }
            return new FaceMap(FaceKind.Visemes, places, own);
        }

        /// <summary>Compute <see cref="Values"/> from 15 weights.</summary>
        public void Apply(float[] shapeWeights)
        {
            Array.Clear(values, 0, values.Length);
            for (var v = 0; v < Visemes.Count; v++)
            {
                var weight = shapeWeights[v];
                if (weight == 0) continue;
                for (var i = first[v]; i < first[v + 1]; i++)
                {
                    values[parts[i]] = Math.Min(1, values[parts[i]] + weights[i] * weight);
                }
            }
        }

        private FaceMap(FaceKind kind, Dictionary<string, int> places, Part[][] shapes)
        {
            Kind = kind;
            var slots = new List<int>();
            var partSlots = new List<int>();
            var partWeights = new List<float>();
            for (var v = 0; v < Visemes.Count; v++)
            {
                first[v] = partSlots.Count;
                foreach (var part in shapes[v] ?? new Part[0])
                {
                    int place;
                    if (!places.TryGetValue(part.Name, out place)) continue;
                    if (!slots.Contains(place)) slots.Add(place);
                    partSlots.Add(slots.IndexOf(place));
                    partWeights.Add(part.Weight);
                }
            }
            first[Visemes.Count] = partSlots.Count;
            targets = slots.ToArray();
            parts = partSlots.ToArray();
            weights = partWeights.ToArray();
            values = new float[targets.Length];
        }

        /// <summary>Name -> index; of `Face.jawOpen` and `Rig:jawOpen` also the ends, where they are not taken.</summary>
        private static Dictionary<string, int> Places(IReadOnlyList<string> names)
        {
            var places = new Dictionary<string, int>();
            for (var i = 0; i < names.Count; i++) if (!places.ContainsKey(names[i])) places[names[i]] = i;
            for (var i = 0; i < names.Count; i++)
            {
                for (var at = names[i].IndexOfAny(Separators); at >= 0; at = names[i].IndexOfAny(Separators, at + 1))
                {
                    var end = names[i].Substring(at + 1);
                    if (end.Length > 0 && !places.ContainsKey(end)) places[end] = i;
                }
            }
            return places;
        }

        private static readonly char[] Separators = { '.', ':' };

        private static string OwnName(Dictionary<string, int> places, int viseme)
        {
            if (places.ContainsKey(VisemeTables.Names[viseme])) return VisemeTables.Names[viseme];
            foreach (var alias in VisemeTables.Aliases[viseme]) if (places.ContainsKey(alias)) return alias;
            return null;
        }

        private static bool HasMost(Dictionary<string, int> places, Part[][] table)
        {
            var known = new HashSet<string>();
            foreach (var shape in table) foreach (var part in shape) known.Add(part.Name);
            var found = 0;
            foreach (var name in known) if (places.ContainsKey(name)) found++;
            return 2 * found > known.Count;
        }
    }
}
