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
        private const int WarmUpFrames = 500;
        private const int Frames = 4000;

        public static int Main(string[] args)
        {
            var fps = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 90;
            var game = new TalkingGame(fps);
            for (var i = 0; i < WarmUpFrames; i++) game.Frame();
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
            Console.WriteLine(string.Format(
                CultureInfo.InvariantCulture,
                "{{\"engine\": \"csharp\", \"fps\": {0}, \"frames\": {1}, \"frame_ms\": {{\"p50\": {2:F4}, \"p95\": {3:F4}, \"p99\": {4:F4}, \"max\": {5:F4}}}, "
                + "\"garbage_bytes_per_frame\": {6:F3}, \"audio_garbage_bytes_per_frame\": {7:F3}, \"control_bytes_per_frame\": {8:F1}}}",
                fps, Frames, At(costs, 0.5), At(costs, 0.95), At(costs, 0.99), costs[costs.Count - 1],
                bytes / (double)Frames, audio / (double)Frames, wasted / 100.0));
            return bytes == 0 && wasted > 0 ? 0 : 1;
        }

        private static double At(List<double> sorted, double quantile)
        {
            return sorted[(int)Math.Ceiling(quantile * sorted.Count) - 1];
        }
    }
}
