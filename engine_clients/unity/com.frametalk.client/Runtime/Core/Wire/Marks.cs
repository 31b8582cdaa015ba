namespace Frametalk
{
    /// <summary>Reads the packed marks of `reply.marks`: 7 bytes each, without garbage for each mark.</summary>
    internal static class Marks
    {
        public const int Bytes = 7;
        private const int Named = 16; // from this number on a mark is of a kind below and has a name
        private static readonly MarkKind[] Kinds =
        {
            MarkKind.Word, MarkKind.Gesture, MarkKind.Emotion, MarkKind.Gaze, MarkKind.Viseme,
        };

        /// <summary>
        /// Read the marks in `count` bytes from `at` of the reader's data; the reader stands before the list of names.
        /// `from`: the sample from which they count.
        /// </summary>
        public static void Read(MsgReader reader, long from, int at, int count, MarkBatch into)
        {
            if (count % Bytes != 0) throw Wire.Invalid("reply.marks: half a mark");
            var names = reader.List();
            var data = reader.Data;
            for (var i = at; i < at + count; i += Bytes)
            {
                var low = (uint)(data[i] | data[i + 1] << 8 | data[i + 2] << 16 | data[i + 3] << 24);
                var high = (uint)(data[i + 4] | data[i + 5] << 8 | data[i + 6] << 16);
                var mark = new Mark { At = from + (low & 0xffffff), Value = (high >> 17) / 100f, Viseme = -1 };
                mark.End = mark.At + (low >> 24 | (high & 0xfff) << 8);
                var what = (int)(high >> 12 & 0x1f);
                if (what < Named)
                {
                    if (what >= Visemes.Count) continue;
                    mark.Kind = MarkKind.Viseme;
                    mark.Viseme = what;
                    mark.Name = VisemeTables.Names[what];
                }
                else
                {
                    if (names-- == 0) throw Wire.Invalid("reply.marks: fewer names than marks that have one");
                    mark.Name = reader.Text();
                    if (what - Named >= Kinds.Length) continue;
                    mark.Kind = Kinds[what - Named];
                }
                into.Add(ref mark);
            }
            while (names-- > 0) reader.Text();
        }
    }
}
