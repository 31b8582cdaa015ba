namespace Frametalk
{
    /// <summary>What the hub waits for; each at most once.</summary>
    internal enum Timer
    {
        Join,
        Retry,
        Ping,
        Ack,
        Stats,
        Forget,
        Ledger,
        MicTail,
        Last = MicTail,
    }

    /// <summary>Times at which something is due, in microseconds.</summary>
    internal sealed class Timers
    {
        private readonly long[] due = new long[(int)Timer.Last + 1];

        public Timers()
        {
            for (var i = 0; i < due.Length; i++) due[i] = long.MaxValue;
        }

        public void Set(Timer timer, long atUs)
        {
            due[(int)timer] = atUs;
        }

        public void Clear(Timer timer)
        {
            due[(int)timer] = long.MaxValue;
        }

        /// <summary>The earliest of them; long.MaxValue: none.</summary>
        public long NextUs()
        {
            var next = long.MaxValue;
            foreach (var at in due) if (at < next) next = at;
            return next;
        }

        /// <summary>Take the earliest that is due at `nowUs`.</summary>
        public bool TryTake(long nowUs, out Timer timer)
        {
            var next = NextUs();
            timer = Timer.Join;
            if (next > nowUs) return false;
            for (var i = 0; i < due.Length; i++)
            {
                if (due[i] != next) continue;
                due[i] = long.MaxValue;
                timer = (Timer)i;
                return true;
            }
            return false;
        }
    }
}
