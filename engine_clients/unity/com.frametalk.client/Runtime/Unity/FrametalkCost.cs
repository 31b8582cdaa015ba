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
        private static readonly float[] Most = new float[8]; // enough for the 99th percentile of 700 frames
        private static int count;
        private static int frame = -1;
        private static long ticks;
        private static float secondBegan;
        private static float closedAt;
        private static int secondFrames;

        /// <summary>How many full seconds were summed up.</summary>
        public static int Seconds { get; private set; }

        /// <summary>The newest full second; after a stall of a second another one begins.</summary>
        public static FrameCost Second { get; private set; }

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
                if (frame >= 0) Close((float)(ticks * 1000.0 / Stopwatch.Frequency));
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

        private static void Close(float costMs)
        {
            var now = Time.unscaledTime;
            var stalled = now - closedAt > 1f || now < secondBegan; // or play mode has begun again
            closedAt = now;
            Frames[count++ % Kept] = costMs;
            if (stalled)
            {
                secondBegan = now;
                secondFrames = 0;
                return;
            }

            Rank(costMs);
            secondFrames++;
            if (now - secondBegan < 1f) return;
            var above = Math.Min(secondFrames - 1 - (int)(0.99 * (secondFrames - 1)), Most.Length - 1);
            Second = new FrameCost { Frames = secondFrames, P99Ms = Most[above], MaxMs = Most[0] };
            Seconds++;
            secondBegan = now;
            secondFrames = 0;
        }

        /// <summary>Keeps the highest costs of the second, highest first: to sort them all would make garbage.</summary>
        private static void Rank(float costMs)
        {
            if (secondFrames == 0) Array.Clear(Most, 0, Most.Length);
            var at = Most.Length;
            while (at > 0 && Most[at - 1] < costMs) at--;
            if (at == Most.Length) return;
            Array.Copy(Most, at, Most, at + 1, Most.Length - at - 1);
            Most[at] = costMs;
        }

        /// <summary>Forgets all frames.</summary>
        [RuntimeInitializeOnLoadMethod(RuntimeInitializeLoadType.SubsystemRegistration)]
        public static void Clear()
        {
            count = 0;
            frame = -1;
            ticks = 0;
            secondBegan = closedAt = 0f;
            secondFrames = 0;
            Seconds = 0;
            Second = default(FrameCost);
        }
    }
}
