using System;
using System.Collections.Generic;
using System.Globalization;
using Frametalk.Tests.Stubbed;

namespace Frametalk.Tests.Live
{
    /// <summary>
    /// What the Unity layer costs the main thread in a frame of the stub with a talking character, and its garbage; with a
    /// control that allocates. Times are the best of some rounds, since other programs can only add to them. Prints JSON.
    /// </summary>
    internal static class Cost
    {
        private const int WarmUpFrames = 3000;
        private const int Rounds = 4;
        private const int Frames = 2000;
        private const int ControlFrames = 100;
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

            long bytes = 0;
            long audio = 0;
            var best = new[] { double.MaxValue, double.MaxValue, double.MaxValue };
            for (var round = 0; round < Rounds; round++)
            {
                var costs = new List<double>(Frames);
                for (var i = 0; i < Frames; i++)
                {
                    game.Frame();
                    costs.Add(game.FrameSeconds * 1000);
                    bytes += game.FrameBytes;
                    audio += game.AudioBytes;
                }

                costs.Sort();
                best[0] = Math.Min(best[0], At(costs, 0.5));
                best[1] = Math.Min(best[1], At(costs, 0.95));
                best[2] = Math.Min(best[2], At(costs, 0.99));
                game.NextReply();
                for (var i = 0; i < fps; i++) game.Frame();
            }

            var wasted = Control(game);
            Console.WriteLine(
                "{\"engine\": \"csharp\", \"fps\": " + fps + ", \"rounds\": " + Rounds + ", \"frames\": " + Frames
                + ", \"frame_ms\": {\"p50\": " + Shown(best[0]) + ", \"p95\": " + Shown(best[1]) + ", \"p99\": " + Shown(best[2])
                + "}, \"garbage_bytes_per_frame\": " + Shown(bytes / (double)(Rounds * Frames))
                + ", \"audio_garbage_bytes_per_frame\": " + Shown(audio / (double)(Rounds * Frames))
                + ", \"control_bytes_per_frame\": " + Shown(wasted / (double)ControlFrames) + "}");
            return Judge(bytes == 0, audio == 0, wasted >= 24 * ControlFrames, best[0] <= MedianMs, best[2] <= P99Ms);
        }

        /// <summary>What a script that allocates adds: the measurement must see it.</summary>
        private static long Control(TalkingGame game)
        {
            new UnityEngine.GameObject("wasteful").AddComponent<Wasteful>();
            game.Frame();
            long wasted = 0;
            for (var i = 0; i < ControlFrames; i++)
            {
                game.Frame();
                wasted += game.FrameBytes;
            }

            return wasted;
        }

        private static int Judge(params bool[] checks)
        {
            var good = 0;
            foreach (var check in checks) if (check) good++;
            Console.WriteLine(good + " passed, " + (checks.Length - good) + " failed");
            return good == checks.Length ? 0 : 1;
        }

        private static string Shown(double value)
        {
            return value.ToString("0.####", CultureInfo.InvariantCulture);
        }

        private static double At(List<double> sorted, double quantile)
        {
            return sorted[(int)Math.Ceiling(quantile * sorted.Count) - 1];
        }
    }
}
