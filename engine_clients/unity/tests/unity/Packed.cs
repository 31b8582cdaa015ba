using System;
using System.Collections.Generic;
using System.IO;
using System.Text;

namespace Frametalk.Tests.Stubbed
{
    /// <summary>MessagePack for tests: null, bool, long, double, string, byte[], lists and maps. Independent of the core's codec.</summary>
    internal static class Packed
    {
        public static byte[] Write(object value)
        {
            var into = new MemoryStream();
            Write(into, value);
            return into.ToArray();
        }

        public static Dictionary<string, object> Read(byte[] data, int count)
        {
            var at = 0;
            var value = (Dictionary<string, object>)Read(data, ref at);
            if (at != count) throw new InvalidDataException("bytes after the end");
            return value;
        }

        private static void Write(Stream into, object value)
        {
            var map = value as Dictionary<string, object>;
            var list = value as IList<object>;
            if (value == null) into.WriteByte(0xc0);
            else if (value is bool) into.WriteByte((bool)value ? (byte)0xc3 : (byte)0xc2);
            else if (value is int || value is long) Number(into, 0xd3, BitConverter.GetBytes(Convert.ToInt64(value)));
            else if (value is double) Number(into, 0xcb, BitConverter.GetBytes((double)value));
            else if (value is string) Sized(into, 0xdb, Encoding.UTF8.GetBytes((string)value));
            else if (value is byte[]) Sized(into, 0xc6, (byte[])value);
            else if (map != null)
            {
                Number(into, 0xdf, BitConverter.GetBytes(map.Count));
                foreach (var pair in map)
                {
                    Write(into, pair.Key);
                    Write(into, pair.Value);
                }
            }
            else
            {
                Number(into, 0xdd, BitConverter.GetBytes(list.Count));
                foreach (var item in list) Write(into, item);
            }
        }

        private static void Number(Stream into, byte kind, byte[] little)
        {
            into.WriteByte(kind);
            Array.Reverse(little);
            into.Write(little, 0, little.Length);
        }

        private static void Sized(Stream into, byte kind, byte[] content)
        {
            Number(into, kind, BitConverter.GetBytes(content.Length));
            into.Write(content, 0, content.Length);
        }

        private static object Read(byte[] data, ref int at)
        {
            var kind = data[at++];
            if (kind < 0x80) return (long)kind;
            if (kind < 0x90) return Map(data, ref at, kind & 15);
            if (kind < 0xa0) return List(data, ref at, kind & 15);
            if (kind < 0xc0) return Text(data, ref at, kind & 31);
            if (kind >= 0xe0) return (long)(sbyte)kind;
            switch (kind)
            {
                case 0xc0: return null;
                case 0xc2: return false;
                case 0xc3: return true;
                case 0xc4: return Bytes(data, ref at, (int)Big(data, ref at, 1));
                case 0xc5: return Bytes(data, ref at, (int)Big(data, ref at, 2));
                case 0xc6: return Bytes(data, ref at, (int)Big(data, ref at, 4));
                case 0xca: return (double)BitConverter.ToSingle(BitConverter.GetBytes((int)Big(data, ref at, 4)), 0);
                case 0xcb: return BitConverter.Int64BitsToDouble(Big(data, ref at, 8));
                case 0xcc: return Big(data, ref at, 1);
                case 0xcd: return Big(data, ref at, 2);
                case 0xce: return Big(data, ref at, 4);
                case 0xcf: return Big(data, ref at, 8);
                case 0xd0: return (long)(sbyte)Big(data, ref at, 1);
                case 0xd1: return (long)(short)Big(data, ref at, 2);
                case 0xd2: return (long)(int)Big(data, ref at, 4);
                case 0xd3: return Big(data, ref at, 8);
                case 0xd9: return Text(data, ref at, (int)Big(data, ref at, 1));
                case 0xda: return Text(data, ref at, (int)Big(data, ref at, 2));
                case 0xdb: return Text(data, ref at, (int)Big(data, ref at, 4));
                case 0xdc: return List(data, ref at, (int)Big(data, ref at, 2));
                case 0xdd: return List(data, ref at, (int)Big(data, ref at, 4));
                case 0xde: return Map(data, ref at, (int)Big(data, ref at, 2));
                case 0xdf: return Map(data, ref at, (int)Big(data, ref at, 4));
                default: throw new InvalidDataException("kind " + kind);
            }
        }

        private static long Big(byte[] data, ref int at, int size)
        {
            long value = 0;
            for (var i = 0; i < size; i++) value = (value << 8) | data[at++];
            return value;
        }

        private static string Text(byte[] data, ref int at, int size)
        {
            at += size;
            return Encoding.UTF8.GetString(data, at - size, size);
        }

        private static byte[] Bytes(byte[] data, ref int at, int size)
        {
            var content = new byte[size];
            Array.Copy(data, at, content, 0, size);
            at += size;
            return content;
        }

        private static List<object> List(byte[] data, ref int at, int count)
        {
            var list = new List<object>();
            for (var i = 0; i < count; i++) list.Add(Read(data, ref at));
            return list;
        }

        private static Dictionary<string, object> Map(byte[] data, ref int at, int count)
        {
            var map = new Dictionary<string, object>();
            for (var i = 0; i < count; i++)
            {
                var key = (string)Read(data, ref at);
                map[key] = Read(data, ref at);
            }

            return map;
        }
    }
}
