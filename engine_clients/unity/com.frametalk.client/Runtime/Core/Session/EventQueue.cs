namespace Frametalk
{
    internal enum HubEventKind
    {
        Connection,
        Welcome,
        Turn,
        Transcript,
        Reply,
        Marks,
        Caption,
        Mark,
        Call,
        CallCancelled,
        Answer,
        Tool,
        Mic,
        SceneAck,
        SceneResync,
        Trace,
        Stats,
        Failure,
        Goaway,
    }

    /// <summary>What the session's threads tell the game's.</summary>
    internal struct HubEvent
    {
        public HubEventKind Kind;
        public object Payload;
        public long Number;
        public ConnectionEvent Connection;
        public ReplyEvent Reply;
        public CaptionEvent Caption;
        public MarkEvent Mark;
        public MarkBatch Marks;
    }

    /// <summary>The events that wait for the game's thread, in order. It allocates only when it grows.</summary>
    internal sealed class EventQueue
    {
        private const int Most = 16384; // a game that does not call Update for minutes

        private readonly object gate = new object();
        private HubEvent[] items = new HubEvent[128];
        private int head;
        private int count;

        /// <summary>Returns false if there is no room.</summary>
        public bool Put(ref HubEvent item)
        {
            lock (gate)
            {
                if (count == Most) return false;
                if (count == items.Length) Grow();
                items[(head + count) % items.Length] = item;
                count++;
                return true;
            }
        }

        public bool TryTake(out HubEvent item)
        {
            lock (gate)
            {
                if (count == 0)
                {
                    item = default(HubEvent);
                    return false;
                }
                item = items[head];
                items[head] = default(HubEvent);
                head = (head + 1) % items.Length;
                count--;
                return true;
            }
        }

        private void Grow()
        {
            var larger = new HubEvent[2 * items.Length];
            for (var i = 0; i < count; i++) larger[i] = items[(head + i) % items.Length];
            items = larger;
            head = 0;
        }
    }

    /// <summary>The marks of one `reply.marks`; used again.</summary>
    internal sealed class MarkBatch
    {
        public long Reply;
        public Mark[] Items = new Mark[64];
        public int Count;

        public void Add(ref Mark mark)
        {
            if (Count == Items.Length) System.Array.Resize(ref Items, 2 * Count);
            Items[Count++] = mark;
        }
    }
}
