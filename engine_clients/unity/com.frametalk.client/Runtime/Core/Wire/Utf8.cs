using System.Text;

namespace Frametalk
{
    /// <summary>UTF-8 that is checked; short texts are kept, so that the usual ones cause no garbage. For one thread.</summary>
    internal sealed class Utf8
    {
        private const int Slots = 1024;
        private const int LongestKept = 40;

        private readonly string[] texts = new string[Slots];
        private readonly byte[][] spellings = new byte[Slots][];

        /// <summary>The text of valid UTF-8 (see <see cref="Valid"/>).</summary>
        public string Text(byte[] data, int at, int count)
        {
            if (count == 0) return "";
            if (count > LongestKept) return Encoding.UTF8.GetString(data, at, count);
            var hash = 2166136261u;
            for (var i = 0; i < count; i++) hash = (hash ^ data[at + i]) * 16777619u;
            var slot = (int)(hash % Slots);
            if (Same(spellings[slot], data, at, count)) return texts[slot];
            var spelling = new byte[count];
            System.Buffer.BlockCopy(data, at, spelling, 0, count);
            spellings[slot] = spelling;
            return texts[slot] = Encoding.UTF8.GetString(data, at, count);
        }

        /// <summary>Whether the bytes are UTF-8: no overlong forms, no surrogates, nothing beyond U+10FFFF.</summary>
        public static bool Valid(byte[] data, int at, int count)
        {
            var end = at + count;
            while (at < end)
            {
                var first = data[at++];
                if (first < 0x80) continue;
                int more;
                int lowest;
                if (first >= 0xc2 && first <= 0xdf)
                {
                    more = 1;
                    lowest = 0x80;
                }
                else if (first >= 0xe0 && first <= 0xef)
                {
                    more = 2;
                    lowest = 0x800;
                }
                else if (first >= 0xf0 && first <= 0xf4)
                {
                    more = 3;
                    lowest = 0x10000;
                }
                else
                {
                    return false;
                }
                if (end - at < more) return false;
                var point = first & (0x3f >> more);
                for (var i = 0; i < more; i++)
                {
                    if ((data[at] & 0xc0) != 0x80) return false;
                    point = point << 6 | (data[at++] & 0x3f);
                }
                if (point < lowest || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return false;
            }
            return true;
        }

        private static bool Same(byte[] spelling, byte[] data, int at, int count)
        {
            if (spelling == null || spelling.Length != count) return false;
            for (var i = 0; i < count; i++) if (spelling[i] != data[at + i]) return false;
            return true;
        }
    }
}
