using System;
using UnityEngine;
using UnityEngine.Events;

namespace Frametalk.Unity
{
    /// <summary>
    /// The session's events as UnityEvents, to connect them in the inspector. Code listens to the C# events of
    /// <see cref="FrametalkSession"/> instead, which carry more.
    /// </summary>
    [AddComponentMenu("Frametalk/Frametalk Events")]
    public sealed class FrametalkEvents : MonoBehaviour
    {
        [SerializeField, Tooltip("Empty: the session above this object, or the scene's only one.")]
        private FrametalkSession session;

        [Header("Connection")]
        [SerializeField] private UnityEvent connected = new UnityEvent();
        [SerializeField] private UnityEvent disconnected = new UnityEvent();
        [SerializeField] private TextEvent disclosed = new TextEvent();
        [SerializeField] private TextEvent failed = new TextEvent();

        [Header("The player")]
        [SerializeField] private TextEvent heard = new TextEvent();
        [SerializeField] private TextEvent understood = new TextEvent();

        [Header("The character")]
        [SerializeField] private TextEvent phaseChanged = new TextEvent();
        [SerializeField] private UnityEvent replyStarted = new UnityEvent();
        [SerializeField] private UnityEvent replyEnded = new UnityEvent();
        [SerializeField] private TextEvent caption = new TextEvent();
        [SerializeField] private TextEvent word = new TextEvent();
        [SerializeField] private TextEvent gesture = new TextEvent();
        [SerializeField] private TextNumberEvent emotion = new TextNumberEvent();
        [SerializeField] private TextEvent gaze = new TextEvent();
        [SerializeField] private TextEvent toolCalled = new TextEvent();

        /// <summary>The session that is listened to.</summary>
        public FrametalkSession Session
        {
            get { return session; }
            set { session = value; }
        }

        /// <summary>The session is open, also after each reconnection.</summary>
        public UnityEvent Connected
        {
            get { return connected; }
        }

        /// <summary>The connection was lost, or the session has ended.</summary>
        public UnityEvent Disconnected
        {
            get { return disconnected; }
        }

        /// <summary>A sentence to show to the player: a machine speaks.</summary>
        public TextEvent Disclosed
        {
            get { return disclosed; }
        }

        /// <summary>Something failed: its text and remedy.</summary>
        public TextEvent Failed
        {
            get { return failed; }
        }

        /// <summary>The player's words so far.</summary>
        public TextEvent Heard
        {
            get { return heard; }
        }

        /// <summary>The player's words when the turn has ended.</summary>
        public TextEvent Understood
        {
            get { return understood; }
        }

        /// <summary>`idle`, `hearing`, `holding`, `thinking`, `speaking`, `ducked`.</summary>
        public TextEvent PhaseChanged
        {
            get { return phaseChanged; }
        }

        /// <summary>A reply's first sample is heard.</summary>
        public UnityEvent ReplyStarted
        {
            get { return replyStarted; }
        }

        /// <summary>A reply has ended, for whatever reason.</summary>
        public UnityEvent ReplyEnded
        {
            get { return replyEnded; }
        }

        /// <summary>A clause begins to be heard.</summary>
        public TextEvent Caption
        {
            get { return caption; }
        }

        /// <summary>A word begins to be heard.</summary>
        public TextEvent Word
        {
            get { return word; }
        }

        /// <summary>A gesture for the body to make once, now.</summary>
        public TextEvent Gesture
        {
            get { return gesture; }
        }

        /// <summary>An emotion and its strength, 0 to 1; it lasts until the next, or until the reply ends.</summary>
        public TextNumberEvent Emotion
        {
            get { return emotion; }
        }

        /// <summary>What the character looks at: an object's id, or the written words.</summary>
        public TextEvent Gaze
        {
            get { return gaze; }
        }

        /// <summary>The name of a tool that is called.</summary>
        public TextEvent ToolCalled
        {
            get { return toolCalled; }
        }

        private void OnEnable()
        {
            session = FrametalkSession.For(this, session);
            if (session == null) return;
            session.Connection += OnConnection;
            session.Welcomed += OnWelcomed;
            session.Error += OnError;
            session.Transcript += OnTranscript;
            session.Turn += OnTurn;
            session.Reply += OnReply;
            session.Caption += OnCaption;
            session.Mark += OnMark;
            session.Tool += OnTool;
        }

        private void OnDisable()
        {
            if (session == null) return;
            session.Connection -= OnConnection;
            session.Welcomed -= OnWelcomed;
            session.Error -= OnError;
            session.Transcript -= OnTranscript;
            session.Turn -= OnTurn;
            session.Reply -= OnReply;
            session.Caption -= OnCaption;
            session.Mark -= OnMark;
            session.Tool -= OnTool;
        }

        private void OnConnection(ConnectionEvent e)
        {
            if (e.State == ConnectionState.Open) connected.Invoke();
            else if (e.State == ConnectionState.Waiting || e.State == ConnectionState.Closed) disconnected.Invoke();
        }

        private void OnWelcomed(Welcome welcome)
        {
            if (!welcome.Resumed && welcome.Disclosure.Length > 0) disclosed.Invoke(welcome.Disclosure);
        }

        private void OnError(FrametalkError e)
        {
            Debug.LogWarning(e.ToString(), this);
            failed.Invoke(e.Remedy.Length > 0 ? e.Text + ": " + e.Remedy : e.Text);
        }

        private void OnTranscript(Transcript e)
        {
            heard.Invoke(e.Text);
            if (e.Final) understood.Invoke(e.Text);
        }

        private void OnTurn(TurnState e)
        {
            phaseChanged.Invoke(FrametalkNames.Of(e.State));
            if (e.Gesture.Length > 0) gesture.Invoke(e.Gesture);
        }

        private void OnReply(ReplyEvent e)
        {
            if (e.Phase == ReplyPhase.Sounding) replyStarted.Invoke();
            else if (e.Phase == ReplyPhase.Ended) replyEnded.Invoke();
        }

        private void OnCaption(CaptionEvent e)
        {
            caption.Invoke(e.Text);
        }

        private void OnMark(MarkEvent e)
        {
            if (e.Mark.Kind == MarkKind.Word) word.Invoke(e.Mark.Name);
            else if (e.Mark.Kind == MarkKind.Gesture) gesture.Invoke(e.Mark.Name);
            else if (e.Mark.Kind == MarkKind.Emotion) emotion.Invoke(e.Mark.Name, e.Mark.Value);
            else if (e.Mark.Kind == MarkKind.Gaze) gaze.Invoke(e.Mark.Name);
        }

        private void OnTool(ToolEvent e)
        {
            if (e.State == ToolState.Called) toolCalled.Invoke(e.Name);
        }

        /// <summary>A UnityEvent with a text.</summary>
        [Serializable]
        public sealed class TextEvent : UnityEvent<string>
        {
        }

        /// <summary>A UnityEvent with a text and a number.</summary>
        [Serializable]
        public sealed class TextNumberEvent : UnityEvent<string, float>
        {
        }
    }

    /// <summary>Enumerations as the wire writes them, without garbage.</summary>
    internal static class FrametalkNames
    {
        private static readonly string[] Phases = { "idle", "hearing", "holding", "thinking", "speaking", "ducked", "" };
        private static readonly string[] States = { "idle", "connecting", "joining", "open", "waiting", "closed" };

        public static string Of(TurnPhase phase)
        {
            return Phases[(int)phase];
        }

        public static string Of(ConnectionState state)
        {
            return States[(int)state];
        }
    }
}
