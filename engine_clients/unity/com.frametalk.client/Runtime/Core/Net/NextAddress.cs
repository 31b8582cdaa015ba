using System;

namespace Frametalk
{
    /// <summary>Where a session connects next: the address that the game set, or the one that a `goaway` named.</summary>
    internal sealed class NextAddress
    {
        private const int Attempts = 5; // in a row without an answer; then the game's address is used again

        private readonly Uri setByGame;
        private Uri current;
        private int unanswered;

        public NextAddress(Uri url)
        {
            setByGame = url;
            current = url;
        }

        /// <summary>The address for an attempt to connect, which begins now.</summary>
        public Uri Take()
        {
            if (unanswered >= Attempts)
            {
                current = setByGame;
                unanswered = 0;
            }
            unanswered++;
            return current;
        }

        /// <summary>Go where a `goaway` says, from the next attempt on. Returns what is wrong with its `url`; empty: nothing.</summary>
        public string Leave(string url)
        {
            if (url.Length == 0) return "";
            var found = Read(url);
            if (found == null) return "goaway: \"" + url + "\" is neither ws:// nor wss://";
            if (found.Scheme == "ws" && current.Scheme == "wss") return "goaway: \"" + url + "\" leads from wss:// to ws://";
            current = found;
            unanswered = 0;
            return "";
        }

        /// <summary>The newest attempt got an answer.</summary>
        public void Answered()
        {
            unanswered = 0;
        }

        private static Uri Read(string url)
        {
            if (!Begins(url, "ws://") && !Begins(url, "wss://")) return null;
            try
            {
                return Address.Of(url);
            }
            catch (FrametalkException)
            {
                return null;
            }
        }

        private static bool Begins(string url, string scheme)
        {
            return url.StartsWith(scheme, StringComparison.OrdinalIgnoreCase);
        }
    }
}
