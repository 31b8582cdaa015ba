using System.Collections.Generic;

namespace Frametalk
{
    /// <summary>The times of the newest turns, and this client's own measurements. For the game's thread.</summary>
    public sealed class Latency
    {
        private const int Kept = 64;

        private readonly List<Waterfall> turns = new List<Waterfall>();

        /// <summary>This client's own measurements, renewed once a second; null before the first. The same object each time.</summary>
        public Stats Stats { get; internal set; }

        /// <summary>The newest turns, up to 64, oldest first.</summary>
        public IReadOnlyList<Waterfall> History
        {
            get { return turns; }
        }

        /// <summary>The newest turn; null before the first.</summary>
        public Waterfall Last
        {
            get { return turns.Count == 0 ? null : turns[turns.Count - 1]; }
        }

        /// <summary>The median of the measured turns, in milliseconds; null before the first.</summary>
        public double? MouthToEarMs
        {
            get
            {
                var measured = new List<double>();
                foreach (var turn in turns) if (turn.MouthToEarMs.HasValue) measured.Add(turn.MouthToEarMs.Value);
                measured.Sort();
                return measured.Count == 0 ? (double?)null : measured[measured.Count / 2];
            }
        }

        internal void Add(Waterfall waterfall)
        {
            turns.Add(waterfall);
            if (turns.Count > Kept) turns.RemoveAt(0);
        }
    }

    /// <summary>What a client cost the game's main thread in each frame of a second.</summary>
    public struct FrameCost
    {
        /// <summary>How many frames there were; 0: nothing is known.</summary>
        public int Frames;

        /// <summary>The 99th percentile, in milliseconds.</summary>
        public double P99Ms;

        /// <summary>The most in one frame, in milliseconds.</summary>
        public double MaxMs;
    }

    /// <summary>Percentiles of the newest measurements.</summary>
    public struct Spread
    {
        /// <summary>The median; NaN without measurements.</summary>
        public double P50;

        /// <summary>The 95th percentile; NaN without measurements.</summary>
        public double P95;

        /// <summary>How many measurements, up to 256.</summary>
        public int N;
    }

    /// <summary>This client's own measurements. Times are milliseconds; NaN: not measured yet.</summary>
    public sealed class Stats
    {
        /// <summary>From a microphone frame's last sample to the frame's being passed to the socket.</summary>
        public Spread CaptureToWireMs;

        /// <summary>From a reply's first frame to its first sample's being in the output.</summary>
        public Spread ReceivedToOutputMs;

        /// <summary>How much sound was buffered, sampled ten times a second.</summary>
        public Spread BufferedMs;

        /// <summary>The newest ping's round trip.</summary>
        public double RoundTripMs = double.NaN;

        /// <summary>How much round trips differ, smoothed as in RFC 3550.</summary>
        public double JitterMs = double.NaN;

        /// <summary>The server's clock minus ours.</summary>
        public double ClockOffsetMs = double.NaN;

        /// <summary>The largest possible error of <see cref="ClockOffsetMs"/>.</summary>
        public double ClockErrorMs = double.NaN;

        /// <summary>How often replies ran out of sound.</summary>
        public long Underruns;

        /// <summary>Microphone frames sent.</summary>
        public long MicFrames;

        /// <summary>Media frames of replies received.</summary>
        public long SpeechFrames;
    }
}
