using System;
using System.Net;
using System.Threading.Tasks;

namespace Frametalk.Unity.Editor
{
    /// <summary>Asks a server whether it is there: `GET /healthz`, off the main thread.</summary>
    public sealed class ServerProbe
    {
        private const int TimeoutMs = 3000;
        private const string Title = "Server";
        private readonly string address;
        private readonly Task<string> asking;

        /// <summary>Begins to ask the server at the address of the settings.</summary>
        public ServerProbe(string address)
        {
            this.address = address;
            asking = Task.Run(() => Ask(Health(address)));
        }

        /// <summary>What is known by now.</summary>
        public HealthCheck Check
        {
            get
            {
                if (!asking.IsCompleted) return new HealthCheck(Title, Editor.Health.Unknown, "Asking " + address + " ...");
                if (asking.Result == null) return new HealthCheck(Title, Editor.Health.Good, address + " answers.");
                return new HealthCheck(
                    Title, Editor.Health.Bad,
                    address + ": " + asking.Result + ". Start it with `frametalk serve`, or correct the address in the settings.");
            }
        }

        /// <summary>The address of the server's health page: `ws://host:8765/v1` -> `http://host:8765/healthz`.</summary>
        public static string Health(string address)
        {
            Uri url;
            if (!Uri.TryCreate(address, UriKind.Absolute, out url)) return null;
            var secure = url.Scheme == "wss" || url.Scheme == "https";
            return (secure ? "https://" : "http://") + url.Authority + "/healthz";
        }

        private static string Ask(string url)
        {
            if (url == null) return "this is no address";
            try
            {
                var request = (HttpWebRequest)WebRequest.Create(url);
                request.Timeout = TimeoutMs;
                using (request.GetResponse())
                {
                    return null;
                }
            }
            catch (WebException e)
            {
                return e.Message;
            }
        }
    }
}
