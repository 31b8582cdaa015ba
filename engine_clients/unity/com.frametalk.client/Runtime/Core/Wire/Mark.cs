namespace Frametalk
{
    /// <summary>What a mark places on a reply's clock.</summary>
    public enum MarkKind
    {
        /// <summary>A word as it is written.</summary>
        Word,

        /// <summary>A gesture of the body.</summary>
        Gesture,

        /// <summary>An emotion, which lasts until the next one.</summary>
        Emotion,

        /// <summary>What the character looks at: an entity's id, or the written words.</summary>
        Gaze,

        /// <summary>A mouth shape.</summary>
        Viseme,
    }

    /// <summary>Something on a reply's clock, from sample <see cref="At"/> up to but without <see cref="End"/>.</summary>
    public struct Mark
    {
        /// <summary>What it is.</summary>
        public MarkKind Kind;

        /// <summary>The first sample.</summary>
        public long At;

        /// <summary>One past the last sample.</summary>
        public long End;

        /// <summary>The word, or the name of the viseme, gesture, emotion, or of what the gaze is at.</summary>
        public string Name;

        /// <summary>Of a mark of one of the 15 visemes, its number in <see cref="Visemes.Names"/>; else -1.</summary>
        public int Viseme;

        /// <summary>A viseme's weight or an emotion's strength, 0 to 1.</summary>
        public float Value;
    }
}
