using UnityEngine;

namespace Frametalk.Unity
{
    /// <summary>Which platforms the package works on.</summary>
    public static class FrametalkPlatform
    {
        /// <summary>The code of the error on a platform that the package does not support.</summary>
        public const string UnsupportedCode = "platform_unsupported";

        /// <summary>Why this platform is not supported; null: it is.</summary>
        public static FrametalkError Unsupported()
        {
            if (Application.platform != RuntimePlatform.WebGLPlayer) return null;
            return new FrametalkError(
                UnsupportedCode,
                "Unity's WebGL player has no sockets, threads, microphone or OnAudioFilterRead",
                "session",
                "client",
                "use frametalk's web client in the page, see engine_clients/webxr",
                true);
        }
    }
}
