using System.Diagnostics;

namespace Frametalk
{
    /// <summary>The system's monotonic clock.</summary>
    internal static class SystemClock
    {
        /// <summary>Microseconds from any zero.</summary>
        public static long NowUs()
        {
            var ticks = Stopwatch.GetTimestamp();
            var whole = ticks / Stopwatch.Frequency;
            return whole * 1000000 + (ticks - whole * Stopwatch.Frequency) * 1000000 / Stopwatch.Frequency;
        }
    }
}
