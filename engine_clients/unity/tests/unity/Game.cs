using System;
using Frametalk.Unity;
using NUnit.Framework;
using UnityEngine;
using UnityEngine.Stub;

namespace Frametalk.Tests.Stubbed
{
    /// <summary>A game on the stub with a fake server, on virtual time: frames and sound blocks in turn.</summary>
    internal sealed class Game
    {
        public readonly FakeServer Server = new FakeServer();
        public readonly FrametalkSession Session;
        private readonly int fps;
        private double now;
        private long frame;
        private double sound;

        public Game(int fps = 90, bool connect = true)
        {
            Engine.Reset();
            this.fps = fps;
            var player = new GameObject("player rig");
            player.SetActive(false);
            Session = player.AddComponent<FrametalkSession>();
            Session.ConnectOnStart = connect;
            Session.Configure = options =>
            {
                options.Threads = false;
                options.Socket = () => Server;
                options.NowUs = () => (long)(now * 1e6) + 1000000;
            };
            player.SetActive(true);
        }

        /// <summary>Seconds since the start.</summary>
        public double Now
        {
            get { return now; }
        }

        public FrametalkCharacter AddCharacter()
        {
            var body = new GameObject("character");
            body.AddComponent<AudioSource>();
            var character = body.AddComponent<FrametalkCharacter>();
            Engine.Device.Look();
            return character;
        }

        /// <summary>A face with these blend shapes, and lip-sync.</summary>
        public FrametalkLipSync AddLips(params string[] shapes)
        {
            var head = new GameObject("head");
            head.AddComponent<SkinnedMeshRenderer>().sharedMesh = MeshWith(shapes);
            return head.AddComponent<FrametalkLipSync>();
        }

        public static Mesh MeshWith(params string[] shapes)
        {
            var mesh = new Mesh { vertices = new Vector3[1] };
            foreach (var shape in shapes) mesh.AddBlendShapeFrame(shape, 100f, new Vector3[1], null, null);
            return mesh;
        }

        /// <summary>Fails if a text does not contain a part.</summary>
        public static void Mentions(string text, string part)
        {
            Assert.IsTrue(text.Contains(part), "\"" + part + "\" is not in \"" + text + "\"");
        }

        /// <summary>Runs frames for some time.</summary>
        public void Run(double seconds)
        {
            var until = now + seconds;
            while (now < until) Frame();
        }

        /// <summary>Runs frames until something is so. Throws after some seconds.</summary>
        public void Until(Func<bool> so, double seconds = 5)
        {
            var until = now + seconds;
            while (!so())
            {
                if (now > until) throw new TimeoutException("it did not become so within " + seconds + " s");
                Frame();
            }
        }

        /// <summary>One frame: the sound blocks that are due before it come at their own times.</summary>
        public void Frame()
        {
            Sound();
            Engine.Frame(now);
        }

        /// <summary>The sound blocks until the next frame begins.</summary>
        public void Sound()
        {
            var begins = ++frame / (double)fps;
            for (; sound < begins; sound += 0.001)
            {
                now = sound;
                Engine.Device.Pull(now);
            }

            now = begins;
        }

        /// <summary>Connects, and lets the first messages pass.</summary>
        public void Open()
        {
            Until(() => Session.State == ConnectionState.Open);
        }
    }
}
