using System;

namespace Frametalk
{
    /// <summary>
    /// When a device's block of sound leaves the loudspeaker. Blocks are asked for in bursts and late, so the earliest
    /// requests of the last seconds count. For one audio thread.
    /// </summary>
    public sealed class OutputClock
    {
        private const int Kept = 64; // blocks
        private const long JumpUs = 200000; // a larger change is a device that was opened again

        private readonly long[] offsets = new long[Kept];
        private int count;
        private int next;
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
            count = 0;
            next = 0;
            frames = 0;
        }

        /// <summary>
        /// A block of `blockFrames` frames is asked for at `nowUs`: returns when its first frame leaves the loudspeaker. Call
        /// it once for each block.
        /// </summary>
        public long Block(int blockFrames, long nowUs)
        {
            var rendered = frames * 1000000 / rateHz;
            var offset = nowUs - rendered;
            if (count > 0 && Math.Abs(offset - Earliest()) > JumpUs) count = next = 0;
            offsets[next] = offset;
            next = (next + 1) % Kept;
            if (count < Kept) count++;
            frames += blockFrames;
            return rendered + Earliest() + LatencyUs;
        }

        private long Earliest()
        {
            var earliest = offsets[0];
            for (var i = 1; i < count; i++) if (offsets[i] < earliest) earliest = offsets[i];
            return earliest;
        }
    }
}
