using System;
using System.Security.Cryptography;
using System.Text;

namespace Frametalk
{
    /// <summary>The opening handshake of a WebSocket (RFC 6455, section 4), without a socket.</summary>
    internal sealed class WebSocketHandshake
    {
        public const int LongestResponse = 16384;

        private const string Magic = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
        private readonly string key;
        private readonly Uri url;

        public WebSocketHandshake(Uri url, byte[] nonce)
        {
            this.url = url;
            key = Convert.ToBase64String(nonce, 0, 16);
        }

        public byte[] Request()
        {
            var port = url.IsDefaultPort ? "" : ":" + url.Port;
            return Encoding.ASCII.GetBytes(
                "GET " + url.PathAndQuery + " HTTP/1.1\r\nHost: " + url.Host + port
                + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: " + key
                + "\r\nSec-WebSocket-Version: 13\r\n\r\n");
        }

        /// <summary>Where the response's head ends in the first `count` bytes; -1: it is not complete.</summary>
        public static int End(byte[] data, int count)
        {
            for (var i = 3; i < count; i++)
            {
                if (data[i] == 10 && data[i - 1] == 13 && data[i - 2] == 10 && data[i - 3] == 13) return i + 1;
            }
            return -1;
        }

        /// <summary>Why the response in the first `count` bytes does not open the WebSocket; null: it does.</summary>
        public string Refusal(byte[] data, int count)
        {
            var lines = Encoding.ASCII.GetString(data, 0, count).Split(new[] { "\r\n" }, StringSplitOptions.None);
            if (!lines[0].StartsWith("HTTP/1.1 ", StringComparison.Ordinal)) return "it is no HTTP server";
            if (!lines[0].StartsWith("HTTP/1.1 101", StringComparison.Ordinal))
            {
                return "it answered " + lines[0].Substring("HTTP/1.1 ".Length);
            }
            return Header(lines, "sec-websocket-accept") == Accept() ? null : "it is no WebSocket server";
        }

        private string Accept()
        {
            using (var sha1 = new SHA1Managed())
            {
                return Convert.ToBase64String(sha1.ComputeHash(Encoding.ASCII.GetBytes(key + Magic)));
            }
        }

        private static string Header(string[] lines, string name)
        {
            foreach (var line in lines)
            {
                var colon = line.IndexOf(':');
                if (colon > 0 && line.Substring(0, colon).Trim().ToLowerInvariant() == name) return line.Substring(colon + 1).Trim();
            }
            return "";
        }
    }
}
