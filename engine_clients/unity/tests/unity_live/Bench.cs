using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using Frametalk.Unity;

namespace Frametalk.Tests.Live
{
    /// <summary>
    /// Typed turns with a server, measured in the stub's frames: `URL RESULT.json`. The greeting and the first reply are for warming up. Writes
    /// after each further reply frame_ms and lips_ms, a number for each frame in which the character talked, and garbage_bytes_per_frame.
    /// </summary>
    internal static class Bench
    {
        private const int Fps = 90;
        private static readonly string[] Turns =
        {
            "who are you", "what do you know about the king", "open the red door", "what can you do", "light the torch",
        };

        public static int Main(string[] args)
        {
            var game = new LiveGame(args[0], "", Fps);
            if (!game.Until(() => game.Session.State == ConnectionState.Open, 20))
            {
                Console.Error.WriteLine(game.Session.LastError);
                return 1;
            }

            if (!game.Until(() => game.Ended.Count == 1)) return Missing("the greeting");
            // The overlay writes 1 KB of text four times a second; a game that is played does not show it.
            game.Session.GetComponent<FrametalkOverlay>().Visible = false;
            foreach (var turn in Turns)
            {
                if (!Answered(game, turn)) return Missing(turn);
                if (turn != Turns[0])
                {
                    Write(args[1], game, Array.IndexOf(Turns, turn));
                    continue;
                }

                game.FrameMs.Clear();
                game.FrameBytes.Clear();
                game.LipErrorsMs.Clear();
            }

            game.Stop();
            return 0;
        }

        /// <summary>Replaces the result, which may be read at any time, by that of the replies up to now.</summary>
        private static void Write(string path, LiveGame game, int replies)
        {
            File.WriteAllText(
                path + ".new",
                "{\"engine\": \"Mono " + Environment.Version + "\", \"replies\": " + replies
                + ", \"frame_ms\": " + List(game.FrameMs) + ", \"lips_ms\": " + List(game.LipErrorsMs)
                + ", \"garbage_bytes_per_frame\": " + Number(game.FrameBytes.Average()) + "}\n");
            File.Delete(path);
            File.Move(path + ".new", path);
        }

        private static bool Answered(LiveGame game, string turn)
        {
            var before = game.Ended.Count;
            game.Session.Say(turn);
            return game.Until(() => game.Ended.Count > before && game.Session.LastTurn.State == TurnPhase.Idle);
        }

        private static int Missing(string what)
        {
            Console.Error.WriteLine("no reply came to: " + what);
            return 1;
        }

        private static string List(IEnumerable<double> values)
        {
            return "[" + string.Join(", ", values.Select(Number).ToArray()) + "]";
        }

        private static string Number(double value)
        {
            return value.ToString("0.####", CultureInfo.InvariantCulture);
        }
    }
}
