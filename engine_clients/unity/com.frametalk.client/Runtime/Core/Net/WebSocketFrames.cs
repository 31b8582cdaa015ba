using System;

namespace Frametalk
{
    /// <summary>The server broke the WebSocket's rules; `Code`: the close code for it.</summary>
    internal sealed class WebSocketViolation : Exception
    {
        public readonly int Code;

        public WebSocketViolation(int code, string text) : base(text)
        {
            Code = code;
        }
    }

    /// <summary>Reads and writes WebSocket frames (RFC 6455) for a client. No sockets; no garbage.</summary>
    internal sealed class WebSocketFrames
    {
        public const int Continuation = 0;
        public const int Text = 1;
        public const int Binary = 2;
        public const int CloseFrame = 8;
        public const int Ping = 9;
        public const int Pong = 10;

        public const int NormalCode = 1000;
        public const int ProtocolError = 1002;
        public const int TooLarge = 1009;
        public const int LongestHeader = 14;

        private const int LongestControl = 125;
        private const int Room = 32768;

        private byte[] buffer = new byte[Wire.MaxMessageBytes + LongestHeader + Room];
        private readonly byte[] message = new byte[Wire.MaxMessageBytes];
        private int head; // of what was not read yet
        private int tail;
        private int assembled;
        private int opcode; // of the message that is being assembled; 0: none

        /// <summary>Where the socket's bytes go: from <see cref="Tail"/> on.</summary>
        public byte[] Buffer
        {
            get { return buffer; }
        }

        public int Tail
        {
            get { return tail; }
        }

        /// <summary>Make room; returns for how many bytes there is some.</summary>
        public int MakeRoom()
        {
            if (head == tail)
            {
                head = tail = 0;
            }
            else if (buffer.Length - tail < Room)
            {
                System.Buffer.BlockCopy(buffer, head, buffer, 0, tail - head);
                tail -= head;
                head = 0;
            }
            return buffer.Length - tail;
        }

        /// <summary>So many bytes were written at <see cref="Tail"/>.</summary>
        public void Added(int count)
        {
            tail += count;
        }

        /// <summary>
        /// The next whole message or control frame: `count` bytes at `at` of `data`, until the next call. Throws
        /// WebSocketViolation.
        /// </summary>
        public bool TryNext(out int kind, out byte[] data, out int at, out int count)
        {
            data = buffer;
            kind = at = count = 0;
            bool last;
            while (TryFrame(out kind, out last, out at, out count))
            {
                if (kind >= CloseFrame) return true;
                if (kind != Continuation && opcode != 0) throw Broken("a message inside a fragmented one");
                if (kind == Continuation && opcode == 0) throw Broken("a fragment of no message");
                if (last && opcode == 0) return true;
                if (assembled + count > message.Length) throw new WebSocketViolation(TooLarge, "a message over 60 KiB");
                System.Buffer.BlockCopy(buffer, at, message, assembled, count);
                assembled += count;
                if (kind != Continuation) opcode = kind;
                if (!last) continue;
                kind = opcode;
                data = message;
                at = 0;
                count = assembled;
                opcode = 0;
                assembled = 0;
                return true;
            }
            return false;
        }

        private bool TryFrame(out int kind, out bool last, out int at, out int count)
        {
            kind = at = count = 0;
            last = false;
            var there = tail - head;
            if (there < 2) return false;
            var first = buffer[head];
            var second = buffer[head + 1];
            kind = first & 15;
            last = (first & 0x80) != 0;
            if ((first & 0x70) != 0) throw Broken("a frame with reserved bits");
            if ((second & 0x80) != 0) throw Broken("a masked frame of the server");
            if (kind > Binary && (kind < CloseFrame || kind > Pong)) throw Broken("a frame of an unknown kind");
            long length = second & 0x7f;
            if (kind >= CloseFrame && (!last || length > LongestControl)) throw Broken("a control frame that is too long");
            var header = length < 126 ? 2 : length == 126 ? 4 : 10;
            if (there < header) return false;
            if (header > 2) length = 0;
            for (var i = 2; i < header; i++) length = length << 8 | buffer[head + i];
            if (length < 0 || length > Wire.MaxMessageBytes) throw new WebSocketViolation(TooLarge, "a message over 60 KiB");
            if (there < header + length) return false;
            at = head + header;
            count = (int)length;
            head = at + count;
            return true;
        }

        /// <summary>Write a masked frame to `into`, whose length is at least `count` + 14; returns how long it is.</summary>
        public static int Write(byte[] into, int kind, byte[] mask, byte[] data, int offset, int count)
        {
            var at = 0;
            into[at++] = (byte)(0x80 | kind);
            if (count < 126)
            {
                into[at++] = (byte)(0x80 | count);
            }
            else if (count <= 0xffff)
            {
                into[at++] = 0x80 | 126;
                into[at++] = (byte)(count >> 8);
                into[at++] = (byte)count;
            }
            else
            {
                into[at++] = 0x80 | 127;
                for (var shift = 56; shift >= 0; shift -= 8) into[at++] = (byte)((long)count >> shift);
            }
            for (var i = 0; i < 4; i++) into[at++] = mask[i];
            for (var i = 0; i < count; i++) into[at++] = (byte)(data[offset + i] ^ mask[i & 3]);
            return at;
        }

        private static WebSocketViolation Broken(string text)
        {
            return new WebSocketViolation(ProtocolError, text);
        }
    }
}
