using System;
using System.Collections.Generic;

namespace Frametalk.Tests
{
    /// <summary>A server that the test plays: keeps what the client sends, and sends what the test says.</summary>
    internal sealed class FakeSocket : IFrametalkSocket
    {
        private readonly MsgReader reader = new MsgReader();
        private readonly MsgWriter writer = new MsgWriter();
        private IFrametalkSocketEvents events;

        public readonly List<Dictionary<string, object>> Sent = new List<Dictionary<string, object>>();
        public readonly List<byte[]> Media = new List<byte[]>();
        public Uri Url;
        public int ClosedWith = -1;
        public long Seq;

        public void Open(Uri url, IFrametalkSocketEvents into)
        {
            Url = url;
            events = into;
        }

        public void Send(byte[] data, int offset, int count)
        {
            var copy = new byte[count];
            Buffer.BlockCopy(data, offset, copy, 0, count);
            if (copy[0] < 0x80)
            {
                Media.Add(copy);
                return;
            }
            reader.Begin(copy, count);
            Sent.Add(reader.FreeMap());
        }

        public void Close(int code)
        {
            ClosedWith = code;
        }

        public void Opened()
        {
            events.Opened();
        }

        public void Break(int code)
        {
            events.Closed(code, "");
        }

        public void Raw(byte[] frame)
        {
            events.Frame(frame, frame.Length);
        }

        /// <summary>Send a control message with the next `seq`, unless it has one.</summary>
        public void Say(Dictionary<string, object> message)
        {
            if (!message.ContainsKey("seq")) message["seq"] = ++Seq;
            var count = Encode(message);
            events.Frame(writer.Buffer, count);
        }

        private int Encode(Dictionary<string, object> message)
        {
            writer.Message("x");
            var start = writer.Count;
            Free.Write(writer, message, 1);
            var count = writer.Count - start;
            Buffer.BlockCopy(writer.Buffer, start, writer.Buffer, 0, count);
            return count;
        }
    }
}
