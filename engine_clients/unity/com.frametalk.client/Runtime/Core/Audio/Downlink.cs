using System;

namespace Frametalk
{
    internal interface IDownlinkOwner
    {
        long NowUs();

        void Emit(ref HubEvent what);

        void SendPlayed(ref Played played);

        /// <summary>Call <see cref="Downlink.Step"/> then.</summary>
        void LedgerDue(long atUs);

        void Failed(FrametalkError error);
    }

    /// <summary>The reply under way: its sound, its marks and its ledger.</summary>
    internal sealed class Downlink : ILedgerOwner
    {
        public const double MostPlayedEveryMs = 100;

        private readonly IDownlinkOwner owner;
        private readonly Playout playout;
        private readonly StatsKeeper stats;
        private readonly Ledger ledger;
        private bool active;
        private ReplyBegin begin;
        private long received;
        private long firstArrivedUs;
        private bool rendered;
        private bool sounding;
        private bool overflowed;
        private ReplyEnding how;
        private int underruns;
        private bool stands;

        // The highest sample heard of the newest reply that sounded, also for tool calls that come late.
        private long previousReply = -1;
        private long previousSample;

        public Downlink(IDownlinkOwner owner, Playout playout, StatsKeeper stats)
        {
            this.owner = owner;
            this.playout = playout;
            this.stats = stats;
            ledger = new Ledger(this);
            PlayedEveryMs = MostPlayedEveryMs;
        }

        public double PlayedEveryMs { get; set; }

        /// <summary>The reply under way.</summary>
        public long? Reply
        {
            get { return active ? begin.Reply : (long?)null; }
        }

        /// <summary>How far the reply under way was heard.</summary>
        public long PlayedSample
        {
            get { return active && previousReply == begin.Reply ? previousSample : 0; }
        }

        /// <summary>The game stands still, or goes on: so does the reply's clock.</summary>
        public void Pause(bool paused)
        {
            stands = paused;
            if (active) playout.Turn(begin.Reply, paused, paused);
        }

        public void Begin(ref ReplyBegin message)
        {
            if (active) EndBefore();
            Emit(new ReplyEvent
            {
                Phase = ReplyPhase.Begin, Reply = message.Reply, Turn = message.Turn, Character = message.Character,
                RateHz = message.RateHz,
            });
            begin = message;
            active = true;
            received = 0;
            firstArrivedUs = 0;
            rendered = sounding = overflowed = false;
            how = ReplyEnding.Finished;
            underruns = 0;
            ledger.Begin(message.Reply, message.RateHz, owner.NowUs(), (long)(PlayedEveryMs * 1000));
            playout.Begin(message.Reply, message.Stream, message.RateHz);
            if (stands) playout.Turn(message.Reply, true, true);
            Schedule();
        }

        /// <summary>Take a media frame of `count` bytes.</summary>
        public void Media(ref Media media, byte[] frame, int count)
        {
            if (!active || begin.Stream != media.Stream || how != ReplyEnding.Finished) return;
            if (media.Kind != Frametalk.Media.Pcm16) return;
            var samples = (count - Frametalk.Media.HeaderBytes) / 2;
            var nowUs = owner.NowUs();
            stats.SpeechFrames++;
            if (firstArrivedUs == 0) firstArrivedUs = nowUs;
            if (samples > 0 && !playout.Feed(media.Stream, media.Sample, frame, Frametalk.Media.HeaderBytes, samples))
            {
                Overflow();
                return;
            }
            received = Math.Max(received, media.Sample + samples);
            ledger.Received(received, nowUs);
        }

        public void Text(long reply, string text, long at)
        {
            var what = new HubEvent
            {
                Kind = HubEventKind.Caption, Caption = new CaptionEvent { Reply = reply, Text = text, At = at },
            };
            When(reply, at, ref what);
        }

        public void Marks(MarkBatch batch)
        {
            for (var i = 0; i < batch.Count; i++)
            {
                if (batch.Items[i].Kind == MarkKind.Viseme) continue;
                var what = new HubEvent
                {
                    Kind = HubEventKind.Mark, Mark = new MarkEvent { Reply = batch.Reply, Mark = batch.Items[i] },
                };
                When(batch.Reply, batch.Items[i].At, ref what);
            }
        }

        public void End(long reply, long samples)
        {
            if (active && begin.Reply == reply) playout.End(reply, samples);
        }

        public void Cut(ref ReplyCut cut)
        {
            if (!active || begin.Reply != cut.Reply || how != ReplyEnding.Finished) return;
            how = Ending(cut.Reason);
            ledger.Cut(owner.NowUs());
            playout.Cut(cut.Reply);
            Schedule();
        }

        public void Turn(TurnState state)
        {
            if (stands) return;
            var ducked = state.State == TurnPhase.Ducked;
            playout.Turn(state.Reply ?? -1, ducked, ducked && state.Paused);
        }

        /// <summary>A call is due when its reply's clock reaches `at`; it is void if the reply is cut before that.</summary>
        public void Tool(Call call)
        {
            var what = new HubEvent { Kind = HubEventKind.Call, Payload = call };
            if (!call.Reply.HasValue || call.At == 0) owner.Emit(ref what);
            else if (active && call.Reply == begin.Reply && call.At > PlayedSample) When(begin.Reply, call.At, ref what);
            else if (call.Reply == previousReply && call.At <= previousSample) owner.Emit(ref what);
        }

        /// <summary>The audio thread reports the position of a reply's clock.</summary>
        public void Status(ref PlayStatus status)
        {
            if (!active || status.Reply != begin.Reply) return;
            if (status.Running && !rendered)
            {
                rendered = true;
                if (firstArrivedUs != 0) stats.ReceivedToOutputMs.Add((owner.NowUs() - firstArrivedUs) / 1000.0);
            }
            if (status.Running) stats.BufferedMs.Add(status.Buffered * 1000.0 / begin.RateHz);
            stats.Underruns += status.Underruns - underruns;
            underruns = status.Underruns;
            ledger.Status(ref status);
            Step();
        }

        /// <summary>The device stopped.</summary>
        public void Stall()
        {
            if (active) ledger.Stall(owner.NowUs());
        }

        /// <summary>The session has ended: stop playing, and make no reports.</summary>
        public void Leave()
        {
            playout.CutAll();
            if (active) Finish(ReplyEnding.Disconnected);
            previousReply = -1;
        }

        /// <summary>Do what is due.</summary>
        public void Step()
        {
            if (!active) return;
            ledger.Step(owner.NowUs());
            Schedule();
        }

        void ILedgerOwner.Due(ref HubEvent waiting)
        {
            owner.Emit(ref waiting);
        }

        void ILedgerOwner.Reported(ref Played played)
        {
            if (!active) return;
            owner.SendPlayed(ref played);
            previousReply = played.Reply;
            previousSample = played.Sample;
            if (played.Sample > 0 && !sounding)
            {
                sounding = true;
                Emit(new ReplyEvent { Phase = ReplyPhase.Sounding, Reply = played.Reply });
            }
            if (played.Done) Finish(how);
        }

        private void When(long reply, long at, ref HubEvent what)
        {
            if (!active || begin.Reply != reply || how != ReplyEnding.Finished) return;
            // What is at sample 0 belongs to the first sound, not to the announcement of the reply.
            ledger.When(Math.Max(at, 1), ref what);
            Schedule();
        }

        /// <summary>The next reply begins. The one before may have been cut so shortly before that the device has not confirmed it.</summary>
        private void EndBefore()
        {
            if (how != ReplyEnding.Finished) ledger.EndNow(owner.NowUs());
            if (active) Finish(ReplyEnding.Disconnected);
        }

        private void Finish(ReplyEnding ending)
        {
            ledger.Close();
            active = false;
            var sample = previousReply == begin.Reply ? previousSample : 0;
            Emit(new ReplyEvent { Phase = ReplyPhase.Ended, Reply = begin.Reply, Sample = sample, How = ending });
        }

        private void Overflow()
        {
            if (overflowed) return;
            overflowed = true;
            owner.Failed(new FrametalkError(
                "sound_dropped", "more sound arrived than can be buffered: the audio thread does not read it", "speak", "client",
                "call Voice.Read for each block of the device"));
        }

        private void Emit(ReplyEvent reply)
        {
            var what = new HubEvent { Kind = HubEventKind.Reply, Reply = reply };
            owner.Emit(ref what);
        }

        private void Schedule()
        {
            owner.LedgerDue(active ? ledger.DueUs() : long.MaxValue);
        }

        private static ReplyEnding Ending(string reason)
        {
            switch (reason)
            {
                case "continued": return ReplyEnding.Continued;
                case "stopped": return ReplyEnding.Stopped;
                case "failed": return ReplyEnding.Failed;
                case "floor": return ReplyEnding.Floor;
                default: return ReplyEnding.Interrupted;
            }
        }
    }
}
