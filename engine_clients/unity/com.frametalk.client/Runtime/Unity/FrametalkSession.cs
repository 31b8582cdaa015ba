using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using UnityEngine;

namespace Frametalk.Unity
{
    /// <summary>
    /// One conversation with one character: the connection, and what the other components share. Its events come on the
    /// main thread, in Update. <see cref="Core"/> is the engine-free session behind it.
    /// </summary>
    /// <remarks>One file, because Unity has one script for a component; most of it is fields and events.</remarks>
    [AddComponentMenu("Frametalk/Frametalk Session")]
    [DefaultExecutionOrder(-50)]
    [DisallowMultipleComponent]
    public sealed class FrametalkSession : MonoBehaviour
    {
        private static readonly List<FrametalkSession> Living = new List<FrametalkSession>();

        [SerializeField, Tooltip("Empty: the asset FrametalkSettings in a folder Resources, or the defaults.")]
        private FrametalkSettings settings;

        [SerializeField, Tooltip("What this scene changes of the settings.")]
        private FrametalkOverrides overrides = new FrametalkOverrides();

        [SerializeField, Tooltip("Connect at the start. Otherwise call Connect().")]
        private bool connectOnStart = true;

        [SerializeField, Tooltip("Keep this object, and so the conversation, when another scene is loaded.")]
        private bool keepAcrossScenes;

        [SerializeField, Tooltip("Declare every baked tool, not only those whose objects are in the scene at the start.")]
        private bool declareAllBakedTools;

        private FrametalkTools tools;
        private Session core;
        private SessionOptions options;
        private bool used;
        private bool kept;
        private int costSeconds; // of FrametalkCost, that were reported
        private PauseReason paused;

        /// <summary>The connection changed.</summary>
        public event Action<ConnectionEvent> Connection;

        /// <summary>The server has welcomed this client, also after each reconnection.</summary>
        public event Action<Welcome> Welcomed;

        /// <summary>What the character is doing has changed, for its body.</summary>
        public event Action<TurnState> Turn;

        /// <summary>The text of the player's turn has grown.</summary>
        public event Action<Transcript> Transcript;

        /// <summary>A reply begins, is heard, or has ended.</summary>
        public event Action<ReplyEvent> Reply;

        /// <summary>A clause begins to be heard.</summary>
        public event Action<CaptionEvent> Caption;

        /// <summary>The sound reaches a word, gesture, emotion or gaze.</summary>
        public event Action<MarkEvent> Mark;

        /// <summary>A tool call begins or ends.</summary>
        public event Action<ToolEvent> Tool;

        /// <summary>The microphone changed.</summary>
        public event Action<MicEvent> Mic;

        /// <summary>The times of a turn are known.</summary>
        public event Action<Waterfall> Latency;

        /// <summary>Something failed; show the text and the remedy.</summary>
        public event Action<FrametalkError> Error;

        /// <summary>The server is going to stop; the session connects again by itself, to `Url` if there is one.</summary>
        public event Action<GoAway> GoAway;

        /// <summary>Another session core is in use: its microphone and voice are new.</summary>
        internal event Action Renewed;

        /// <summary>The engine-free session: microphone, voice, mouth, scene, focus.</summary>
        public Session Core
        {
            get
            {
                if (core == null) Renew();
                return core;
            }
        }

        /// <summary>The settings in use. Change them before <see cref="Connect"/>.</summary>
        public FrametalkSettings Settings
        {
            get { return settings != null ? settings : settings = FrametalkSettings.Project(); }
            set { settings = value; }
        }

        /// <summary>What this scene changes of the settings.</summary>
        public FrametalkOverrides Overrides
        {
            get { return overrides; }
        }

        /// <summary>Whether it connects by itself at the start.</summary>
        public bool ConnectOnStart
        {
            get { return connectOnStart; }
            set { connectOnStart = value; }
        }

        /// <summary>Whether the conversation goes on when another scene is loaded. Set it before Start.</summary>
        public bool KeepAcrossScenes
        {
            get { return keepAcrossScenes; }
            set { keepAcrossScenes = value; }
        }

        /// <summary>Whether every baked tool is declared, not only those with an object in the scene.</summary>
        public bool DeclareAllBakedTools
        {
            get { return declareAllBakedTools; }
            set { declareAllBakedTools = value; }
        }

        /// <summary>A token of the game's backend for this session, instead of the one in the settings.</summary>
        public string Token { get; set; }

        /// <summary>What the player agrees to; null: the player was not asked. Set it before <see cref="Connect"/>.</summary>
        public Consent Consent { get; set; }

        /// <summary>The player is a child: nothing is stored or recorded. Set it before <see cref="Connect"/>.</summary>
        public bool Child { get; set; }

        /// <summary>Changes a session's options when it is made and when it connects, for what the settings do not offer.</summary>
        public Action<SessionOptions> Configure { get; set; }

        /// <summary>The scene that the character knows; <see cref="FrametalkSceneObject"/> puts objects into it.</summary>
        public Scene Scene
        {
            get { return Core.Scene; }
        }

        /// <summary>The newest state of the character; null before the first.</summary>
        public TurnState LastTurn { get; private set; }

        /// <summary>The newest waterfall; null before the first.</summary>
        public Waterfall LastLatency { get; private set; }

        /// <summary>The newest error; null if nothing has failed.</summary>
        public FrametalkError LastError { get; private set; }

        /// <summary>The connection's state.</summary>
        public ConnectionState State
        {
            get { return core == null ? ConnectionState.Idle : core.State; }
        }

        /// <summary>The character is heard now.</summary>
        public bool Speaking
        {
            get { return core != null && core.Voice.Sounding; }
        }

        private FrametalkTools ToolTable
        {
            get { return tools ?? (tools = new FrametalkTools()); }
        }

        /// <summary>Every session that lives now.</summary>
        internal static List<FrametalkSession> All
        {
            get { return Living; }
        }

        /// <summary>The session that a component uses: the given one, one above it, or the scene's only one.</summary>
        internal static FrametalkSession For(Component component, FrametalkSession given)
        {
            if (given != null) return given;
            var above = component.GetComponentInParent<FrametalkSession>();
            if (above != null) return above;
            if (Living.Count > 1)
            {
                Debug.LogWarning("frametalk: there are several sessions; set Session of the " + component.GetType().Name, component);
            }

            return FindFirstObjectByType<FrametalkSession>();
        }

        /// <summary>Closes every session: before the scripts are loaded again, and when the player quits.</summary>
        public static void CloseAll(string reason)
        {
            for (var i = Living.Count - 1; i >= 0; i--) Living[i].Close(reason);
        }

        /// <summary>
        /// Declares a tool in code. Before <see cref="Connect"/>. The handler is called on the main thread when the reply's
        /// sound reaches the call; it returns the value, throws <see cref="Refusal"/>, or fails with any other exception.
        /// </summary>
        public void AddTool(ToolSpec spec, Func<Call, object> handler)
        {
            ToolTable.Add(spec, call => call.Done(handler(call)));
        }

        /// <summary>The same, with a handler that returns the value later.</summary>
        public void AddToolAsync(ToolSpec spec, Func<Call, Task<object>> handler)
        {
            ToolTable.Add(spec, call => FrametalkToolRegistry.Answer(call, handler(call)));
        }

        /// <summary>The same, with a handler that answers the call itself, then or later.</summary>
        public void AddToolLater(ToolSpec spec, Action<Call> handler)
        {
            ToolTable.Add(spec, handler);
        }

        /// <summary>Offers the baked tools of a component: its methods with <see cref="FrametalkToolAttribute"/>.</summary>
        public void AddTools(MonoBehaviour host)
        {
            ToolTable.AddHost(host);
        }

        /// <summary>Withdraws a component; its tools stay declared, and are refused when it was the last one.</summary>
        public void RemoveTools(MonoBehaviour host)
        {
            ToolTable.RemoveHost(host);
        }

        /// <summary>Connects; what comes of it is told by <see cref="Connection"/> and <see cref="Error"/>.</summary>
        public void Connect()
        {
            var unsupported = FrametalkPlatform.Unsupported();
            if (unsupported != null)
            {
                OnError(unsupported);
                return;
            }

            if (used || core == null) Renew();
            else ApplySettings();
            used = true;
            ToolTable.Define(core, declareAllBakedTools);
            try
            {
                // What comes of it is told by events; the task's exception is looked at, and that is all.
                core.ConnectAsync().ContinueWith(joined => joined.Exception);
            }
            catch (FrametalkException e)
            {
                OnError(e.Error);
            }
        }

        /// <summary>Opens a lost connection now.</summary>
        public void Retry()
        {
            Core.Retry();
        }

        /// <summary>Ends the session. <see cref="Connect"/> begins another one.</summary>
        public void Close(string reason = "")
        {
            if (core != null && used) core.Close(reason);
        }

        /// <summary>Sends a typed turn.</summary>
        public void Say(string text)
        {
            if (string.IsNullOrWhiteSpace(text)) return;
            try
            {
                Core.Say(text);
            }
            catch (FrametalkException e)
            {
                OnError(e.Error);
            }
        }

        /// <summary>Stops the present reply.</summary>
        public void Interrupt()
        {
            Core.Interrupt();
        }

        /// <summary>
        /// The player reports what the character said or did. `reply`: see <see cref="Reply"/>; null: the conversation.
        /// </summary>
        public void Report(long? reply = null, ReportReason reason = ReportReason.Other, string text = "")
        {
            Core.Report(reply, reason, text);
        }

        /// <summary>The game stands still, and so does the reply; `false`: it goes on.</summary>
        public void Pause(bool isPaused = true)
        {
            SetPaused(PauseReason.Game, isPaused);
        }

        /// <summary>Reports what happened in the game, such as `player_entered`.</summary>
        public void Happened(string eventName, FrametalkSceneObject about = null, string text = "")
        {
            Core.Scene.Event(eventName, about == null ? "" : about.Id, text);
        }

        internal void SetPaused(PauseReason reason, bool isPaused)
        {
            var before = paused;
            paused = isPaused ? paused | reason : paused & ~reason;
            if (core != null && used && (before == PauseReason.None) != (paused == PauseReason.None))
            {
                core.Pause(paused != PauseReason.None);
            }
        }

        [RuntimeInitializeOnLoadMethod(RuntimeInitializeLoadType.SubsystemRegistration)]
        private static void Forget()
        {
            // Without a domain reload the statics of the last run are still here.
            CloseAll("restart");
            Living.Clear();
        }

        private void Awake()
        {
            // The scene of a kept session is loaded again: the conversation that goes on stays, and its copy leaves.
            if (keepAcrossScenes && Living.Exists(other => other.kept && other.name == name))
            {
                gameObject.SetActive(false);
                Destroy(gameObject);
                return;
            }

            Living.Add(this);
            costSeconds = FrametalkCost.Seconds;
            Application.quitting += Quit;
            FrametalkTool.OfferAll(this);
        }

        private void Start()
        {
            if (keepAcrossScenes && transform.parent == null)
            {
                kept = true;
                DontDestroyOnLoad(gameObject);
            }

            if (connectOnStart) Connect();
        }

        private void Update()
        {
            var began = FrametalkCost.Now;
            if (core != null)
            {
                if (costSeconds != FrametalkCost.Seconds) core.ReportFrameCost(FrametalkCost.Second);
                costSeconds = FrametalkCost.Seconds;
                core.Update();
            }

            FrametalkCost.Add(began);
        }

        private void OnApplicationPause(bool isPaused)
        {
            SetPaused(PauseReason.Background, isPaused);
        }

        private void OnDestroy()
        {
            Application.quitting -= Quit;
            Living.Remove(this);
            Close("destroyed");
        }

        private void Quit()
        {
            Close("quit");
        }

        private void Renew()
        {
            options = new SessionOptions { OutputRateHz = AudioSettings.outputSampleRate };
            ApplySettings();
            if (core != null) core.Dispose();
            core = new Session(options);
            used = false;
            LastTurn = null;
            Listen(core);
            FrametalkSceneObject.PutAll(this);
            if (Renewed != null) Renewed();
        }

        private void ApplySettings()
        {
            overrides.Apply(Settings, options);
            if (!string.IsNullOrEmpty(Token)) options.Token = Token;
            options.Consent = Consent;
            options.Child = Child;
            if (Configure != null) Configure(options);
        }

        private void Listen(Session to)
        {
            to.OnConnection += e => Raise(Connection, e);
            to.OnWelcome += e => Raise(Welcomed, e);
            to.OnTurn += e =>
            {
                LastTurn = e;
                Raise(Turn, e);
            };
            to.OnTranscript += e => Raise(Transcript, e);
            to.OnReply += e => Raise(Reply, e);
            to.OnCaption += e => Raise(Caption, e);
            to.OnMark += e => Raise(Mark, e);
            to.OnTool += e => Raise(Tool, e);
            to.OnMic += e => Raise(Mic, e);
            to.OnLatency += e =>
            {
                LastLatency = e;
                Raise(Latency, e);
            };
            to.OnError += OnError;
            to.OnGoaway += e => Raise(GoAway, e);
        }

        private void OnError(FrametalkError error)
        {
            LastError = error;
            if (Error == null) Debug.LogWarning(error.ToString(), this);
            else Raise(Error, error);
        }

        /// <summary>A listener of the game that throws must not end the others, or the frame.</summary>
        private void Raise<T>(Action<T> listeners, T value)
        {
            if (listeners == null) return;
            try
            {
                listeners(value);
            }
            catch (Exception e)
            {
                Debug.LogException(e, this);
            }
        }
    }

    /// <summary>Why a session stands still.</summary>
    [Flags]
    internal enum PauseReason
    {
        None = 0,
        Game = 1,
        Background = 2,
        Audio = 4,
    }
}
