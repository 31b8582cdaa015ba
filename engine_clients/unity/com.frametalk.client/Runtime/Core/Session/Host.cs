using System.Threading;

namespace Frametalk
{
    /// <summary>
    /// The thread on which the hub's timers run and from which everything is sent; or without threads, the game's.
    /// </summary>
    internal sealed class Host
    {
        private const int LongestWaitMs = 1000;

        private readonly Hub hub;
        private readonly bool threads;
        private readonly int gameThread = Thread.CurrentThread.ManagedThreadId;
        private readonly AutoResetEvent wake = new AutoResetEvent(false);
        private volatile bool stopping;
        private int woken; // since the sender looked last
        private Thread sender;

        public Host(Hub hub, bool threads)
        {
            this.hub = hub;
            this.threads = threads;
        }

        public bool IsGameThread
        {
            get { return Thread.CurrentThread.ManagedThreadId == gameThread; }
        }

        public void Start()
        {
            if (!threads || sender != null) return;
            sender = new Thread(Run) { IsBackground = true, Name = "frametalk sender" };
            sender.Start();
        }

        /// <summary>End the thread, after what is queued has been sent.</summary>
        public void Stop()
        {
            stopping = true;
            Wake();
            if (threads && sender != null) return;
            Step();
            lock (hub.Gate) hub.CloseSocket();
        }

        public void Wake()
        {
            if (threads && Interlocked.Exchange(ref woken, 1) == 0) wake.Set();
        }

        /// <summary>Without threads: do what is due.</summary>
        public void Step()
        {
            if (threads && sender != null) return;
            lock (hub.Gate) hub.Step();
            while (SendNext())
            {
            }
        }

        private void Run()
        {
            while (true)
            {
                int waitMs;
                Interlocked.Exchange(ref woken, 0);
                lock (hub.Gate)
                {
                    hub.Step();
                    waitMs = hub.WaitMs(LongestWaitMs);
                }
                if (SendNext()) continue;
                if (stopping) break;
                wake.WaitOne(waitMs);
            }
            lock (hub.Gate) hub.CloseSocket();
        }

        private bool SendNext()
        {
            Outbound next;
            lock (hub.Gate) if (!hub.TryNext(out next)) return false;
            // Outside of the gate, so that a slow network delays nobody else.
            next.Socket.Send(next.Bytes.Data, 0, next.Bytes.Count);
            lock (hub.Gate) hub.Sent(ref next);
            return true;
        }
    }
}
