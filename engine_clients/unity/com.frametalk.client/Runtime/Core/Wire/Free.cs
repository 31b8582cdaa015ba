using System.Collections;

namespace Frametalk
{
    /// <summary>Free data: what JSON can contain.</summary>
    internal static class Free
    {
        /// <summary>Whether a value is a number, and its value.</summary>
        public static bool TryNumber(object value, out double number)
        {
            long whole;
            number = 0;
            if (TryWhole(value, out whole)) number = whole;
            else if (value is double) number = (double)value;
            else if (value is float) number = (float)value;
            else if (value is decimal) number = (double)(decimal)value;
            else return false;
            return true;
        }

        /// <summary>Write a value. Throws `message_invalid` for one that the wire does not have, `message_too_deep`.</summary>
        public static void Write(MsgWriter writer, object value, int depth = 2)
        {
            long whole;
            double number;
            if (value == null) writer.Null();
            else if (value is string) writer.Text((string)value);
            else if (value is bool) writer.Flag((bool)value);
            else if (TryWhole(value, out whole)) WriteWhole(writer, whole);
            else if (TryNumber(value, out number)) writer.Number(number);
            else if (value is Args) WriteMap(writer, (IDictionary)((Args)value).Values, depth);
            else if (value is IDictionary) WriteMap(writer, (IDictionary)value, depth);
            else if (value is IList) WriteList(writer, (IList)value, depth);
            else
            {
                throw Wire.Invalid(
                    "a value of the type " + value.GetType().Name + " cannot be sent",
                    "send a vector, position or colour as a list of its numbers, an enum or an object's name as text");
            }
        }

        private static void WriteWhole(MsgWriter writer, long whole)
        {
            if (whole > Wire.MaxWhole || whole < -Wire.MaxWhole) throw Wire.Invalid("a whole number beyond 2^53 - 1");
            writer.Whole(whole);
        }

        private static void WriteMap(MsgWriter writer, IDictionary map, int depth)
        {
            if (depth > Wire.MaxDepth) throw Wire.TooDeep();
            writer.Map(map.Count);
            var entries = map.GetEnumerator();
            while (entries.MoveNext())
            {
                var key = entries.Key as string;
                if (key == null) throw Wire.Invalid("a key that is not text");
                writer.Text(key);
                Write(writer, entries.Value, depth + 1);
            }
        }

        private static void WriteList(MsgWriter writer, IList list, int depth)
        {
            if (depth > Wire.MaxDepth) throw Wire.TooDeep();
            writer.List(list.Count);
            for (var i = 0; i < list.Count; i++) Write(writer, list[i], depth + 1);
        }

        private static bool TryWhole(object value, out long whole)
        {
            whole = 0;
            if (value is long) whole = (long)value;
            else if (value is int) whole = (int)value;
            else if (value is uint) whole = (uint)value;
            else if (value is short) whole = (short)value;
            else if (value is ushort) whole = (ushort)value;
            else if (value is byte) whole = (byte)value;
            else if (value is sbyte) whole = (sbyte)value;
            else if (value is ulong) whole = (ulong)value > long.MaxValue ? long.MaxValue : (long)(ulong)value;
            else return false;
            return true;
        }
    }
}
