using System.Collections.Generic;

namespace Frametalk
{
    /// <summary>A buffer that is used again when neither the socket nor the resend ring has it.</summary>
    internal sealed class PooledBytes
    {
        public readonly byte[] Data;
        public int Count;
        public int Refs;

        public PooledBytes(int size)
        {
            Data = new byte[size];
        }
    }

    /// <summary>Buffers of a few sizes.</summary>
    internal sealed class BytesPool
    {
        private static readonly int[] Sizes = { 128, 1024, 4096, 16384, 65536 };
        private readonly Stack<PooledBytes>[] free = new Stack<PooledBytes>[Sizes.Length];

        public BytesPool()
        {
            for (var i = 0; i < Sizes.Length; i++) free[i] = new Stack<PooledBytes>();
        }

        /// <summary>A buffer for `count` bytes; it belongs to the caller once.</summary>
        public PooledBytes Take(int count)
        {
            var size = 0;
            while (Sizes[size] < count) size++;
            var bytes = free[size].Count > 0 ? free[size].Pop() : new PooledBytes(Sizes[size]);
            bytes.Count = count;
            bytes.Refs = 1;
            return bytes;
        }

        /// <summary>The caller does not need it any more.</summary>
        public void Release(PooledBytes bytes)
        {
            if (--bytes.Refs > 0) return;
            for (var i = 0; i < Sizes.Length; i++) if (Sizes[i] == bytes.Data.Length) free[i].Push(bytes);
        }
    }

    /// <summary>Counts what is sent, and keeps it until the server has it: to send it again when the session is resumed.</summary>
    internal sealed class Outgoing
    {
        private const int MaxFrames = 500; // 10 s of the microphone
        private const int MaxMessages = 2000;

        private struct Entry
        {
            /// <summary>A control message counts from 1; a media frame has 0.</summary>
            public long Number;

            /// <summary>One past a media frame's last sample.</summary>
            public long End;
            public PooledBytes Bytes;
        }

        private readonly BytesPool pool;
        private readonly List<Entry> entries = new List<Entry>(1024);
        private int frames;

        public Outgoing(BytesPool pool)
        {
            this.pool = pool;
        }

        /// <summary>Whether messages that had not arrived were dropped: then the session cannot be resumed.</summary>
        public bool Overflowed { get; private set; }

        /// <summary>How many control messages were sent.</summary>
        public long Sent { get; private set; }

        /// <summary>How far the open microphone stream was captured.</summary>
        public long MicSample { get; private set; }

        /// <summary>Whether something waits to be confirmed.</summary>
        public bool Waits
        {
            get { return entries.Count > 0; }
        }

        public int Count
        {
            get { return entries.Count; }
        }

        /// <summary>A control message is sent; `opensMic`: it is mic.start.</summary>
        public void Message(PooledBytes bytes, bool opensMic)
        {
            Sent++;
            if (opensMic) MicSample = 0;
            Keep(new Entry { Number = Sent, Bytes = bytes });
            if (entries.Count - frames > MaxMessages) Drop(false);
        }

        /// <summary>A microphone frame is sent, whose last sample is the one before `end`.</summary>
        public void Frame(PooledBytes bytes, long end)
        {
            MicSample = end;
            Keep(new Entry { End = end, Bytes = bytes });
            frames++;
            if (frames > MaxFrames) Drop(true);
        }

        /// <summary>So many messages have arrived, and the microphone's open stream up to this sample.</summary>
        public void Confirm(long messages, long? micSample)
        {
            // What arrived is a prefix: all that was sent before a message that arrived did too.
            var last = -1;
            for (var i = 0; i < entries.Count && entries[i].Number <= messages; i++) if (entries[i].Number > 0) last = i;
            var from = last + 1;
            while (from < entries.Count)
            {
                var entry = entries[from];
                if (entry.Number > 0 || !micSample.HasValue || entry.End > micSample.Value) break;
                from++;
            }
            Remove(from);
        }

        public PooledBytes At(int index)
        {
            return entries[index].Bytes;
        }

        /// <summary>A new session begins.</summary>
        public void Reset()
        {
            Remove(entries.Count);
            Sent = 0;
            MicSample = 0;
            Overflowed = false;
        }

        private void Keep(Entry entry)
        {
            entry.Bytes.Refs++;
            entries.Add(entry);
        }

        private void Remove(int count)
        {
            for (var i = 0; i < count; i++)
            {
                if (entries[i].Number == 0) frames--;
                pool.Release(entries[i].Bytes);
            }
            entries.RemoveRange(0, count);
        }

        private void Drop(bool frame)
        {
            var index = 0;
            while (entries[index].Number == 0 != frame) index++;
            pool.Release(entries[index].Bytes);
            entries.RemoveAt(index);
            if (frame) frames--;
            else Overflowed = true;
        }
    }
}
