using System;

namespace Frametalk
{
    /// <summary>The hub's connection: sockets, hello and welcome, timers, clocks, resume.</summary>
    internal sealed partial class Hub
    {
        private const long PingEveryUs = 1000000;
        private const long StatsEveryUs = 1000000;
        private const long AckEveryUs = 1000000;
        private const long SilentUs = 15000000; // pongs come every second, so after this the server is gone
        private const long ResumableSilentUs = 5000000; // a session that can be resumed loses nothing by a mistake
        private const long JoinWithinUs = 10000000;
        private const int Abnormal = 1006;
        private const int Normal = 1000;
        private const int PingSlots = 4;
        private static readonly long[] FirstPingsUs = { 250000, 250000 };

        private readonly long[] pingIds = new long[PingSlots];
        private readonly long[] pingTimes = new long[PingSlots];
        private IFrametalkSocket closing; // takes what is queued, and is closed then
        private long pings; // since welcome
        private long pingId;
        private long seq;
        private long acked;
        private long lastFrameUs;
        private double pauseMs;

        /// <summary>Events of one socket; those of a socket that was replaced are ignored.</summary>
        private sealed class SocketEvents : IFrametalkSocketEvents
        {
            private readonly Hub hub;
            public IFrametalkSocket Socket;

            public SocketEvents(Hub hub)
            {
                this.hub = hub;
            }

            public void Opened()
            {
                lock (hub.Gate) if (hub.socket == Socket) hub.connection.Opened(hub.NowUs() / 1000.0);
                hub.Wake();
            }

            public void Frame(byte[] data, int count)
            {
                lock (hub.Gate) if (hub.socket == Socket) hub.Frame(data, count);
                hub.Wake();
            }

            public void Closed(int code, string detail)
            {
                lock (hub.Gate)
                {
                    if (hub.socket != Socket) return;
                    hub.socket = null;
                    hub.connection.Lost(code, detail, hub.NowUs() / 1000.0);
                }
                hub.Wake();
            }
        }

        // ---- timers -----------------------------------------------------------------------------------------------

        /// <summary>Do what is due: reports of the audio thread, and timers.</summary>
        public void Step()
        {
            PlayStatus status;
            while (playout.TryStatus(out status)) down.Status(ref status);
            Timer timer;
            for (var left = 32; left > 0 && timers.TryTake(NowUs(), out timer); left--) Fire(timer);
        }

        /// <summary>How long nothing is due.</summary>
        public int WaitMs(int most)
        {
            var us = timers.NextUs() - NowUs();
            if (us <= 0) return 0;
            return us >= most * 1000L ? most : (int)(us / 1000) + 1;
        }

        private void Fire(Timer timer)
        {
            switch (timer)
            {
                case Timer.Join:
                    CloseNow(Abnormal);
                    connection.Lost(Abnormal, "no answer within " + JoinWithinUs / 1000000 + " s", NowUs() / 1000.0);
                    break;
                case Timer.Retry:
                    connection.Retry();
                    break;
                case Timer.Ping:
                    Ping();
                    break;
                case Timer.Ack:
                    Ack();
                    break;
                case Timer.Stats:
                    Emit(HubEventKind.Stats, null);
                    After(Timer.Stats, StatsEveryUs);
                    break;
                case Timer.Forget:
                    Forget();
                    break;
                case Timer.Ledger:
                    down.Step();
                    break;
                case Timer.MicTail:
                    up.EndTail();
                    break;
            }
        }

        private void After(Timer timer, long us)
        {
            timers.Set(timer, NowUs() + us);
        }

        // ---- the connection ---------------------------------------------------------------------------------------

        void IConnectionActions.Open()
        {
            CloseNow(Abnormal);
            var made = options.Socket != null ? options.Socket() : new WebSocketClient(options.AcceptAnyCertificate);
            socket = made;
            After(Timer.Join, JoinWithinUs);
            made.Open(address.Take(), new SocketEvents(this) { Socket = made });
        }

        void IConnectionActions.CloseSocket()
        {
            CloseNow(Normal);
        }

        void IConnectionActions.Hello(string resume)
        {
            var reply = down.Reply;
            var from = new ResumeFrom
            {
                Received = seq, Sent = outgoing.Sent, MicSample = outgoing.MicSample, Reply = reply, Played = down.PlayedSample,
            };
            ClientWriter.Hello(writer, options, tools, Features, resume, from);
            Send(false);
        }

        void IConnectionActions.Wait(double ms)
        {
            After(Timer.Retry, (long)(ms * 1000));
        }

        void IConnectionActions.Changed(ConnectionState state, FrametalkError error, double? retryMs)
        {
            if (state == ConnectionState.Waiting || state == ConnectionState.Closed) Disconnected(state);
            var what = new HubEvent
            {
                Kind = HubEventKind.Connection,
                Connection = new ConnectionEvent { State = state, Error = error, RetryMs = retryMs, Resumable = kept },
            };
            events.Put(ref what);
        }

        /// <summary>Close the socket, after what is queued for it.</summary>
        public void CloseSocket()
        {
            if (closing != null) closing.Close(Normal);
            closing = null;
            CloseNow(Normal);
        }

        private void CloseNow(int code)
        {
            var old = socket;
            socket = null;
            if (old != null) old.Close(code);
        }

        private void Joined(Welcome welcome)
        {
            timers.Clear(Timer.Join);
            timers.Clear(Timer.Forget);
            address.Answered();
            if (!welcome.Resumed) BeginSession();
            kept = false;
            acked = 0;
            resumable = Contains(welcome.Features, "resume");
            pauseMs = welcome.Limits.PauseMs;
            down.PlayedEveryMs = Math.Max(20, Math.Min(Downlink.MostPlayedEveryMs, welcome.Limits.PlayedEveryMs));
            if (welcome.Resumed) GoOn(welcome);
            connection.Welcome(welcome);
            Emit(HubEventKind.Welcome, welcome);
            seq = Math.Max(seq, welcome.Seq);
            if (!welcome.Resumed) up.Join(welcome.MicRatesHz, welcome.Limits.MicFrameMs);
            lastFrameUs = NowUs();
            pings = 0;
            Ping();
            After(Timer.Stats, StatsEveryUs);
            if (resumable) After(Timer.Ack, AckEveryUs);
        }

        /// <summary>Another session begins, in place of the one that was kept.</summary>
        private void BeginSession()
        {
            if (kept) Leave();
            stats.Clock.Reset();
            outgoing.Reset();
            seq = 0;
        }

        /// <summary>The session goes on: send what the server lacks.</summary>
        private void GoOn(Welcome welcome)
        {
            outgoing.Confirm(welcome.Received, welcome.MicSample);
            for (var i = 0; i < outgoing.Count; i++) Enqueue(outgoing.At(i));
        }

        private void Disconnected(ConnectionState state)
        {
            timers.Clear(Timer.Join);
            timers.Clear(Timer.Ping);
            timers.Clear(Timer.Stats);
            timers.Clear(Timer.Ack);
            var nowMs = NowUs() / 1000.0;
            var goesOn = state == ConnectionState.Waiting && resumable && connection.Resumable(nowMs);
            if (goesOn && !kept) timers.Set(Timer.Forget, (long)(connection.UntilMs * 1000));
            if (!goesOn) Leave();
            kept = goesOn;
        }

        /// <summary>It took too long: the session cannot be resumed any more.</summary>
        private void Forget()
        {
            connection.Forget();
            timers.Clear(Timer.Forget);
            Leave();
            kept = false;
            var what = new HubEvent
            {
                Kind = HubEventKind.Connection, Connection = new ConnectionEvent { State = connection.State, Resumable = false },
            };
            events.Put(ref what);
        }

        private void Leave()
        {
            timers.Clear(Timer.Forget);
            up.Leave();
            down.Leave();
        }

        // ---- clocks -----------------------------------------------------------------------------------------------

        private void Ping()
        {
            var nowUs = NowUs();
            if (nowUs - lastFrameUs > (resumable ? ResumableSilentUs : SilentUs))
            {
                CloseNow(Abnormal);
                connection.Lost(Abnormal, "the server is silent", nowUs / 1000.0);
                return;
            }
            pingId++;
            pingIds[pingId % PingSlots] = pingId;
            pingTimes[pingId % PingSlots] = nowUs;
            ClientWriter.Ping(writer, pingId, nowUs);
            Send(false);
            After(Timer.Ping, pings < FirstPingsUs.Length ? FirstPingsUs[pings] : PingEveryUs);
            pings++;
        }

        private void Ack()
        {
            if (seq > acked || outgoing.Waits)
            {
                ClientWriter.Ack(writer, seq);
                Send(false);
            }
            acked = seq;
            After(Timer.Ack, AckEveryUs);
        }

        private static bool Contains(System.Collections.Generic.IReadOnlyList<string> texts, string text)
        {
            for (var i = 0; i < texts.Count; i++) if (texts[i] == text) return true;
            return false;
        }
    }
}
