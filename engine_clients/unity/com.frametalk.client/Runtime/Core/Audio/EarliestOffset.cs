using System;

namespace Frametalk
{
    /// <summary>
    /// Places a sample clock on the session's clock: readings come late, in bursts, so the earliest of the last ones counts.
    /// </summary>
    internal sealed class EarliestOffset
    {
        private const int Kept = 64;
        private const long JumpUs = 200000; // a larger change is a device that was opened again, or lost samples

        private readonly long[] offsets = new long[Kept];
        private int count;
        private int next;

        public void Reset()
        {
            count = 0;
            next = 0;
        }

        /// <summary>A reading: sample `frame` was at `atUs`. Returns when sample 0 was, as far as is known.</summary>
        public long Add(long frame, int rateHz, long atUs)
        {
            var offset = atUs - frame * 1000000 / rateHz;
            if (count > 0 && Math.Abs(offset - Earliest()) > JumpUs) Reset();
            offsets[next] = offset;
            next = (next + 1) % Kept;
            if (count < Kept) count++;
            return Earliest();
        }

        private long Earliest()
        {
            var earliest = offsets[0];
            for (var i = 1; i < count; i++) if (offsets[i] < earliest) earliest = offsets[i];
            return earliest;
        }
    }
}
