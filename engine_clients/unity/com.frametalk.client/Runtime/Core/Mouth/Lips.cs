namespace Frametalk
{
    /// <summary>The mouth of one character over its replies. For the game's thread.</summary>
    internal sealed class Lips
    {
        private const int Early = 16; // reports that may come before their reply is announced

        private sealed class Speaking
        {
            public readonly ReplyClock Clock = new ReplyClock();
            public readonly MouthScript Script = new MouthScript();
            public bool Used;
        }

        private readonly Playout playout;
        private readonly PlayStatus[] early = new PlayStatus[Early];
        private int earlyCount;
        private Speaking now = new Speaking();
        private Speaking next = new Speaking();

        public Lips(Playout playout)
        {
            this.playout = playout;
        }

        public long Reply
        {
            get { return now.Used ? now.Clock.Reply : 0; }
        }

        public int RateHz
        {
            get { return now.Used ? now.Clock.RateHz : 0; }
        }

        public void Begin(long reply, int rateHz)
        {
            next.Clock.Begin(reply, rateHz);
            next.Script.Begin(rateHz);
            next.Used = true;
            var count = earlyCount;
            earlyCount = 0;
            for (var i = 0; i < count; i++) Status(ref early[i]);
        }

        public void Marks(MarkBatch batch)
        {
            var speaking = Find(batch.Reply);
            if (speaking == null) return;
            for (var i = 0; i < batch.Count; i++) speaking.Script.Add(ref batch.Items[i]);
        }

        /// <summary>Take the audio thread's reports.</summary>
        public void Take()
        {
            PlayStatus status;
            while (playout.TryLipsStatus(out status)) Status(ref status);
        }

        public double SampleAt(long atUs)
        {
            Take();
            return now.Used ? now.Clock.MouthAt(atUs) : 0;
        }

        public void Weights(long atUs, float[] into)
        {
            Take();
            if (!now.Used)
            {
                MouthCurve.Rest(into);
                return;
            }
            PlayStatus end;
            var t = now.Clock.MouthAt(atUs);
            var cut = now.Clock.EndedBy(atUs, out end) && end.Cut;
            now.Script.Weights(t, cut ? end.Sample : (double?)null, into);
        }

        private void Status(ref PlayStatus status)
        {
            var speaking = Find(status.Reply);
            if (speaking == null)
            {
                if (earlyCount == Early) System.Array.Copy(early, 1, early, 0, --earlyCount);
                early[earlyCount++] = status;
                return;
            }
            speaking.Clock.Push(ref status);
            if (speaking != next) return;
            // The previous reply's mouth is shown until the next one's first sound.
            next = now;
            next.Used = false;
            now = speaking;
        }

        private Speaking Find(long reply)
        {
            if (next.Used && next.Clock.Reply == reply) return next;
            return now.Used && now.Clock.Reply == reply ? now : null;
        }
    }
}
