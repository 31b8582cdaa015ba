using System;
using System.Diagnostics;
using UnityEngine;

namespace Frametalk.Unity
{
    /// <summary>
    /// What this package costs the main thread in each frame. Main thread only; the newest 256 frames count. It allocates
    /// nothing.
    /// </summary>
    public static class FrametalkCost
    {
        private const int Kept = 256;

        private static readonly float[] Frames = new float[Kept];
        private static readonly float[] Sorted = new float[Kept];
        private static int count;
        private static int frame = -1;
        private static long ticks;

        /// <summary>The clock that <see cref="Add"/> reads, in its own ticks.</summary>
        public static long Now
        {
            get { return Stopwatch.GetTimestamp(); }
        }

        /// <summary>How many frames are kept, up to 256.</summary>
        public static int Count
        {
            get { return Math.Min(count, Kept); }
        }

        /// <summary>The newest complete frame, in milliseconds.</summary>
        public static float LastMs
        {
            get { return count == 0 ? 0f : Frames[(count - 1) % Kept]; }
        }

        /// <summary>Counts the time since `began`, a value of <see cref="Now"/>, to the present frame.</summary>
        public static void Add(long began)
        {
            if (Time.frameCount != frame)
            {
                if (frame >= 0) Frames[count++ % Kept] = (float)(ticks * 1000.0 / Stopwatch.Frequency);
                frame = Time.frameCount;
                ticks = 0;
            }

            ticks += Stopwatch.GetTimestamp() - began;
        }

        /// <summary>The share `quantile` (0 to 1) of the kept frames costs at most this, in milliseconds.</summary>
        public static float QuantileMs(float quantile)
        {
            if (Count == 0) return 0f;
            Array.Copy(Frames, Sorted, Count);
            Array.Sort(Sorted, 0, Count);
            return Sorted[Mathf.Clamp(Mathf.CeilToInt(quantile * Count) - 1, 0, Count - 1)];
        }

        /// <summary>Forgets all frames.</summary>
        [RuntimeInitializeOnLoadMethod(RuntimeInitializeLoadType.SubsystemRegistration)]
        public static void Clear()
        {
            count = 0;
            frame = -1;
            ticks = 0;
        }
    }
}
