using System.Collections.Generic;

namespace Frametalk
{
    /// <summary>The 15 mouth shapes; protocols/visemes.md.</summary>
    public static class Visemes
    {
        /// <summary>How many shapes there are.</summary>
        public const int Count = 15;

        /// <summary>The index of the mouth at rest.</summary>
        public const int Sil = 0;

        /// <summary>The shapes' names: `sil PP FF TH DD kk CH SS nn RR aa E ih oh ou`.</summary>
        public static IReadOnlyList<string> Names
        {
            get { return VisemeTables.Names; }
        }

        /// <summary>Names that models use for a shape, besides its own.</summary>
        public static IReadOnlyList<string> Aliases(int viseme)
        {
            return VisemeTables.Aliases[viseme];
        }

        /// <summary>The number of the shape with this name; -1: there is none.</summary>
        public static int IndexOf(string name)
        {
            return System.Array.IndexOf(VisemeTables.Names, name);
        }
    }

    /// <summary>A blendshape's part of a mouth shape.</summary>
    internal struct Part
    {
        public readonly string Name;
        public readonly float Weight;

        public Part(string name, float weight)
        {
            Name = name;
            Weight = weight;
        }
    }
}
