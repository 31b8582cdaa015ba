using System;
using System.Collections.Generic;

namespace Frametalk
{
    /// <summary>Options of a session; each may be left as it is.</summary>
    public sealed class SessionOptions
    {
        /// <summary>The server's address: `ws:`, `wss:`, `http:` or `https:`; without a path: `/v1`.</summary>
        public string Url = "ws://localhost:8765";

        /// <summary>The character to talk to; empty: the server's first.</summary>
        public string Character = "";

        /// <summary>The language that is spoken, BCP 47; empty: English, or the voice's own.</summary>
        public string Language = "";

        /// <summary>The token that the server's operator issued, or that the game's backend signed.</summary>
        public string Token = "";

        /// <summary>How echo is handled. `None` is for headphones.</summary>
        public EchoPolicy Echo = EchoPolicy.Duck;

        /// <summary>What interrupts a reply.</summary>
        public Interruptible Interruptible = Interruptible.Default;

        /// <summary>Scopes whose tools the character may use in this session.</summary>
        public IReadOnlyList<string> Scopes = new string[0];

        /// <summary>What the player agrees to; null: the player was not asked.</summary>
        public Consent Consent;

        /// <summary>Whether the player is a child.</summary>
        public bool Child;

        /// <summary>The game's name, for the server's log.</summary>
        public string ClientName = "";

        /// <summary>The game's version, for the server's log.</summary>
        public string ClientVersion = "";

        /// <summary>The game engine and its version, for the server's log.</summary>
        public string Engine = "csharp";

        /// <summary>Whether a lost connection is opened again.</summary>
        public bool Reconnect = true;

        /// <summary>
        /// The rate of the sound that <see cref="Voice.Read"/> gives, samples per second; it can change later with
        /// <see cref="Voice.Reset"/>.
        /// </summary>
        public int OutputRateHz = 48000;

        /// <summary>How much sound is buffered before a reply starts, in milliseconds; at least twice the audio block.</summary>
        public double PrimeMs = 40;

        /// <summary>
        /// Makes the session's socket; null: a WebSocket over TCP or TLS. Tests and platforms without sockets set it.
        /// </summary>
        public Func<IFrametalkSocket> Socket;

        /// <summary>A monotonic clock in microseconds; null: the system's. Tests set it.</summary>
        public Func<long> NowUs;

        /// <summary>
        /// Whether the session runs on threads of its own, so that a slow frame delays neither sound nor reports. Without
        /// them <see cref="Session.Update"/> does all the work (tests, WebGL).
        /// </summary>
        public bool Threads = true;

        /// <summary>Whether a certificate that the system does not trust is accepted: for development only.</summary>
        public bool AcceptAnyCertificate;
    }
}
