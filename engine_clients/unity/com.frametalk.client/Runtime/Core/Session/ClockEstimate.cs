using System;
using System.Collections.Generic;

namespace Frametalk
{
    /// <summary>The offset between our clock and the server's, from pings. Times are microseconds; NaN: not known yet.</summary>
    internal sealed class ClockEstimate
    {
        private const int Kept = 8;
        private const double Smoothed = 1 / 16.0;
        private const double Drift = 100e-6; // how far two clocks drift apart at most, as a part of the time passed

        private struct Measured
        {
            public double AtUs;
            public double OffsetUs;
            public double ErrorUs;
        }

        private readonly List<Measured> measured = new List<Measured>(Kept + 1);

        /// <summary>How much round trips differ, smoothed as in RFC 3550.</summary>
        public double JitterUs { get; private set; }

        public ClockEstimate()
        {
            Reset();
        }

        /// <summary>Add a ping: sent and returned on our clock, received and answered on theirs.</summary>
        public void Add(long sentUs, long receivedUs, long answeredUs, long returnedUs)
        {
            double roundTripUs = returnedUs - sentUs - (answeredUs - receivedUs);
            if (roundTripUs < 0 || answeredUs < receivedUs) return;
            if (measured.Count > 0)
            {
                var jitterUs = double.IsNaN(JitterUs) ? 0 : JitterUs;
                JitterUs = jitterUs + (Math.Abs(roundTripUs - RoundTripUs) - jitterUs) * Smoothed;
            }
            var offsetUs = (receivedUs - sentUs + (answeredUs - returnedUs)) / 2.0;
            measured.Add(new Measured { AtUs = returnedUs, OffsetUs = offsetUs, ErrorUs = roundTripUs / 2 });
            if (measured.Count > Kept) measured.RemoveAt(0);
        }

        /// <summary>Discard all pings: another server has another clock.</summary>
        public void Reset()
        {
            measured.Clear();
            JitterUs = double.NaN;
        }

        /// <summary>Their clock minus ours.</summary>
        public double OffsetUs
        {
            get { return measured.Count == 0 ? double.NaN : measured[Best()].OffsetUs; }
        }

        /// <summary>By how much <see cref="OffsetUs"/> may be wrong.</summary>
        public double ErrorUs
        {
            get { return measured.Count == 0 ? double.NaN : measured[Best()].ErrorUs; }
        }

        /// <summary>The newest round trip.</summary>
        public double RoundTripUs
        {
            get { return measured.Count == 0 ? double.NaN : measured[measured.Count - 1].ErrorUs * 2; }
        }

        private int Best()
        {
            var nowUs = measured[measured.Count - 1].AtUs;
            var best = 0;
            for (var i = 1; i < measured.Count; i++) if (Uncertainty(i, nowUs) <= Uncertainty(best, nowUs)) best = i;
            return best;
        }

        private double Uncertainty(int index, double nowUs)
        {
            return measured[index].ErrorUs + (nowUs - measured[index].AtUs) * Drift;
        }
    }
}
