namespace Frametalk
{
    /// <summary>What keeps the reply's own sound from being taken for the player's speech; see `hello.echo`.</summary>
    public enum EchoPolicy
    {
        /// <summary>The player wears headphones.</summary>
        None,

        /// <summary>A loudspeaker without echo cancellation: the server compares the sounds.</summary>
        Duck,

        /// <summary>The server does not listen while a reply plays.</summary>
        HalfDuplex,

        /// <summary>The system, or an <see cref="IEchoCanceller"/>, cancels the echo.</summary>
        PlatformAec,
    }

    /// <summary>What interrupts a reply.</summary>
    public enum Interruptible
    {
        /// <summary>The character's own setting.</summary>
        Default,

        /// <summary>Any speech.</summary>
        Always,

        /// <summary>Words with a meaning of their own.</summary>
        Words,

        /// <summary>Only <see cref="Session.Interrupt"/> and <see cref="Session.Say"/>.</summary>
        Never,
    }

    /// <summary>How turns are found in the microphone's sound.</summary>
    public enum MicMode
    {
        /// <summary>The server finds turns in the sound.</summary>
        Open,

        /// <summary>Push-to-talk: sound is sent only between press and release.</summary>
        Ptt,
    }

    /// <summary>Whether the character may speak and listen; see `floor.set`.</summary>
    public enum FloorMode
    {
        /// <summary>The usual mode.</summary>
        Free,

        /// <summary>The character listens but does not begin to speak.</summary>
        Hold,

        /// <summary>It neither listens nor speaks.</summary>
        Silence,

        /// <summary>As silence, but what is typed is answered.</summary>
        Script,
    }

    /// <summary>What the game knows of a turn's end; see `turn.hint`.</summary>
    public enum TurnHint
    {
        /// <summary>The turn has ended.</summary>
        Force,

        /// <summary>Silence does not end it.</summary>
        Hold,

        /// <summary>Discard it.</summary>
        Cancel,
    }

    /// <summary>What the character is doing; see `turn.state`.</summary>
    public enum TurnPhase
    {
        /// <summary>It waits.</summary>
        Idle,

        /// <summary>It hears the player speak.</summary>
        Hearing,

        /// <summary>It hears a pause, which may be the turn's end.</summary>
        Holding,

        /// <summary>It makes a reply: the turn has ended.</summary>
        Thinking,

        /// <summary>It is heard by the player.</summary>
        Speaking,

        /// <summary>It hears sound over its own reply, and decides whether to stop.</summary>
        Ducked,

        /// <summary>A state of a later version of the server.</summary>
        Unknown,
    }

    /// <summary>What is wrong with what the player reports; see `report`.</summary>
    public enum ReportReason
    {
        /// <summary>It is against the law.</summary>
        Illegal,

        /// <summary>It is sexual.</summary>
        Sexual,

        /// <summary>It is hateful.</summary>
        Hateful,

        /// <summary>It is violent.</summary>
        Violent,

        /// <summary>It is about self-harm.</summary>
        SelfHarm,

        /// <summary>It does not belong here.</summary>
        OffTopic,

        /// <summary>Something else.</summary>
        Other,
    }

    /// <summary>The wire's words for the enumerations.</summary>
    internal static class Words
    {
        private static readonly string[] Echoes = { "none", "duck", "half_duplex", "platform_aec" };
        private static readonly string[] Interruptibles = { "", "always", "words", "never" };
        private static readonly string[] MicModes = { "open", "ptt" };
        private static readonly string[] FloorModes = { "free", "hold", "silence", "script" };
        private static readonly string[] Hints = { "force", "hold", "cancel" };
        private static readonly string[] Reports =
        {
            "illegal", "sexual", "hateful", "violent", "self_harm", "off_topic", "other",
        };

        private static readonly string[] Phases = { "idle", "hearing", "holding", "thinking", "speaking", "ducked" };

        public static string Of(EchoPolicy value)
        {
            return Echoes[(int)value];
        }

        public static string Of(Interruptible value)
        {
            return Interruptibles[(int)value];
        }

        public static string Of(MicMode value)
        {
            return MicModes[(int)value];
        }

        public static string Of(FloorMode value)
        {
            return FloorModes[(int)value];
        }

        public static string Of(ReportReason value)
        {
            return Reports[(int)value];
        }

        public static string Of(TurnHint value)
        {
            return Hints[(int)value];
        }

        /// <summary>A word that this client does not know is the policy of which it need do nothing.</summary>
        public static EchoPolicy Echo(string word)
        {
            var index = System.Array.IndexOf(Echoes, word);
            return index < 0 ? EchoPolicy.None : (EchoPolicy)index;
        }

        public static Interruptible Interrupts(string word)
        {
            var index = System.Array.IndexOf(Interruptibles, word);
            return index < 0 ? Interruptible.Default : (Interruptible)index;
        }

        public static TurnPhase Phase(string word)
        {
            var index = System.Array.IndexOf(Phases, word);
            return index < 0 ? TurnPhase.Unknown : (TurnPhase)index;
        }
    }
}
