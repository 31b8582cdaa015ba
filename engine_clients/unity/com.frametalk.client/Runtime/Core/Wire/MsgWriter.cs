using System;
using System.Text;

namespace Frametalk
{
    /// <summary>Writes MessagePack, in the shortest forms, into a buffer that is used again.</summary>
    internal sealed class MsgWriter
    {
        private byte[] buffer = new byte[1024];
        private int fieldsAt;
        private int fields;

        /// <summary>The bytes written so far are the first <see cref="Count"/> of these.</summary>
        public byte[] Buffer
        {
            get { return buffer; }
        }

        public int Count { get; private set; }

        /// <summary>Begin a message: a map of up to 15 fields, of which `type` is the first.</summary>
        public MsgWriter Message(string type)
        {
            Count = 0;
            BeginFields();
            return Field("type").Text(type);
        }

        /// <summary>Begin a map whose fields are counted as they come; not inside another such map. Up to 15.</summary>
        public int BeginFields()
        {
            var outer = fields << 20 | fieldsAt;
            fieldsAt = Count;
            fields = 0;
            Byte(0x80);
            return outer;
        }

        /// <summary>Go on with the map that <see cref="BeginFields"/> interrupted.</summary>
        public void EndFields(int outer)
        {
            fieldsAt = outer & 0xfffff;
            fields = outer >> 20;
        }

        public MsgWriter Field(string name)
        {
            if (fields == 15) throw new InvalidOperationException("more than 15 fields");
            buffer[fieldsAt] = (byte)(0x80 | ++fields);
            return Text(name);
        }

        public MsgWriter Map(int count)
        {
            return Container(count, 0x80, 0xde);
        }

        public MsgWriter List(int count)
        {
            return Container(count, 0x90, 0xdc);
        }

        public MsgWriter Null()
        {
            return Byte(0xc0);
        }

        public MsgWriter Flag(bool value)
        {
            return Byte(value ? 0xc3 : 0xc2);
        }

        public MsgWriter Whole(long value)
        {
            if (value >= 0)
            {
                if (value < 0x80) return Byte((int)value);
                if (value <= 0xff) return Big(0xcc, value, 1);
                if (value <= 0xffff) return Big(0xcd, value, 2);
                return value <= 0xffffffff ? Big(0xce, value, 4) : Big(0xcf, value, 8);
            }
            if (value >= -32) return Byte((int)value & 0xff);
            if (value >= sbyte.MinValue) return Big(0xd0, value, 1);
            if (value >= short.MinValue) return Big(0xd1, value, 2);
            return value >= int.MinValue ? Big(0xd2, value, 4) : Big(0xd3, value, 8);
        }

        public MsgWriter Number(double value)
        {
            if (double.IsNaN(value) || double.IsInfinity(value)) throw Wire.NotFinite();
            return Big(0xcb, BitConverter.DoubleToInt64Bits(value), 8);
        }

        public MsgWriter Text(string value)
        {
            var bytes = Encoding.UTF8.GetByteCount(value);
            if (bytes < 32) Byte(0xa0 | bytes);
            else if (bytes <= 0xff) Big(0xd9, bytes, 1);
            else if (bytes <= 0xffff) Big(0xda, bytes, 2);
            else throw Wire.TooLarge(bytes);
            Room(bytes);
            Count += Encoding.UTF8.GetBytes(value, 0, value.Length, buffer, Count);
            return this;
        }

        private MsgWriter Container(int count, int small, int large)
        {
            if (count < 16) return Byte(small | count);
            if (count > Wire.MaxMessageBytes) throw Wire.TooLarge(count);
            return Big(large, count, 2);
        }

        private MsgWriter Big(int first, long value, int bytes)
        {
            Byte(first);
            Room(bytes);
            for (var shift = 8 * (bytes - 1); shift >= 0; shift -= 8) buffer[Count++] = (byte)(value >> shift);
            return this;
        }

        private MsgWriter Byte(int value)
        {
            Room(1);
            buffer[Count++] = (byte)value;
            return this;
        }

        private void Room(int bytes)
        {
            // Free data can be of any size until it is found too large.
            if (Count > 16 * Wire.MaxMessageBytes) throw Wire.TooLarge(Count);
            if (Count + bytes > buffer.Length) Array.Resize(ref buffer, 2 * (Count + bytes));
        }
    }
}
