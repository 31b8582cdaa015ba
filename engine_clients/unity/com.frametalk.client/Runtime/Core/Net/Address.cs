using System;

namespace Frametalk
{
    /// <summary>Reads the address of a server.</summary>
    internal static class Address
    {
        private const int DefaultPort = 8765;

        /// <summary>The WebSocket's address. Throws `cannot_connect` if it is none.</summary>
        public static Uri Of(string text)
        {
            text = (text ?? "").Trim();
            if (text.IndexOf("://", StringComparison.Ordinal) < 0) text = "ws://" + text;
            Uri url;
            if (!Uri.TryCreate(text, UriKind.Absolute, out url) || url.Host.Length == 0 || Scheme(url) == null)
            {
                throw new FrametalkException(
                    "cannot_connect", "\"" + text + "\" is not the address of a server", "link",
                    "write it as ws://HOST:" + DefaultPort, "user");
            }
            var built = new UriBuilder(url) { Scheme = Scheme(url) };
            // Without a port ws: means 80, which no frametalk server uses by default; a proxy with a certificate uses 443.
            if (url.IsDefaultPort) built.Port = HasPort(text) ? url.Port : built.Scheme == "wss" ? 443 : DefaultPort;
            if (url.AbsolutePath == "/") built.Path = "/v1";
            return built.Uri;
        }

        private static string Scheme(Uri url)
        {
            if (url.Scheme == "ws" || url.Scheme == "http") return "ws";
            return url.Scheme == "wss" || url.Scheme == "https" ? "wss" : null;
        }

        private static bool HasPort(string text)
        {
            var from = text.IndexOf("://", StringComparison.Ordinal) + 3;
            var end = text.IndexOfAny(new[] { '/', '?' }, from);
            var host = end < 0 ? text.Substring(from) : text.Substring(from, end - from);
            var colon = host.LastIndexOf(':');
            return colon > host.LastIndexOf(']') && colon >= 0;
        }
    }
}
