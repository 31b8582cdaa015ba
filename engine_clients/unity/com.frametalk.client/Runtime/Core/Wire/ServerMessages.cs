using System.Collections.Generic;

namespace Frametalk
{
    /// <summary>The server's answer to `hello`.</summary>
    public sealed class Welcome
    {
        /// <summary>The protocol's version, 1.</summary>
        public long Protocol { get; internal set; }

        /// <summary>The session's id, for logs.</summary>
        public string Session { get; internal set; }

        /// <summary>Which character speaks.</summary>
        public string Character { get; internal set; }

        /// <summary>The language that the voice speaks, by its own tag.</summary>
        public string Language { get; internal set; }

        /// <summary>The language that the recogniser listens for, by its own tag.</summary>
        public string MicLanguage { get; internal set; }

        /// <summary>The server's name and version.</summary>
        public string Server { get; internal set; }

        /// <summary>Whether an earlier session continues.</summary>
        public bool Resumed { get; internal set; }

        /// <summary>Why the earlier session does not continue: an error's code; else empty.</summary>
        public string NotResumed { get; internal set; }

        /// <summary>The scene's revision at the server; null: it is empty still.</summary>
        public long? SceneRev { get; internal set; }

        /// <summary>Usual rates of microphones.</summary>
        public IReadOnlyList<int> MicRatesHz { get; internal set; }

        /// <summary>The usual rate of replies.</summary>
        public int RateHz { get; internal set; }

        /// <summary>The echo policy in force.</summary>
        public EchoPolicy Echo { get; internal set; }

        /// <summary>What interrupts a reply.</summary>
        public Interruptible Interruptible { get; internal set; }

        /// <summary>The optional features of this session.</summary>
        public IReadOnlyList<string> Features { get; internal set; }

        /// <summary>The limits in force.</summary>
        public Limits Limits { get; internal set; }

        /// <summary>Codecs that the microphone may use.</summary>
        public IReadOnlyList<string> MicCodecs { get; internal set; }

        /// <summary>The usual codec of replies.</summary>
        public string Codec { get; internal set; }

        /// <summary>A sentence for the player, in the session's language: a machine speaks. Show it before the first turn.</summary>
        public string Disclosure { get; internal set; }

        /// <summary>The licence of the character's voice, if it is known.</summary>
        public string VoiceLicence { get; internal set; }

        /// <summary>What this session does with the player's words and sound.</summary>
        public Consent Consent { get; internal set; }

        /// <summary>Whether the session is one for children.</summary>
        public bool Child { get; internal set; }

        internal long Seq;
        internal string Resume;
        internal long Received;
        internal long? MicSample;
    }

    /// <summary>What a player agrees to, or what a session does.</summary>
    public sealed class Consent
    {
        /// <summary>Words of the conversation are stored.</summary>
        public bool Store;

        /// <summary>The player's sound is stored.</summary>
        public bool Record;

        /// <summary>Engines on machines of other companies get what the player says.</summary>
        public bool ThirdParty;
    }

    /// <summary>The limits that server and client keep.</summary>
    public sealed class Limits
    {
        /// <summary>The longest message, in bytes.</summary>
        public long MessageBytes { get; internal set; }

        /// <summary>How far the server sends sound ahead of what was played.</summary>
        public double LeadMs { get; internal set; }

        /// <summary>How often `played` is due while a reply plays.</summary>
        public double PlayedEveryMs { get; internal set; }

        /// <summary>How long microphone frames should be.</summary>
        public double MicFrameMs { get; internal set; }

        /// <summary>The most tools in `hello`.</summary>
        public long Tools { get; internal set; }

        /// <summary>The most entities in the scene.</summary>
        public long Entities { get; internal set; }

        /// <summary>How long a session whose connection broke waits; 0: none does.</summary>
        public double ResumeMs { get; internal set; }

        /// <summary>How long a game may stand still.</summary>
        public double PauseMs { get; internal set; }
    }

    /// <summary>What the character is doing now, for its body.</summary>
    public sealed class TurnState
    {
        /// <summary>What the character is doing.</summary>
        public TurnPhase State { get; internal set; }

        /// <summary>The turn it is about.</summary>
        public long Turn { get; internal set; }

        /// <summary>The reply it is about; null: none.</summary>
        public long? Reply { get; internal set; }

        /// <summary>In `ducked`: whether the reply is paused.</summary>
        public bool Paused { get; internal set; }

        /// <summary>A gesture for the body to make once, now: `nod`, `think`; else empty.</summary>
        public string Gesture { get; internal set; }

        /// <summary>The server's clock, in microseconds.</summary>
        public long TUs { get; internal set; }

        internal long Seq;
    }

    /// <summary>The text of the player's turn as understood so far.</summary>
    public sealed class Transcript
    {
        /// <summary>The turn's id.</summary>
        public long Turn { get; internal set; }

        /// <summary>The turn's revision; a higher one replaces all lower ones.</summary>
        public long Rev { get; internal set; }

        /// <summary>All that is understood so far.</summary>
        public string Text { get; internal set; }

        /// <summary>How many characters (Unicode code points) will not change.</summary>
        public long Stable { get; internal set; }

        /// <summary>Whether it is the turn's last transcript, unless the player continues.</summary>
        public bool Final { get; internal set; }

        /// <summary>The words with their times, if the recogniser gives them.</summary>
        public IReadOnlyList<WordHeard> Words { get; internal set; }

        internal long Seq;
    }

    /// <summary>One recognised word, on the microphone's sample clock.</summary>
    public sealed class WordHeard
    {
        /// <summary>The word.</summary>
        public string Text { get; internal set; }

        /// <summary>Its first sample.</summary>
        public long At { get; internal set; }

        /// <summary>One past its last sample.</summary>
        public long End { get; internal set; }

        /// <summary>0 to 1.</summary>
        public double Confidence { get; internal set; }
    }

    /// <summary>The server is going to stop.</summary>
    public sealed class GoAway
    {
        /// <summary>Why, for people.</summary>
        public string Reason { get; internal set; }

        /// <summary>The server closes after this time.</summary>
        public double InMs { get; internal set; }

        /// <summary>Where this session connects next; empty: to the same address.</summary>
        public string Url { get; internal set; }

        internal long Seq;
    }

    /// <summary>The time of one stage of a turn.</summary>
    public struct StageTime
    {
        /// <summary>The stage's name.</summary>
        public string Stage { get; internal set; }

        /// <summary>Its length in milliseconds.</summary>
        public double Ms { get; internal set; }

        /// <summary>It is what a platform says of its devices; nothing measured it.</summary>
        public bool Estimated { get; internal set; }
    }
}
