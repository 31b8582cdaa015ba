using System;

namespace Frametalk
{
    /// <summary>The viseme marks of one reply; computes weights from the marks near a sample only.</summary>
    public sealed class MouthScript
    {
        private Mark[] marks = new Mark[256];
        private int count;
        private long longest;
        private double rateHz = 1000;

        /// <summary>How many marks there are.</summary>
        public int Count
        {
            get { return count; }
        }

        /// <summary>Begin another reply, whose clock has this rate.</summary>
        public void Begin(double clockRateHz)
        {
            count = 0;
            longest = 0;
            rateHz = clockRateHz;
        }

        /// <summary>Add a mark; others than visemes are ignored.</summary>
        public void Add(ref Mark mark)
        {
            if (mark.Kind != MarkKind.Viseme || mark.Viseme < 0) return;
            if (count == marks.Length) Array.Resize(ref marks, 2 * count);
            // They come in order, so this is nearly always the end.
            var at = count;
            while (at > 0 && marks[at - 1].At > mark.At) at--;
            if (at < count) Array.Copy(marks, at, marks, at + 1, count - at);
            marks[at] = mark;
            count++;
            longest = Math.Max(longest, mark.End - mark.At);
        }

        /// <summary>The weights at sample `t`; `cutAt`: where the reply was cut, or null.</summary>
        public void Weights(double t, double? cutAt, float[] into)
        {
            var near = cutAt.HasValue ? Math.Min(t, cutAt.Value) : t;
            var reach = MouthCurve.ReachMs * rateHz / 1000;
            var from = FirstFrom(near - reach - longest);
            var to = from;
            while (to < count && marks[to].At < near + reach) to++;
            MouthCurve.Weights(marks, from, to - from, t, rateHz, cutAt, into);
        }

        private int FirstFrom(double at)
        {
            var low = 0;
            var high = count;
            while (low < high)
            {
                var middle = (low + high) / 2;
                if (marks[middle].At < at) low = middle + 1;
                else high = middle;
            }
            return low;
        }
    }
}
