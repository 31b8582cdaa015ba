namespace Frametalk
{
    /// <summary>
    /// When a device's block of sound leaves the loudspeaker. Blocks are asked for in bursts and late, so the earliest
    /// requests of the last blocks count. For one audio thread.
    /// </summary>
    public sealed class OutputClock
    {
        private readonly EarliestOffset offset = new EarliestOffset();
        private long frames;
        private int rateHz;

        /// <summary>The device's own delay after the block was filled, in microseconds: its buffers.</summary>
        public long LatencyUs { get; set; }

        /// <summary>Makes a clock for a device of this rate.</summary>
        public OutputClock(int rateHz)
        {
            Reset(rateHz);
        }

        /// <summary>The device was opened again.</summary>
        public void Reset(int deviceRateHz)
        {
            rateHz = deviceRateHz;
            frames = 0;
            offset.Reset();
        }

        /// <summary>
        /// A block of `blockFrames` frames is asked for at `nowUs`: returns when its first frame leaves the loudspeaker. Call
        /// it once for each block.
        /// </summary>
        public long Block(int blockFrames, long nowUs)
        {
            var zeroUs = offset.Add(frames, rateHz, nowUs);
            var atUs = zeroUs + frames * 1000000 / rateHz + LatencyUs;
            frames += blockFrames;
            return atUs;
        }
    }
}
