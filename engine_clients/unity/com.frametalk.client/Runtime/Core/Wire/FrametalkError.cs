using System;

namespace Frametalk
{
    /// <summary>Something that failed: of the server, as `error` of protocols/wire.md, or of this client.</summary>
    public sealed class FrametalkError
    {
        /// <summary>A stable code, such as `cannot_connect`.</summary>
        public string Code { get; private set; }

        /// <summary>What is wrong, for people.</summary>
        public string Text { get; private set; }

        /// <summary>`link`, `wire`, `session`, `hear`, `turn`, `think`, `tool`, `scene`, `speak`, or empty.</summary>
        public string Stage { get; private set; }

        /// <summary>Who is at fault: `client`, `server`, `engine`, `user`, or empty.</summary>
        public string Fault { get; private set; }

        /// <summary>What to do about it, for people.</summary>
        public string Remedy { get; private set; }

        /// <summary>Whether it ended the session.</summary>
        public bool Fatal { get; private set; }

        /// <summary>Another try makes sense after this time; 0: that is not known.</summary>
        public double RetryAfterMs { get; private set; }

        /// <summary>Makes an error.</summary>
        public FrametalkError(
            string code, string text, string stage = "", string fault = "", string remedy = "", bool fatal = false,
            double retryAfterMs = 0)
        {
            Code = code;
            Text = text;
            Stage = stage;
            Fault = fault;
            Remedy = remedy;
            Fatal = fatal;
            RetryAfterMs = retryAfterMs;
        }

        /// <summary>The text and the remedy, for a log.</summary>
        public override string ToString()
        {
            var text = "frametalk: " + Code + ": " + Text;
            return Remedy.Length == 0 ? text : text + " (" + Remedy + ")";
        }
    }

    /// <summary>Thrown where a caller does what cannot be done; <see cref="Error"/> says what and the remedy.</summary>
    public sealed class FrametalkException : Exception
    {
        /// <summary>What failed.</summary>
        public FrametalkError Error { get; private set; }

        /// <summary>Makes an exception of an error.</summary>
        public FrametalkException(FrametalkError error) : base(error.ToString())
        {
            Error = error;
        }

        internal FrametalkException(string code, string text, string stage, string remedy = "", string fault = "client")
            : this(new FrametalkError(code, text, stage, fault, remedy))
        {
        }
    }
}
