using System;
using System.Collections.Generic;
using System.Diagnostics;
using Frametalk.Unity;
using UnityEngine;
using UnityEngine.Stub;

namespace Frametalk.Tests.Stubbed
{
    /// <summary>
    /// A game in which everything goes on at once: a long reply with the marks of fluent speech, three meshes, an open
    /// microphone, twenty scene objects of which five move. For cost and garbage.
    /// </summary>
    internal sealed class TalkingGame
    {
        private const int RateHz = 22050;
        private const int Chunk = RateHz / 50;
        private static readonly string[] Own = { "sil", "PP", "FF", "TH", "DD", "kk", "CH", "SS", "nn", "RR", "aa", "E", "ih", "oh", "ou" };
        private static readonly string[] Words = { "the", "red", "door", "is", "open" };

        public readonly Game Game;
        private readonly short[] sound = new short[Chunk];
        private readonly List<Transform> walkers = new List<Transform>();
        private readonly int fps;
        private int reply;
        private long sent;
        private long marked;
        private int shape;

        public TalkingGame(int fps)
        {
            this.fps = fps;
            Game = new Game(fps);
            Engine.Device.Recording = false;
            Engine.Microphone.Voice = n => ((n * 7919) % 200) / 2000f - 0.05f;
            Game.AddCharacter();
            var head = new GameObject("head");
            for (var i = 0; i < 3; i++)
            {
                var part = new GameObject("part " + i);
                part.transform.SetParent(head.transform);
                part.AddComponent<SkinnedMeshRenderer>().sharedMesh = Game.MeshWith(Own);
            }

            head.AddComponent<FrametalkLipSync>();
            new GameObject("microphone").AddComponent<FrametalkMicrophone>();
            for (var i = 0; i < 20; i++)
            {
                var thing = new GameObject("thing " + i).AddComponent<FrametalkSceneObject>();
                if (i < 5) walkers.Add(thing.transform);
            }

            Game.Open();
            for (var i = 0; i < sound.Length; i++) sound[i] = (short)(8000 * Math.Sin(2 * Math.PI * 200 * i / RateHz));
            Game.Server.Deaf = true;
            Begin();
        }

        /// <summary>Seconds that our components took on the main thread in the newest frame.</summary>
        public double FrameSeconds { get; private set; }

        /// <summary>Bytes that the main thread allocated in the newest frame.</summary>
        public long FrameBytes { get; private set; }

        /// <summary>Bytes that the audio callbacks before the newest frame allocated.</summary>
        public long AudioBytes { get; private set; }

        /// <summary>One frame, of which only Engine.Frame is measured; the server's messages come between frames.</summary>
        public void Frame()
        {
            Feed();
            if (Engine.FrameCount % 30 == 0) foreach (var walker in walkers) walker.position += new Vector3(0.3f, 0f, 0f);
            var audioBefore = Allocated();
            Game.Sound();
            AudioBytes = Allocated() - audioBefore;
            var bytes = Allocated();
            var began = Stopwatch.GetTimestamp();
            Engine.Frame(Game.Now);
            FrameSeconds = (Stopwatch.GetTimestamp() - began) / (double)Stopwatch.Frequency;
            FrameBytes = Allocated() - bytes;
        }

        /// <summary>Ends the reply, and begins another one.</summary>
        public void NextReply()
        {
            Game.Server.Media(reply, sent, sound, 0, 0, true);
            Game.Server.Send("reply.end", "reply", reply, "samples", sent);
            while (Game.Session.Speaking)
            {
                Confirm();
                Game.Frame();
            }

            Begin();
        }

        public static long Allocated()
        {
            return GC.GetAllocatedBytesForCurrentThread();
        }

        /// <summary>Once a second the server confirms what has arrived, so that it need not be kept.</summary>
        private void Confirm()
        {
            if (Engine.FrameCount % fps == 0) Game.Server.Send("received", "messages", Game.Server.Counted, "mic_sample", Game.Server.Heard);
        }

        private void Begin()
        {
            reply++;
            sent = marked = 0;
            Game.Server.Send("reply.begin", "reply", reply, "turn", 1, "stream", reply, "rate_hz", RateHz);
        }

        /// <summary>Keeps 400 ms of sound and half a second of marks ahead.</summary>
        private void Feed()
        {
            Confirm();
            var mouth = Game.Session.Core.Mouth;
            var heard = mouth.Reply == reply ? (long)mouth.Sample : 0;
            for (; sent < heard + (RateHz * 4 / 10); sent += Chunk) Game.Server.Media(reply, sent, sound, 0, Chunk, false);
            if (marked > heard + (RateHz / 2)) return;
            var marks = new List<byte>();
            var names = new List<object>();
            for (var i = 0; i < 12; i++)
            {
                FakeServer.Mark(marks, i * 1500, (i + 1) * 1500, shape++ % 15, 0.8);
                if (i % 4 != 0) continue;
                FakeServer.Mark(marks, i * 1500, (i + 4) * 1500, 16, 1);
                names.Add(Words[shape % Words.Length]);
            }

            Game.Server.Send("reply.marks", "reply", reply, "at", marked, "marks", marks.ToArray(), "names", names);
            marked += 12 * 1500;
        }
    }
}
