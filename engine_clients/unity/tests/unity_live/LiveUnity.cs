using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Frametalk.Unity;
using UnityEngine;
using UnityEngine.Stub;

namespace Frametalk.Tests.Live
{
    /// <summary>
    /// A conversation in the tavern with a real server, through the stub's frame loop: `URL SOUNDS FPS [short]`. Prints what
    /// happened, and at the end `N passed, N failed`.
    /// </summary>
    internal static class LiveUnity
    {
        private static int passed;
        private static int failed;

        public static int Main(string[] args)
        {
            var fps = int.Parse(args[2], CultureInfo.InvariantCulture);
            var game = new LiveGame(args[0], args[1], fps);
            if (!game.Until(() => game.Session.State == ConnectionState.Open, 20))
            {
                Console.WriteLine("FAIL no server: " + game.Session.LastError);
                Console.WriteLine("0 passed, 1 failed");
                return 1;
            }

            Check("the character greets", game.Until(() => game.Ended.Count == 1) && game.Captions.Count > 0);
            if (args.Length < 4)
            {
                SpokenCommand(game);
                BargeIn(game);
                PushToTalk(game);
                Broken(game);
            }
            else
            {
                Typed(game);
            }

            Lips(game, fps);
            game.Stop();
            Check("nothing went wrong: " + string.Join("; ", Engine.Errors.Concat(Engine.Warnings).ToArray()), Engine.Errors.Count == 0 && Engine.Warnings.Count == 0);
            foreach (var text in game.Heard) Console.WriteLine("heard " + text);
            foreach (var text in game.Captions) Console.WriteLine("said  " + text);
            foreach (var tool in game.Tools) Console.WriteLine("tool  " + tool.Name + " " + tool.Args.Text("target") + " " + tool.State + " " + tool.Reason);
            foreach (var reply in game.Ended) Console.WriteLine("reply " + reply.Reply + " " + reply.How + " at " + reply.Sample);
            Console.WriteLine(passed + " passed, " + failed + " failed");
            return failed == 0 ? 0 : 1;
        }

        private static void SpokenCommand(LiveGame game)
        {
            var before = game.Ended.Count;
            game.Speak("open_door_bring_key");
            Check("a spoken command is answered", game.Until(() => game.Ended.Count > before && Idle(game)));
            Check("the door is open", FrametalkSceneObject.Find("door").Is("open"));
            Check("the player has the key", FrametalkSceneObject.Find("iron_key").Text("holder") == "player");
            Check("the waterfall was measured", game.Session.LastLatency != null && game.Session.LastLatency.MouthToEarMs.HasValue);
        }

        private static void BargeIn(LiveGame game)
        {
            var before = game.Ended.Count;
            var captions = game.Captions.Count;
            game.Session.Say("what do you know about the king");
            Check("the reply to a typed turn begins", game.Until(() => game.Captions.Count > captions));
            game.Speak("open_chest");
            Check("words over a reply interrupt it", game.Until(() => game.Ended.Count > before) && game.Ended[before].How == ReplyEnding.Interrupted);
            Check("they are a turn of their own", game.Until(() => game.Tools.Any(t => t.Name == "open" && t.State == ToolState.Refused)));
            Check("and the refusal is said", game.Until(() => game.Ended.Count > before + 1 && Idle(game)) && game.Captions.Any(c => c.Contains("locked")));
        }

        private static void PushToTalk(LiveGame game)
        {
            var before = game.Ended.Count;
            game.Microphone.Mode = MicMode.Ptt;
            game.Microphone.Press();
            game.Speak("unlock_chest");
            game.Microphone.Release();
            Check("push-to-talk is answered", game.Until(() => game.Ended.Count > before && Idle(game)));
            Check("the chest is unlocked", !FrametalkSceneObject.Find("chest").Is("locked"));
        }

        /// <summary>The test's relay cuts the connection when it reads CUT.</summary>
        private static void Broken(LiveGame game)
        {
            var before = game.Ended.Count;
            var captions = game.Captions.Count;
            var broke = false;
            var resumed = false;
            game.Session.Connection += e => broke |= e.State == ConnectionState.Waiting;
            game.Session.Welcomed += welcome => resumed |= welcome.Resumed;
            game.Session.Say("who are you");
            Check("a reply begins", game.Until(() => game.Captions.Count > captions));
            Console.WriteLine("CUT");
            Console.Out.Flush();
            Check("the connection breaks", game.Until(() => broke, 10));
            Check("and is resumed", game.Until(() => game.Session.State == ConnectionState.Open && resumed, 20));
            Check("the reply was heard to its end", game.Until(() => game.Ended.Count > before && Idle(game)) && game.Ended[before].How == ReplyEnding.Finished);
        }

        private static void Typed(LiveGame game)
        {
            foreach (var text in new[] { "who are you", "what do you know about the king" })
            {
                var before = game.Ended.Count;
                game.Session.Say(text);
                Check("answered: " + text, game.Until(() => game.Ended.Count > before && Idle(game)));
            }
        }

        private static void Lips(LiveGame game, int fps)
        {
            game.Until(() => false, 0.3);
            var atRest = true;
            for (var i = 0; i < game.Face.sharedMesh.blendShapeCount; i++) atRest &= game.Face.GetBlendShapeWeight(i) == 0f;
            Check("the mouth is at rest at the end", atRest);
            var errors = game.LipErrorsMs.ConvertAll(e => Math.Abs(e));
            errors.Sort();
            var signed = new List<double>(game.LipErrorsMs);
            signed.Sort();
            var p95 = errors.Count == 0 ? double.NaN : errors[(int)(0.95 * errors.Count)];
            Console.WriteLine(string.Format(
                CultureInfo.InvariantCulture,
                "lips at {0} fps: n {1}, median {2:F2} ms, p95 of the distance {3:F2} ms; our part of a frame: median {4:F3} ms, p99 {5:F3} ms",
                fps, errors.Count, signed.Count == 0 ? double.NaN : signed[signed.Count / 2], p95, FrametalkCost.QuantileMs(0.5f), FrametalkCost.QuantileMs(0.99f)));
            Check("the lips are within a frame of the sound", errors.Count > 2 * fps && p95 <= 1000.0 / fps);
        }

        private static bool Idle(LiveGame game)
        {
            return game.Session.LastTurn != null && game.Session.LastTurn.State == TurnPhase.Idle;
        }

        private static void Check(string what, bool so)
        {
            if (so) passed++;
            else failed++;
            if (!so) Console.WriteLine("FAIL " + what);
        }
    }
}
