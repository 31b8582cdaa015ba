using System;
using System.Collections.Generic;

namespace Frametalk.Tests.Stubbed
{
    /// <summary>
    /// A server in the same thread: keeps what the client sends, and sends what a test says. It welcomes by itself.
    /// </summary>
    internal sealed class FakeServer : IFrametalkSocket
    {
        public readonly List<Dictionary<string, object>> Control = new List<Dictionary<string, object>>();
        public readonly List<short> Microphone = new List<short>();
        public readonly Dictionary<string, object> Welcome = Map(
            "type", "welcome", "protocol", 1, "session", "s", "character", "blacksmith", "rate_hz", 22050,
            "mic_rates_hz", new List<object> { 16000L }, "resume", "token", "features", new List<object> { "floor", "turn_hint", "resume" },
            "limits", Map("message_bytes", 61440, "lead_ms", 400.0, "played_every_ms", 100.0, "mic_frame_ms", 20.0, "tools", 64, "entities", 256, "resume_ms", 60000.0, "pause_ms", 600000.0));

        private IFrametalkSocketEvents events;
        private long seq;
        private readonly Dictionary<int, uint> sent = new Dictionary<int, uint>();

        /// <summary>The code with which the client closed; 0: it did not.</summary>
        public int ClosedWith { get; private set; }

        public int Opened { get; private set; }

        public bool Absent { get; set; }

        /// <summary>Only count what comes, so that a test can measure the client's own garbage.</summary>
        public bool Deaf { get; set; }

        /// <summary>Control messages that count for `received`.</summary>
        public long Counted { get; private set; }

        /// <summary>Samples of the microphone.</summary>
        public long Heard { get; private set; }

        void IFrametalkSocket.Open(Uri url, IFrametalkSocketEvents to)
        {
            Opened++;
            ClosedWith = 0;
            events = to;
            if (Absent) to.Closed(1006, "nobody listens");
            else to.Opened();
        }

        void IFrametalkSocket.Send(byte[] data, int offset, int count)
        {
            if (data[offset] < 0x80) Heard += (count - 16) / 2;
            else if (Counts(data, offset)) Counted++;
            if (Deaf) return;
            var frame = new byte[count];
            Array.Copy(data, offset, frame, 0, count);
            if (frame[0] < 0x80)
            {
                for (var i = 16; i + 1 < count; i += 2) Microphone.Add(BitConverter.ToInt16(frame, i));
                return;
            }

            var message = Packed.Read(frame, count);
            Control.Add(message);
            if ((string)message["type"] == "hello") Send(Welcome);
        }

        void IFrametalkSocket.Close(int code)
        {
            ClosedWith = code;
        }

        /// <summary>All messages of a type.</summary>
        public List<Dictionary<string, object>> All(string type)
        {
            return Control.FindAll(m => (string)m["type"] == type);
        }

        /// <summary>The newest message of a type; null: none came.</summary>
        public Dictionary<string, object> Last(string type)
        {
            var all = All(type);
            return all.Count == 0 ? null : all[all.Count - 1];
        }

        public void Send(string type, params object[] keysAndValues)
        {
            var message = Map(keysAndValues);
            message["type"] = type;
            Send(message);
        }

        /// <summary>A reply of one tone, with a mouth that opens to `aa` in every other 200 ms.</summary>
        public void Speak(long reply, int rateHz, double seconds, double toneHz)
        {
            Send("reply.begin", "reply", reply, "turn", 1, "stream", (int)reply, "rate_hz", rateHz);
            var total = (int)(rateHz * seconds);
            var marks = new List<byte>();
            for (var at = 0; at < total; at += rateHz / 5) Mark(marks, at, Math.Min(total, at + (rateHz / 5)), (at / (rateHz / 5)) % 2 == 0 ? 10 : 0, 1.0);
            Send("reply.marks", "reply", reply, "at", 0, "marks", marks.ToArray(), "names", new List<object>());
            var samples = new short[total];
            for (var i = 0; i < total; i++) samples[i] = (short)(12000 * Math.Sin(2 * Math.PI * toneHz * i / rateHz));
            for (var at = 0; at < total; at += rateHz / 50) Media((int)reply, at, samples, at, Math.Min(rateHz / 50, total - at), false);
            Media((int)reply, total, samples, 0, 0, true);
            Send("reply.end", "reply", reply, "samples", total);
        }

        public void Media(int stream, long sample, short[] samples, int from, int count, bool last)
        {
            uint number;
            sent.TryGetValue(stream, out number);
            sent[stream] = number + 1;
            var frame = new byte[16 + (2 * count)];
            frame[0] = 1;
            frame[1] = last ? (byte)1 : (byte)0;
            BitConverter.GetBytes((ushort)stream).CopyTo(frame, 2);
            BitConverter.GetBytes(number).CopyTo(frame, 4);
            BitConverter.GetBytes((ulong)sample).CopyTo(frame, 8);
            Buffer.BlockCopy(samples, 2 * from, frame, 16, 2 * count);
            events.Frame(frame, frame.Length);
        }

        /// <summary>The connection breaks.</summary>
        public void Break(int code)
        {
            events.Closed(code, "broken by the test");
        }

        public static Dictionary<string, object> Map(params object[] keysAndValues)
        {
            var map = new Dictionary<string, object>();
            for (var i = 0; i < keysAndValues.Length; i += 2) map[(string)keysAndValues[i]] = keysAndValues[i + 1];
            return map;
        }

        /// <summary>One mark of `reply.marks`: 7 bytes.</summary>
        public static void Mark(List<byte> into, int at, int end, int what, double value)
        {
            var bits = (ulong)at | ((ulong)(end - at) << 24) | ((ulong)what << 44) | ((ulong)Math.Round(value * 100) << 49);
            for (var i = 0; i < 7; i++) into.Add((byte)(bits >> (8 * i)));
        }

        /// <summary>Every message but `ping`, `pong`, `ack` and `hello`: the type is the map's first key.</summary>
        private static bool Counts(byte[] data, int offset)
        {
            var size = data[offset + 6] & 31;
            var first = data[offset + 7];
            return !(size == 4 && first == 'p') && !(size == 3 && first == 'a') && !(size == 5 && first == 'h');
        }

        private void Send(Dictionary<string, object> message)
        {
            var type = (string)message["type"];
            if (type != "ping" && type != "pong" && type != "received") message["seq"] = ++seq;
            var frame = Packed.Write(message);
            events.Frame(frame, frame.Length);
        }
    }
}
