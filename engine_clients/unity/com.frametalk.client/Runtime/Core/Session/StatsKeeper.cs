using System;

namespace Frametalk
{
    /// <summary>The newest 256 of some measurements.</summary>
    internal sealed class Window
    {
        private const int Kept = 256;

        private readonly double[] values = new double[Kept];
        private readonly double[] sorted = new double[Kept];
        private int count;
        private int next;

        public void Add(double value)
        {
            values[next] = value;
            next = (next + 1) % Kept;
            if (count < Kept) count++;
        }

        public Spread Spread()
        {
            Array.Copy(values, sorted, count);
            Sort();
            return new Spread { P50 = At(0.5), P95 = At(0.95), N = count };
        }

        /// <summary>Shell's sort: Array.Sort makes garbage.</summary>
        private void Sort()
        {
            for (var gap = count / 2; gap > 0; gap /= 2)
            {
                for (var i = gap; i < count; i++)
                {
                    var value = sorted[i];
                    var at = i;
                    for (; at >= gap && sorted[at - gap] > value; at -= gap) sorted[at] = sorted[at - gap];
                    sorted[at] = value;
                }
            }
        }

        private double At(double part)
        {
            return count == 0 ? double.NaN : sorted[(int)(part * (count - 1))];
        }
    }

    /// <summary>Collects this client's own measurements.</summary>
    internal sealed class StatsKeeper
    {
        public readonly ClockEstimate Clock = new ClockEstimate();
        public readonly Window CaptureToWireMs = new Window();
        public readonly Window ReceivedToOutputMs = new Window();
        public readonly Window BufferedMs = new Window();
        public long Underruns;
        public long MicFrames;
        public long SpeechFrames;

        public void CopyTo(Stats stats)
        {
            stats.CaptureToWireMs = CaptureToWireMs.Spread();
            stats.ReceivedToOutputMs = ReceivedToOutputMs.Spread();
            stats.BufferedMs = BufferedMs.Spread();
            stats.RoundTripMs = Clock.RoundTripUs / 1000;
            stats.JitterMs = Clock.JitterUs / 1000;
            stats.ClockOffsetMs = Clock.OffsetUs / 1000;
            stats.ClockErrorMs = Clock.ErrorUs / 1000;
            stats.Underruns = Underruns;
            stats.MicFrames = MicFrames;
            stats.SpeechFrames = SpeechFrames;
        }
    }
}
