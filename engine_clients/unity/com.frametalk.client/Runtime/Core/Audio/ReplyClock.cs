using System;
using System.Collections.Generic;

namespace Frametalk
{
    /// <summary>One reply's clock, placed on the session's clock by the audio thread's reports. Used again.</summary>
    internal sealed class ReplyClock
    {
        // Reports come ten times a second; without them the device has stopped.
        private const long LongestGapUs = 400000;
        private const long EarlyUs = 500000;

        private readonly List<PlayStatus> anchors = new List<PlayStatus>(32);
        private long highest;

        public long Reply { get; private set; }

        public int RateHz { get; private set; }

        /// <summary>Samples that have arrived; none beyond them can have left.</summary>
        public double Received;

        public void Begin(long reply, int rateHz)
        {
            Reply = reply;
            RateHz = rateHz;
            Received = double.PositiveInfinity;
            highest = 0;
            anchors.Clear();
        }

        /// <summary>Take a report; reports come in order.</summary>
        public void Push(ref PlayStatus status)
        {
            if (status.Reply != Reply) return;
            anchors.Add(status);
        }

        /// <summary>Samples that have left by `atUs`; never decreases.</summary>
        public long SampleAt(long atUs)
        {
            highest = Math.Max(highest, (long)Math.Floor(Place(atUs, false)));
            return highest;
        }

        /// <summary>The same for the mouth: with fractions, and continuing after the sound's end.</summary>
        public double MouthAt(long atUs)
        {
            return Place(atUs, true);
        }

        /// <summary>Whether it has ended by `atUs`, where, and whether by a cut.</summary>
        public bool EndedBy(long atUs, out PlayStatus end)
        {
            end = anchors.Count > 0 ? anchors[anchors.Count - 1] : default(PlayStatus);
            return anchors.Count > 0 && end.Done && atUs >= end.AtUs;
        }

        /// <summary>When `sample` leaves, as far as is known; long.MaxValue: that cannot be told yet.</summary>
        public long TimeOf(double sample)
        {
            for (var i = anchors.Count - 1; i >= 0; i--)
            {
                var anchor = anchors[i];
                if (anchor.Sample >= sample && i > 0) continue;
                if (anchor.Sample >= sample) return anchor.AtUs;
                if (!anchor.Running) return long.MaxValue;
                return anchor.AtUs + (long)Math.Ceiling((sample - anchor.Sample) * 1e6 / RateHz);
            }
            return long.MaxValue;
        }

        /// <summary>Whether there is a report, and the newest one.</summary>
        public bool Latest(out PlayStatus latest)
        {
            latest = anchors.Count > 0 ? anchors[anchors.Count - 1] : default(PlayStatus);
            return anchors.Count > 0;
        }

        private double Place(long atUs, bool beyond)
        {
            while (anchors.Count > 1 && anchors[1].AtUs <= atUs) anchors.RemoveAt(0);
            if (anchors.Count == 0) return 0;
            var anchor = anchors[0];
            if (atUs < anchor.AtUs) return anchor.AtUs - atUs < EarlyUs ? Before(ref anchor, atUs) : 0;
            var passedUs = atUs - anchor.AtUs;
            if (anchor.Done) return anchor.Sample + (beyond ? passedUs * (double)RateHz / 1e6 : 0);
            if (!anchor.Running) return anchor.Sample;
            var limit = anchors.Count > 1 ? anchors[1].Sample : Received;
            var passed = Math.Min(passedUs, LongestGapUs) * (double)RateHz / 1e6;
            return Math.Min(anchor.Sample + passed, limit);
        }

        /// <summary>Just before the first report the clock has not started, but the mouth may already open.</summary>
        private double Before(ref PlayStatus anchor, long atUs)
        {
            return anchor.Sample > 0 ? highest : (atUs - anchor.AtUs) * (double)RateHz / 1e6;
        }
    }
}
