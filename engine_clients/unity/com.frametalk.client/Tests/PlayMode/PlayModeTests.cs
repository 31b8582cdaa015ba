using System;
using System.Collections;
using Frametalk.Unity;
using NUnit.Framework;
using UnityEngine;
using UnityEngine.TestTools;
using Object = UnityEngine.Object;

namespace Frametalk.Tests
{
    /// <summary>Components in play mode, with a socket that never opens. These run in Unity's test runner, and on the stub.</summary>
    public class PlayModeTests
    {
        private GameObject rig;

        [TearDown]
        public void CleanUp()
        {
            if (rig != null) Object.DestroyImmediate(rig);
        }

        [UnityTest]
        public IEnumerator ASessionConnectsAtTheStart()
        {
            var socket = new SilentSocket();
            var session = Rig(socket);
            yield return null;
            yield return null;
            Assert.AreEqual(ConnectionState.Connecting, session.State);
            Assert.AreEqual(1, socket.Opened);
        }

        [UnityTest]
        public IEnumerator TheVoiceLoopsAndTheMouthIsAtRest()
        {
            var session = Rig(new SilentSocket());
            var character = rig.AddComponent<FrametalkCharacter>();
            character.Session = session;
            var lips = rig.AddComponent<FrametalkLipSync>();
            yield return null;
            yield return null;
            Assert.IsTrue(rig.GetComponent<AudioSource>().isPlaying);
            Assert.IsTrue(rig.GetComponent<AudioSource>().loop);
            Assert.IsFalse(lips.Moving);
        }

        [UnityTest]
        public IEnumerator ADestroyedSessionClosesItsSocket()
        {
            var socket = new SilentSocket();
            Rig(socket);
            yield return null;
            yield return null;
            Object.DestroyImmediate(rig);
            yield return null;
            Assert.IsTrue(socket.Closed);
        }

        private FrametalkSession Rig(SilentSocket socket)
        {
            rig = new GameObject("rig");
            rig.SetActive(false);
            var session = rig.AddComponent<FrametalkSession>();
            session.Configure = options =>
            {
                options.Socket = () => socket;
                options.Threads = false;
            };
            rig.SetActive(true);
            return session;
        }

        private sealed class SilentSocket : IFrametalkSocket
        {
            public int Opened;
            public bool Closed;

            public void Open(Uri url, IFrametalkSocketEvents events)
            {
                Opened++;
            }

            public void Send(byte[] data, int offset, int count)
            {
            }

            public void Close(int code)
            {
                Closed = true;
            }
        }
    }
}
