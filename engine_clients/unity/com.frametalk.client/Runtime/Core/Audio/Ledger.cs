using System;
using System.Collections.Generic;

namespace Frametalk
{
    /// <summary>What waits until a sample of a reply is heard.</summary>
    internal struct Waiting
    {
        public long Sample;
        public HubEvent Event;
    }

    /// <summary>A `played` report.</summary>
    internal struct Played
    {
        public long Reply;
        public long Sample;
        public long TUs;
        public long? MicSample;
        public long? ArrivedUs;
        public long Underruns;
        public bool Done;
        public double? InputMs;
        public double? OutputMs;
        public FrameCost FrameCost;
    }

    internal interface ILedgerOwner
    {
        void Reported(ref Played played);

        void Due(ref HubEvent waiting);
    }

    /// <summary>
    /// What was heard of one reply: makes `played` reports, and tells when a sample is heard. A report is made when the first
    /// sample was heard, every `everyUs`, whenever something that waits is due, and when the reply ends. Used again.
    /// </summary>
    internal sealed class Ledger
    {
        private const long MarginUs = 500; // a sample that is due within this has left
        private const long CutWithinUs = 500000; // the device confirms a cut by then, or it has stopped

        private readonly ILedgerOwner owner;
        private readonly ReplyClock clock = new ReplyClock();
        private readonly List<Waiting> waiting = new List<Waiting>(64);
        private readonly List<Waiting> ready = new List<Waiting>(16);
        private long everyUs;
        private long reportedAtUs;
        private long cutAtUs;
        private bool firstReported;
        private bool ended = true;
        private long? arrivedUs;

        public Ledger(ILedgerOwner owner)
        {
            this.owner = owner;
        }

        public void Begin(long reply, int rateHz, long nowUs, long reportEveryUs)
        {
            clock.Begin(reply, rateHz);
            clock.Received = 0;
            waiting.Clear();
            everyUs = reportEveryUs;
            reportedAtUs = nowUs;
            cutAtUs = long.MaxValue;
            firstReported = false;
            ended = false;
            arrivedUs = null;
        }

        /// <summary>Take a report of the clock's position.</summary>
        public void Status(ref PlayStatus status)
        {
            clock.Push(ref status);
        }

        /// <summary>`samples` have arrived so far; the first call gives the first one's time.</summary>
        public void Received(long samples, long atUs)
        {
            if (!arrivedUs.HasValue) arrivedUs = atUs;
            clock.Received = samples;
        }

        /// <summary>The device stopped at `nowUs`, so no report of it will come.</summary>
        public void Stall(long nowUs)
        {
            PlayStatus latest;
            if (!clock.Latest(out latest) || !latest.Running || latest.Done) return;
            latest.Sample = clock.SampleAt(nowUs);
            latest.AtUs = nowUs;
            latest.Running = false;
            clock.Push(ref latest);
        }

        /// <summary>Call `Due` when `sample` was heard; not at all if the reply ends before it.</summary>
        public void When(long sample, ref HubEvent what)
        {
            var at = waiting.Count;
            while (at > 0 && waiting[at - 1].Sample > sample) at--;
            waiting.Insert(at, new Waiting { Sample = sample, Event = what });
        }

        /// <summary>When <see cref="Step"/> must be called next.</summary>
        public long DueUs()
        {
            if (ended) return long.MaxValue;
            var due = Math.Min(reportedAtUs + everyUs, cutAtUs);
            if (waiting.Count > 0) due = Math.Min(due, clock.TimeOf(waiting[0].Sample));
            if (!firstReported) due = Math.Min(due, clock.TimeOf(1));
            PlayStatus latest;
            if (clock.Latest(out latest) && latest.Done) due = Math.Min(due, latest.AtUs);
            return due;
        }

        /// <summary>Do what is due at `nowUs`.</summary>
        public void Step(long nowUs)
        {
            if (ended) return;
            PlayStatus end;
            var atUs = nowUs + MarginUs;
            var done = clock.EndedBy(atUs, out end);
            // A device that stood still may tell late that it ended before what was reported.
            var sample = Math.Max(clock.SampleAt(atUs), done ? (long)end.Sample : 0);
            if (!done && nowUs >= cutAtUs) done = true;
            ready.Clear();
            while (waiting.Count > 0 && waiting[0].Sample <= sample)
            {
                ready.Add(waiting[0]);
                waiting.RemoveAt(0);
            }
            var first = sample > 0 && !firstReported;
            if (done || first || ready.Count > 0 || atUs >= reportedAtUs + everyUs) Report(nowUs, sample, done);
            for (var i = 0; i < ready.Count; i++)
            {
                var what = ready[i].Event;
                owner.Due(ref what);
            }
        }

        /// <summary>The reply was cut: what waits is void.</summary>
        public void Cut(long nowUs)
        {
            waiting.Clear();
            cutAtUs = nowUs + CutWithinUs;
        }

        /// <summary>Report its end where it is.</summary>
        public void EndNow(long nowUs)
        {
            if (!ended) Report(nowUs, clock.SampleAt(nowUs + MarginUs), true);
        }

        /// <summary>The reply is no longer played: make no more reports.</summary>
        public void Close()
        {
            ended = true;
            waiting.Clear();
        }

        private void Report(long nowUs, long sample, bool done)
        {
            reportedAtUs = nowUs;
            firstReported |= sample > 0;
            PlayStatus latest;
            clock.Latest(out latest);
            if (done)
            {
                ended = true;
                waiting.Clear();
            }
            var played = new Played
            {
                Reply = clock.Reply, Sample = sample, TUs = nowUs, ArrivedUs = arrivedUs, Underruns = latest.Underruns, Done = done,
            };
            owner.Reported(ref played);
        }
    }
}
