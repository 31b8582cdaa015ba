using System;
using System.Collections.Generic;

namespace Frametalk
{
    /// <summary>
    /// Reads MessagePack. <see cref="Begin"/> checks the whole message first: its form, lengths, UTF-8, depth, number of
    /// containers, keys, and that its numbers are finite. For one thread.
    /// </summary>
    /// <remarks>One file: what checks a message and what reads it must agree on each of the format's types.</remarks>
    internal sealed class MsgReader
    {
        private const int FewKeys = 64;

        private readonly Utf8 utf8 = new Utf8();
        private int[] keys = new int[256]; // places and lengths of the keys of the maps around the present one
        private int keyCount;
        private int containers;
        private byte[] data;
        private int at;
        private int end;

        /// <summary>Where the next value begins.</summary>
        public int At
        {
            get { return at; }
            set { at = value; }
        }

        public byte[] Data
        {
            get { return data; }
        }

        /// <summary>Begin with the message in the first `count` bytes. Throws FrametalkException.</summary>
        public void Begin(byte[] bytes, int count)
        {
            if (count > Wire.MaxMessageBytes) throw Wire.TooLarge(count);
            if (count == 0) throw Wire.Malformed("an empty frame");
            data = bytes;
            at = 0;
            end = count;
            keyCount = 0;
            containers = 0;
            Check(0);
            if (at != end) throw Wire.Malformed("bytes after the end of the message");
            at = 0;
        }

        // ---- values -----------------------------------------------------------------------------------------------

        /// <summary>Whether the next value is null; then it is read.</summary>
        public bool Null()
        {
            if (data[at] != 0xc0) return false;
            at++;
            return true;
        }

        /// <summary>A map's number of entries.</summary>
        public int Map()
        {
            var first = data[at++];
            if (first >= 0x80 && first <= 0x8f) return first & 15;
            if (first == 0xde) return (int)Big(2);
            if (first == 0xdf) return (int)Big(4);
            throw Wrong("a map");
        }

        /// <summary>A list's length.</summary>
        public int List()
        {
            var first = data[at++];
            if (first >= 0x90 && first <= 0x9f) return first & 15;
            if (first == 0xdc) return (int)Big(2);
            if (first == 0xdd) return (int)Big(4);
            throw Wrong("a list");
        }

        public string Text()
        {
            var first = data[at++];
            int count;
            if (first >= 0xa0 && first <= 0xbf) count = first & 31;
            else if (first == 0xd9) count = (int)Big(1);
            else if (first == 0xda) count = (int)Big(2);
            else if (first == 0xdb) count = (int)Big(4);
            else throw Wrong("text");
            at += count;
            return utf8.Text(data, at - count, count);
        }

        public bool Flag()
        {
            var first = data[at++];
            if (first == 0xc3) return true;
            if (first == 0xc2) return false;
            throw Wrong("true or false");
        }

        /// <summary>A whole number from 0 to 2^53 - 1.</summary>
        public long Count()
        {
            long value;
            if (!TryWhole(out value) || value < 0 || value > Wire.MaxWhole) throw Wrong("a whole number, not negative");
            return value;
        }

        public long? CountOrNull()
        {
            return Null() ? (long?)null : Count();
        }

        public int Small(int most)
        {
            var value = Count();
            if (value > most) throw Wire.Invalid("a number above " + most);
            return (int)value;
        }

        public double Number()
        {
            long whole;
            if (TryWhole(out whole)) return whole;
            var first = data[at++];
            if (first == 0xca) return Single((int)Big(4));
            if (first == 0xcb) return BitConverter.Int64BitsToDouble(Big(8));
            throw Wrong("a number");
        }

        public double? NumberOrNull()
        {
            return Null() ? (double?)null : Number();
        }

        /// <summary>Binary data: its place in <see cref="Data"/>, and its length.</summary>
        public int Binary(out int count)
        {
            var first = data[at++];
            if (first != 0xc4 && first != 0xc5 && first != 0xc6) throw Wrong("binary data");
            count = (int)Big(1 << (first - 0xc4));
            at += count;
            return at - count;
        }

        /// <summary>Free data: null, bool, long, double, string, List or Dictionary.</summary>
        public object Free()
        {
            var first = data[at];
            if (first == 0xc0)
            {
                at++;
                return null;
            }
            if (first == 0xc2 || first == 0xc3) return Flag();
            if (IsText(first)) return Text();
            if ((first >= 0x80 && first <= 0x8f) || first == 0xde || first == 0xdf) return FreeMap();
            if ((first >= 0x90 && first <= 0x9f) || first == 0xdc || first == 0xdd)
            {
                var count = List();
                var list = new List<object>(count);
                for (var i = 0; i < count; i++) list.Add(Free());
                return list;
            }
            long whole;
            if (TryWhole(out whole)) return whole;
            if (first == 0xca || first == 0xcb) return Number();
            throw Wrong("free data");
        }

        public Dictionary<string, object> FreeMap()
        {
            var count = Map();
            var map = new Dictionary<string, object>(count);
            for (var i = 0; i < count; i++)
            {
                var key = Text();
                map[key] = Free();
            }
            return map;
        }

        public void Skip()
        {
            Check(-1);
        }

        // ---- the check --------------------------------------------------------------------------------------------

        /// <summary>Check the next value and go past it; `depth` -1: it was checked before.</summary>
        private void Check(int depth)
        {
            var first = data[Need(1)];
            at++;
            if (first < 0x80 || first >= 0xe0) return;
            if (first <= 0x8f) CheckMap(first & 15, depth);
            else if (first <= 0x9f) CheckList(first & 15, depth);
            else if (first <= 0xbf) CheckText(first & 31, depth);
            else CheckLong(first, depth);
        }

        private void CheckLong(int first, int depth)
        {
            switch (first)
            {
                case 0xc0:
                case 0xc2:
                case 0xc3:
                    return;
                case 0xc4:
                case 0xd9:
                    CheckBytes(Length(1), first == 0xd9, depth);
                    return;
                case 0xc5:
                case 0xda:
                    CheckBytes(Length(2), first == 0xda, depth);
                    return;
                case 0xc6:
                case 0xdb:
                    CheckBytes(Length(4), first == 0xdb, depth);
                    return;
                case 0xc7:
                case 0xc8:
                case 0xc9:
                    Skip(Length(1 << (first - 0xc7)) + 1);
                    return;
                case 0xca:
                    CheckFinite(Single((int)Big(Need(4), 4)));
                    return;
                case 0xcb:
                    CheckFinite(BitConverter.Int64BitsToDouble(Big(Need(8), 8)));
                    return;
                case 0xdc:
                    CheckList(Length(2), depth);
                    return;
                case 0xdd:
                    CheckList(Length(4), depth);
                    return;
                case 0xde:
                    CheckMap(Length(2), depth);
                    return;
                case 0xdf:
                    CheckMap(Length(4), depth);
                    return;
                case 0xc1:
                    throw Wire.Malformed("a byte that MessagePack does not use");
            }
            if (first <= 0xcf) Skip(1L << (first - 0xcc));
            else if (first <= 0xd3) Skip(1L << (first - 0xd0));
            else Skip((1L << (first - 0xd4)) + 1);
        }

        private void CheckList(long count, int depth)
        {
            Enter(count, depth);
            for (var i = 0; i < count; i++) Check(depth < 0 ? -1 : depth + 1);
        }

        private void CheckMap(long count, int depth)
        {
            Enter(2 * count, depth);
            if (depth < 0)
            {
                for (var i = 0; i < 2 * count; i++) Check(-1);
                return;
            }
            var firstKey = keyCount;
            var many = count > FewKeys ? new HashSet<string>() : null;
            for (var i = 0; i < count; i++)
            {
                CheckKey(firstKey, many);
                Check(depth + 1);
            }
            keyCount = firstKey;
        }

        private void CheckKey(int firstKey, HashSet<string> many)
        {
            var from = at;
            if (!IsText(data[Need(1)])) throw Wire.Invalid("a key that is not text");
            Check(0);
            if (many != null)
            {
                at = from;
                if (!many.Add(Text())) throw Twice();
                return;
            }
            for (var i = firstKey; i < keyCount; i += 2) if (SameKey(keys[i], keys[i + 1], from, at)) throw Twice();
            if (keyCount + 2 > keys.Length) Array.Resize(ref keys, 2 * keys.Length);
            keys[keyCount++] = from;
            keys[keyCount++] = at;
        }

        private bool SameKey(int from, int to, int otherFrom, int otherTo)
        {
            // The same text can have heads of different lengths.
            from += Head(data[from]);
            otherFrom += Head(data[otherFrom]);
            if (to - from != otherTo - otherFrom) return false;
            while (from < to) if (data[from++] != data[otherFrom++]) return false;
            return true;
        }

        private static int Head(int first)
        {
            return first <= 0xbf ? 1 : first == 0xd9 ? 2 : first == 0xda ? 3 : 5;
        }

        private void CheckText(long count, int depth)
        {
            CheckBytes(count, true, depth);
        }

        private void CheckBytes(long count, bool text, int depth)
        {
            var from = at;
            Skip(count);
            if (text && depth >= 0 && !Utf8.Valid(data, from, (int)count)) throw Wire.Malformed("text that is not UTF-8");
        }

        private static void CheckFinite(double value)
        {
            if (double.IsNaN(value) || double.IsInfinity(value)) throw Wire.NotFinite();
        }

        private void Enter(long values, int depth)
        {
            if (depth < 0) return;
            if (depth >= Wire.MaxDepth) throw Wire.TooDeep();
            if (++containers > Wire.MaxContainers) throw Wire.Invalid("more than " + Wire.MaxContainers + " maps and lists");
            // Each value takes a byte at least, so a length that lies is found before it is believed.
            if (values > end - at) throw Wire.Malformed("a map or list that is longer than the message");
        }

        private int Need(int bytes)
        {
            if (end - at < bytes) throw Wire.Malformed("the message is not complete");
            return at;
        }

        private long Length(int bytes)
        {
            return Big(Need(bytes), bytes);
        }

        private void Skip(long bytes)
        {
            if (bytes > end - at) throw Wire.Malformed("the message is not complete");
            at += (int)bytes;
        }

        // ---- bytes ------------------------------------------------------------------------------------------------

        private long Big(int bytes)
        {
            return Big(at, bytes);
        }

        private long Big(int from, int bytes)
        {
            long value = 0;
            for (var i = 0; i < bytes; i++) value = value << 8 | data[from + i];
            at = from + bytes;
            return value;
        }

        private bool TryWhole(out long value)
        {
            var first = data[at];
            value = 0;
            if (first < 0x80) value = first;
            else if (first >= 0xe0) value = (sbyte)first;
            else if (first >= 0xcc && first <= 0xd3) return TryLongWhole(first, out value);
            else return false;
            at++;
            return true;
        }

        private bool TryLongWhole(int first, out long value)
        {
            var bytes = 1 << ((first - 0xcc) & 3);
            value = Big(at + 1, bytes);
            if (first >= 0xd0)
            {
                var shift = 64 - 8 * bytes;
                value = value << shift >> shift;
            }
            else if (value < 0)
            {
                value = long.MaxValue; // beyond all that the wire allows
            }
            return true;
        }

        private static double Single(int bits)
        {
            // BitConverter has no way from int to float without an array.
            var sign = bits < 0 ? -1.0 : 1.0;
            var exponent = (bits >> 23) & 0xff;
            var fraction = bits & 0x7fffff;
            if (exponent == 0xff) return fraction == 0 ? sign * double.PositiveInfinity : double.NaN;
            if (exponent == 0) return sign * fraction * Math.Pow(2, -149);
            return sign * (fraction | 0x800000) * Math.Pow(2, exponent - 150);
        }

        private static bool IsText(int first)
        {
            return (first >= 0xa0 && first <= 0xbf) || (first >= 0xd9 && first <= 0xdb);
        }

        private static FrametalkException Wrong(string expected)
        {
            return Wire.Invalid("a field is not " + expected);
        }

        private static FrametalkException Twice()
        {
            return Wire.Invalid("a key occurs twice in a map");
        }
    }
}
