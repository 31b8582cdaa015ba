using System;
using System.Collections.Generic;
using System.Threading;

namespace Frametalk
{
    /// <summary>A frame that waits to be sent.</summary>
    internal struct Outbound
    {
        public IFrametalkSocket Socket;
        public PooledBytes Bytes;
    }

    /// <summary>
    /// One session without a game: its connection, uplink and downlink. It has no thread; whoever calls holds
    /// <see cref="Gate"/>, by <see cref="Hold"/> if something may be sent.
    /// </summary>
    internal sealed partial class Hub : IConnectionActions, IUplinkOwner, IDownlinkOwner
    {
        private static readonly string[] Features = { "resume", "floor", "turn_hint" };

        private readonly Func<long> clock;
        private readonly EventQueue events;
        private readonly SessionOptions options;
        private readonly Playout playout;
        private readonly MsgWriter writer = new MsgWriter();
        private readonly BytesPool pool = new BytesPool();
        private readonly Outgoing outgoing;
        private readonly Timers timers = new Timers();
        private readonly StatsKeeper stats = new StatsKeeper();
        private readonly Connection connection;
        private readonly Uplink up;
        private readonly Downlink down;
        private readonly ServerReader reader;
        private readonly Queue<Outbound> queue = new Queue<Outbound>(256);
        private readonly Stack<MarkBatch> batches = new Stack<MarkBatch>();
        private IReadOnlyList<ToolSpec> tools;
        private volatile OpenStream micStream;
        private NextAddress address;
        private IFrametalkSocket socket;
        private bool resumable; // the session has the feature
        private bool wakeDue; // there is something for the sender
        private bool kept; // the session goes on although there is no connection

        public Hub(Func<long> clock, Playout playout, EventQueue events, SessionOptions options, Tools tools)
        {
            this.clock = clock;
            this.events = events;
            this.options = options;
            this.playout = playout;
            outgoing = new Outgoing(pool);
            connection = new Connection(options.Reconnect, this);
            up = new Uplink(this);
            down = new Downlink(this, playout, stats);
            reader = new ServerReader(tools);
        }

        /// <summary>The lock of all of it.</summary>
        public readonly object Gate = new object();

        /// <summary>The lock, held until this is disposed of. The sender is woken after that, since it takes the lock first.</summary>
        public struct Held : IDisposable
        {
            private readonly Hub hub;

            internal Held(Hub hub)
            {
                this.hub = hub;
                Monitor.Enter(hub.Gate);
            }

            public void Dispose()
            {
                var due = hub.wakeDue;
                hub.wakeDue = false;
                Monitor.Exit(hub.Gate);
                if (due) hub.Wake();
            }
        }

        public Held Hold()
        {
            return new Held(this);
        }

        /// <summary>What the platform says of its devices; null: nothing.</summary>
        public double? InputMs { get; set; }

        /// <summary>The same of the output.</summary>
        public double? OutputMs { get; set; }

        /// <summary>What the client cost in the newest second, until it was reported.</summary>
        public FrameCost FrameCost { get; set; }

        /// <summary>Wakes the sender; may be called with or without the gate.</summary>
        public Action Wake { get; set; }

        public long NowUs()
        {
            return clock();
        }

        // ---- from the game ----------------------------------------------------------------------------------------

        public void Connect(Uri url, IReadOnlyList<ToolSpec> specs)
        {
            address = new NextAddress(url);
            tools = specs;
            connection.Start();
        }

        /// <summary>Say `bye` and end the session.</summary>
        public void Disconnect(string reason)
        {
            if (connection.State == ConnectionState.Open)
            {
                ClientWriter.Bye(writer, reason);
                Send(true);
                closing = socket;
                socket = null;
            }
            connection.Stop();
            wakeDue = true;
        }

        public void Retry()
        {
            connection.Retry();
        }

        public void Say(string text)
        {
            ClientWriter.Say(writer, text);
            Send(true);
        }

        public void Interrupt()
        {
            ClientWriter.Interrupt(writer, null);
            Send(true);
        }

        public void Floor(FloorMode mode, double? untilMs)
        {
            ClientWriter.FloorSet(writer, mode, untilMs);
            Send(true);
        }

        public void Hint(long turn, TurnHint hint)
        {
            ClientWriter.Hint(writer, turn, hint);
            Send(true);
        }

        public void Report(long? reply, ReportReason reason, string text)
        {
            ClientWriter.Report(writer, reply, reason, text);
            Send(true);
        }

        public void Pause(bool paused, double? forMs)
        {
            up.Pause(paused);
            ClientWriter.Pause(writer, paused, forMs);
            Send(true);
            down.Pause(paused);
            var most = Math.Min(forMs ?? double.MaxValue, pauseMs);
            connection.PausedUntilMs = paused ? NowUs() / 1000.0 + most : 0;
            if (kept) timers.Set(Timer.Forget, (long)(connection.UntilMs * 1000));
        }

        public void SetMic(MicMode? mode)
        {
            up.Set(mode);
        }

        public void Press(bool isDown)
        {
            if (!isDown)
            {
                up.Release();
                wakeDue = true;
                return;
            }
            if (down.Reply.HasValue) Interrupt();
            up.Press();
        }

        public void Focus(string entity)
        {
            ClientWriter.Focus(writer, entity);
            Send(true);
        }

        public void SceneEvent(string name, string entity, string text, Dictionary<string, object> data)
        {
            ClientWriter.SceneEvent(writer, name, entity, text, data);
            Send(true);
        }

        public void SceneSnapshot(long rev, IReadOnlyList<Entity> entities)
        {
            ClientWriter.SceneSnapshot(writer, rev, entities);
            Send(true);
        }

        public void ScenePut(long from, long rev, IReadOnlyList<Entity> entities)
        {
            ClientWriter.ScenePut(writer, from, rev, entities);
            Send(true);
        }

        public void ScenePatch(long from, long rev, ScenePending changes, Dictionary<string, Entity> things)
        {
            ClientWriter.ScenePatch(writer, from, rev, changes, things);
            Send(true);
        }

        /// <summary>Send a call's answer; returns false if its value cannot be sent.</summary>
        public bool Answer(Call call)
        {
            try
            {
                if (call.Answered == ToolState.Refused) ClientWriter.ToolAck(writer, call.Id, false, call.Reason);
                else ClientWriter.ToolResult(writer, call.Id, call.Answered == ToolState.Done, call.Value, call.Reason);
            }
            catch (FrametalkException error)
            {
                Failed(error.Error);
                return false;
            }
            return Send(true);
        }

        /// <summary>The audio thread does not read any more.</summary>
        public void Stall()
        {
            down.Stall();
        }

        public void CopyStats(Stats into)
        {
            stats.CopyTo(into);
        }

        // ---- the microphone ---------------------------------------------------------------------------------------

        /// <summary>The stream that is open; null: none. Any thread, without the gate.</summary>
        public OpenStream MicStream
        {
            get { return micStream; }
        }

        /// <summary>A media frame of the microphone; its last sample was captured at `capturedAtUs`.</summary>
        public void Captured(int stream, long sample, int count, long capturedAtUs, byte[] frame, int bytes)
        {
            if (!up.Captured(stream, sample, count, capturedAtUs)) return;
            var copy = pool.Take(bytes);
            Buffer.BlockCopy(frame, 0, copy.Data, 0, bytes);
            if (resumable) outgoing.Frame(copy, sample + count);
            if (connection.State == ConnectionState.Open) Enqueue(copy);
            pool.Release(copy);
            stats.MicFrames++;
            stats.CaptureToWireMs.Add((NowUs() - capturedAtUs) / 1000.0);
        }

        // ---- for the parts ----------------------------------------------------------------------------------------

        public void Emit(ref HubEvent what)
        {
            events.Put(ref what);
        }

        public void Failed(FrametalkError error)
        {
            Emit(HubEventKind.Failure, error);
        }

        void IUplinkOwner.SendMicStart(int stream, int rateHz, MicMode mode)
        {
            ClientWriter.MicStart(writer, stream, rateHz, mode);
            Send(true, true);
        }

        void IUplinkOwner.SendMicStop(int stream, long at)
        {
            ClientWriter.MicStop(writer, stream, at);
            Send(true);
        }

        void IUplinkOwner.MicTail(long atUs)
        {
            timers.Set(Timer.MicTail, atUs);
        }

        void IUplinkOwner.MicOpened(OpenStream stream)
        {
            micStream = stream;
            Emit(HubEventKind.Mic, null);
        }

        void IDownlinkOwner.SendPlayed(ref Played played)
        {
            played.MicSample = up.SampleAt(played.TUs);
            if (played.MicSample.HasValue) played.InputMs = InputMs;
            played.OutputMs = OutputMs;
            played.FrameCost = FrameCost;
            FrameCost = default(FrameCost);
            ClientWriter.Played(writer, ref played);
            Send(true);
        }

        void IDownlinkOwner.LedgerDue(long atUs)
        {
            timers.Set(Timer.Ledger, atUs);
        }

        private void Emit(HubEventKind kind, object payload)
        {
            var what = new HubEvent { Kind = kind, Payload = payload };
            events.Put(ref what);
        }

        // ---- what goes --------------------------------------------------------------------------------------------

        /// <summary>Send what is in the writer; `counted`: both sides count it, and it is sent again after a break.</summary>
        private bool Send(bool counted, bool opensMic = false)
        {
            var state = connection.State;
            var connected = socket != null && (state == ConnectionState.Open || (state == ConnectionState.Joining && !counted));
            if (!connected && !kept) return true;
            if (writer.Count > Wire.MaxMessageBytes)
            {
                Failed(Wire.TooLarge(writer.Count).Error);
                return false;
            }
            var bytes = pool.Take(writer.Count);
            Buffer.BlockCopy(writer.Buffer, 0, bytes.Data, 0, writer.Count);
            if (resumable && counted) outgoing.Message(bytes, opensMic);
            if (connected) Enqueue(bytes);
            else if (outgoing.Overflowed) Forget();
            pool.Release(bytes);
            return true;
        }

        private void Enqueue(PooledBytes bytes)
        {
            bytes.Refs++;
            queue.Enqueue(new Outbound { Socket = socket, Bytes = bytes });
            wakeDue = true;
        }

        /// <summary>Take the next frame to send.</summary>
        public bool TryNext(out Outbound next)
        {
            while (queue.Count > 0)
            {
                next = queue.Dequeue();
                if (next.Socket == socket || next.Socket == closing) return true;
                pool.Release(next.Bytes); // of a connection that is gone
            }
            next = default(Outbound);
            return false;
        }

        public void Sent(ref Outbound sent)
        {
            pool.Release(sent.Bytes);
        }

        /// <summary>A batch of marks was read.</summary>
        public void Recycle(MarkBatch batch)
        {
            lock (batches) batches.Push(batch);
        }
    }
}
