using System;
using System.Collections.Generic;
using System.Globalization;
using Frametalk.Tests.Stubbed;

namespace Frametalk.Tests.Live
{
    /// <summary>
    /// What the Unity layer costs the main thread in a frame of the stub with a talking character, and its garbage; with a
    /// control that allocates. Prints JSON.
    /// </summary>
    internal static class Cost
    {
        private const int WarmUpFrames = 5000;
        private const int Frames = 4000;
        private const double MedianMs = 0.1;
        private const double P99Ms = 0.3;

        public static int Main(string[] args)
        {
            var fps = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 90;
            var game = new TalkingGame(fps);
            // The buffers of a reply grow with its length, and are used again by the next but one.
            for (var reply = 0; reply < 2; reply++)
            {
                for (var i = 0; i < WarmUpFrames; i++) game.Frame();
                game.NextReply();
            }

            for (var i = 0; i < fps; i++) game.Frame();
            var costs = new List<double>(Frames);
            long bytes = 0;
            long audio = 0;
            for (var i = 0; i < Frames; i++)
            {
                game.Frame();
                costs.Add(game.FrameSeconds * 1000);
                bytes += game.FrameBytes;
                audio += game.AudioBytes;
            }

            long wasted = 0;
            new UnityEngine.GameObject("wasteful").AddComponent<Wasteful>();
            game.Frame();
            for (var i = 0; i < 100; i++)
            {
                game.Frame();
                wasted += game.FrameBytes;
            }

            costs.Sort();
            var p50 = At(costs, 0.5);
            var p99 = At(costs, 0.99);
            Console.WriteLine(
                "{\"engine\": \"csharp\", \"fps\": " + fps + ", \"frames\": " + Frames
                + ", \"frame_ms\": {\"p50\": " + Ms(p50) + ", \"p95\": " + Ms(At(costs, 0.95)) + ", \"p99\": " + Ms(p99) + ", \"max\": " + Ms(costs[Frames - 1])
                + "}, \"garbage_bytes_per_frame\": " + Ms(bytes / (double)Frames) + ", \"audio_garbage_bytes_per_frame\": " + Ms(audio / (double)Frames)
                + ", \"control_bytes_per_frame\": " + Ms(wasted / 100.0) + "}");
            var good = 0;
            if (bytes == 0 && audio == 0 && wasted > 0) good++;
            if (p50 <= MedianMs && p99 <= P99Ms) good++;
            Console.WriteLine(good + " passed, " + (2 - good) + " failed");
            return good == 2 ? 0 : 1;
        }

        private static string Ms(double value)
        {
            return value.ToString("0.####", CultureInfo.InvariantCulture);
        }

        private static double At(List<double> sorted, double quantile)
        {
            return sorted[(int)Math.Ceiling(quantile * sorted.Count) - 1];
        }
    }
}
