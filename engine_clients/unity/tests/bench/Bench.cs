using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using Frametalk.Unity;

namespace Frametalk.Tests.Live
{
    /// <summary>
    /// `frametalk bench client --engine csharp`: `URL RESULT`. Talks with a server through the stub's frame loop, and writes what
    /// each frame in which a reply is heard cost the main thread, the lips' distance from the sound, and the garbage.
    /// </summary>
    internal static class Bench
    {
        private const int Fps = 90;
        private const int Room = 100000; // so that the lists do not grow while it is measured
        private static readonly string[] Turns = { "who are you", "open the red door", "what do you know about the king", "read the letter" };

        public static int Main(string[] args)
        {
            var game = new LiveGame(args[0], "", Fps);
            game.Session.GetComponent<FrametalkOverlay>().enabled = false; // it writes text
            game.LipErrorsMs.Capacity = Room;
            game.Captions.Capacity = game.Ended.Capacity = game.Tools.Capacity = Room;
            var costs = new List<float>(Room);
            long bytes = 0;
            // The greeting, and the first turn: code is compiled, and buffers grow.
            if (!game.Until(() => game.Ended.Count == 1) || !Talk(game, Turns[0], costs, ref bytes)) return Fail("no reply");
            var warm = game.Ended.Count;
            game.LipErrorsMs.Clear();
            costs.Clear();
            bytes = 0;
            foreach (var turn in Turns) if (!Talk(game, turn, costs, ref bytes)) return Fail("no reply to: " + turn);
            game.Stop();
            File.WriteAllText(
                args[1],
                "{\"engine\": \"Unity layer on mono\", \"replies\": " + (game.Ended.Count - warm) + ", \"frame_ms\": ["
                + Joined(costs.Select(cost => (double)cost)) + "], \"lips_ms\": [" + Joined(game.LipErrorsMs)
                + "], \"garbage_bytes_per_frame\": " + Shown(bytes / (double)Math.Max(1, costs.Count)) + "}\n");
            return 0;
        }

        /// <summary>Types a turn and runs frames until its reply has ended. Returns whether it did.</summary>
        private static bool Talk(LiveGame game, string text, List<float> costs, ref long bytes)
        {
            var before = game.Ended.Count;
            game.Session.Say(text);
            var until = game.Now + 30;
            while (game.Ended.Count == before && game.Now < until)
            {
                var speaking = game.Session.Speaking;
                var allocated = GC.GetAllocatedBytesForCurrentThread();
                game.Frame();
                if (!speaking || !game.Session.Speaking) continue;
                bytes += GC.GetAllocatedBytesForCurrentThread() - allocated;
                costs.Add(FrametalkCost.LastMs); // of the frame before
            }
            return game.Ended.Count > before && game.Until(() => game.Session.LastTurn.State == TurnPhase.Idle);
        }

        private static string Joined(IEnumerable<double> values)
        {
            return string.Join(", ", values.Select(Shown).ToArray());
        }

        private static string Shown(double value)
        {
            return value.ToString("0.#####", CultureInfo.InvariantCulture);
        }

        private static int Fail(string why)
        {
            Console.WriteLine(why);
            return 1;
        }
    }
}
