using System;
using UnityEngine;

namespace Frametalk.Unity
{
    /// <summary>
    /// Where the server is and how to talk to it, as an asset. The asset `FrametalkSettings` in a folder `Resources` is the
    /// project's; a <see cref="FrametalkSession"/> may name another one, and override single values for its scene.
    /// </summary>
    [CreateAssetMenu(menuName = "Frametalk/Settings", fileName = "FrametalkSettings")]
    public sealed class FrametalkSettings : ScriptableObject
    {
        /// <summary>The name of the project's settings in a folder `Resources`.</summary>
        public const string ResourceName = "FrametalkSettings";

        [SerializeField, Tooltip("The server's address: ws:// or wss://, host and port.")]
        private string url = "ws://localhost:8765";

        [SerializeField, Tooltip("The character to talk to. Empty: the server's first.")]
        private string character = "";

        [SerializeField, Tooltip("The spoken language, such as en or de-AT. Empty: English.")]
        private string language = "";

        [SerializeField, Tooltip("The operator's token. For a published game take one from your backend instead: FrametalkSession.Token.")]
        private string token = "";

        [SerializeField, Tooltip("What keeps the reply's own sound from being taken for speech. None is for headphones.")]
        private EchoPolicy echo = EchoPolicy.Duck;

        [SerializeField, Tooltip("What interrupts a reply. Default: the character's own setting.")]
        private Interruptible interruptible = Interruptible.Default;

        [SerializeField, Tooltip("Scopes whose tools the character may use.")]
        private string[] scopes = new string[0];

        [SerializeField, Min(0f), Tooltip("Sound that is buffered before a reply starts, in milliseconds. At least two audio blocks are.")]
        private float primeMs = 40f;

        [SerializeField, Tooltip("Open a lost connection again, and resume the session.")]
        private bool reconnect = true;

        /// <summary>The server's address.</summary>
        public string Url
        {
            get { return url; }
            set { url = value; }
        }

        /// <summary>The character to talk to; empty: the server's first.</summary>
        public string Character
        {
            get { return character; }
            set { character = value; }
        }

        /// <summary>The spoken language, BCP 47; empty: English.</summary>
        public string Language
        {
            get { return language; }
            set { language = value; }
        }

        /// <summary>The server's token.</summary>
        public string Token
        {
            get { return token; }
            set { token = value; }
        }

        /// <summary>How echo is handled.</summary>
        public EchoPolicy Echo
        {
            get { return echo; }
            set { echo = value; }
        }

        /// <summary>What interrupts a reply.</summary>
        public Interruptible Interruptible
        {
            get { return interruptible; }
            set { interruptible = value; }
        }

        /// <summary>Scopes whose tools the character may use.</summary>
        public string[] Scopes
        {
            get { return scopes; }
            set { scopes = value; }
        }

        /// <summary>Sound that is buffered before a reply starts, in milliseconds.</summary>
        public float PrimeMs
        {
            get { return primeMs; }
            set { primeMs = value; }
        }

        /// <summary>Whether a lost connection is opened again.</summary>
        public bool Reconnect
        {
            get { return reconnect; }
            set { reconnect = value; }
        }

        /// <summary>The project's settings, or the defaults where there are none.</summary>
        public static FrametalkSettings Project()
        {
            var found = Resources.Load<FrametalkSettings>(ResourceName);
            return found != null ? found : CreateInstance<FrametalkSettings>();
        }
    }

    /// <summary>What one scene changes of the settings; an empty text changes nothing.</summary>
    [Serializable]
    public sealed class FrametalkOverrides
    {
        /// <summary>The server's address.</summary>
        [Tooltip("Empty: as in the settings.")]
        public string Url = "";

        /// <summary>The character to talk to.</summary>
        [Tooltip("Empty: as in the settings.")]
        public string Character = "";

        /// <summary>The spoken language.</summary>
        [Tooltip("Empty: as in the settings.")]
        public string Language = "";

        /// <summary>Scopes that are granted in addition.</summary>
        [Tooltip("Granted in addition to those of the settings.")]
        public string[] Scopes = new string[0];

        /// <summary>Writes the settings with these overrides into a session's options.</summary>
        public void Apply(FrametalkSettings settings, SessionOptions options)
        {
            var scopes = new string[settings.Scopes.Length + Scopes.Length];
            settings.Scopes.CopyTo(scopes, 0);
            Scopes.CopyTo(scopes, settings.Scopes.Length);
            options.Url = Or(Url, settings.Url);
            options.Character = Or(Character, settings.Character);
            options.Language = Or(Language, settings.Language);
            options.Token = settings.Token;
            options.Echo = settings.Echo;
            options.Interruptible = settings.Interruptible;
            options.Scopes = scopes;
            options.PrimeMs = settings.PrimeMs;
            options.Reconnect = settings.Reconnect;
            options.ClientName = Application.productName;
            options.ClientVersion = Application.version;
            options.Engine = "unity " + Application.unityVersion;
        }

        private static string Or(string text, string otherwise)
        {
            return string.IsNullOrEmpty(text) ? otherwise : text;
        }
    }
}
