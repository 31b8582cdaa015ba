using System;
using System.Threading.Tasks;

namespace Frametalk
{
    /// <summary>
    /// One player's session with one character. Its methods and events belong to one thread, the game's; only
    /// <see cref="Voice"/>, <see cref="Mic.Push"/> and the answers of a <see cref="Call"/> may be used from others.
    /// </summary>
    public sealed partial class Session : IDisposable
    {
        private readonly SessionOptions options;
        private readonly Hub hub;
        private readonly Host host;
        private readonly Lips lips;
        private readonly Capture capture;
        private readonly EventQueue events = new EventQueue();
        private TaskCompletionSource<Welcome> joining;
        private bool connected; // Connect was called
        private bool disposed;
        private bool resumable;
        private TaskCompletionSource<Welcome> ended;

        /// <summary>Makes a session; <see cref="ConnectAsync"/> starts it. `options`: null: all defaults.</summary>
        public Session(SessionOptions options = null)
        {
            this.options = options ?? new SessionOptions();
            var clock = this.options.NowUs ?? SystemClock.NowUs;
            var playout = new Playout(this.options.OutputRateHz, this.options.PrimeMs);
            Tools = new Tools(this);
            hub = new Hub(clock, playout, events, this.options, Tools);
            host = new Host(hub, this.options.Threads);
            lips = new Lips(playout);
            capture = new Capture(hub, playout);
            hub.Wake = host.Wake;
            Voice = new Voice(this, playout);
            Mic = new Mic(this, capture);
            Mouth = new Mouth(this, lips);
            Scene = new Scene(this);
            Focus = new Focus(this);
            Latency = new Latency();
        }

        /// <summary>The connection changed.</summary>
        public event Action<ConnectionEvent> OnConnection;

        /// <summary>The server answered `hello`; also after each reconnect.</summary>
        public event Action<Welcome> OnWelcome;

        /// <summary>The turn's state changed: for the character's body.</summary>
        public event Action<TurnState> OnTurn;

        /// <summary>The text of the player's turn grows.</summary>
        public event Action<Transcript> OnTranscript;

        /// <summary>A reply begins, is heard, or has ended.</summary>
        public event Action<ReplyEvent> OnReply;

        /// <summary>A clause begins to be heard.</summary>
        public event Action<CaptionEvent> OnCaption;

        /// <summary>The sound reaches a word, gesture, emotion or gaze.</summary>
        public event Action<MarkEvent> OnMark;

        /// <summary>A tool call began or ended.</summary>
        public event Action<ToolEvent> OnTool;

        /// <summary>The microphone changed.</summary>
        public event Action<MicEvent> OnMic;

        /// <summary>A turn's times are known.</summary>
        public event Action<Waterfall> OnLatency;

        /// <summary>This client's measurements, once a second.</summary>
        public event Action<Stats> OnStats;

        /// <summary>Something failed.</summary>
        public event Action<FrametalkError> OnError;

        /// <summary>The server is going to stop.</summary>
        public event Action<GoAway> OnGoaway;

        /// <summary>The character's voice, for the audio thread.</summary>
        public Voice Voice { get; private set; }

        /// <summary>The player's microphone.</summary>
        public Mic Mic { get; private set; }

        /// <summary>The character's mouth.</summary>
        public Mouth Mouth { get; private set; }

        /// <summary>The scene that the character knows.</summary>
        public Scene Scene { get; private set; }

        /// <summary>What the character can do in the game.</summary>
        public Tools Tools { get; private set; }

        /// <summary>What the player attends to.</summary>
        public Focus Focus { get; private set; }

        /// <summary>The times of turns.</summary>
        public Latency Latency { get; private set; }

        /// <summary>The connection's state.</summary>
        public ConnectionState State { get; private set; }

        /// <summary>Whether a lost connection can still be resumed, without loss.</summary>
        public bool Resumable
        {
            get { return resumable; }
        }

        /// <summary>The server's answer to `hello`; null before it.</summary>
        public Welcome Welcome { get; private set; }

        /// <summary>The newest `turn.state`; null before the first, and without a session.</summary>
        public TurnState Turn { get; private set; }

        /// <summary>Whether the game stands still, see <see cref="Pause"/>.</summary>
        public bool Paused { get; private set; }

        /// <summary>The session's clock: microseconds from any zero.</summary>
        public long NowUs
        {
            get { return hub.NowUs(); }
        }

        /// <summary>
        /// Connect and join; define tools before. The task ends in <see cref="Update"/>; it fails with
        /// <see cref="FrametalkException"/>: `cannot_connect`, `session_used`, and the server's fatal errors. Later failures
        /// come as events.
        /// </summary>
        public Task<Welcome> ConnectAsync()
        {
            if (connected)
            {
                throw new FrametalkException(
                    "session_used", "ConnectAsync() was already called", "session", "make a new Session");
            }
            var url = Address.Of(options.Url);
            connected = true;
            joining = new TaskCompletionSource<Welcome>();
            var task = joining.Task;
            using (hub.Hold()) hub.Connect(url, Tools.Declare());
            host.Start();
            return task;
        }

        /// <summary>
        /// Call it once a frame: raises the events, calls the tools that are due, and sends what has changed in the scene.
        /// Allocates nothing of its own.
        /// </summary>
        public void Update()
        {
            host.Step();
            HubEvent next;
            while (events.TryTake(out next))
            {
                try
                {
                    Handle(ref next);
                }
                catch (Exception error)
                {
                    ListenerFailed(error);
                }
                if (next.Marks != null) hub.Recycle(next.Marks);
            }
            lips.Take();
            if (ended != null) FinishJoin();
            Scene.EndOfFrame();
            host.Step();
        }

        /// <summary>
        /// Send a typed turn of 1 to 2,000 characters; while a lost connection can be resumed it is sent later. Throws
        /// `not_connected`.
        /// </summary>
        public void Say(string text)
        {
            if (!CanSend) throw NotConnected();
            Scene.Flush();
            using (hub.Hold()) hub.Say(text);
        }

        /// <summary>Stop the present reply: the player's stop button.</summary>
        public void Interrupt()
        {
            using (hub.Hold()) hub.Interrupt();
        }

        /// <summary>Set whether the character may speak and listen; `untilMs`: for so long, null: until the next call.</summary>
        public void Floor(FloorMode mode, double? untilMs = null)
        {
            using (hub.Hold()) hub.Floor(mode, untilMs);
        }

        /// <summary>Tell the server what the game knows of a turn's end; `turn`: see <see cref="Turn"/>.</summary>
        public void Hint(long turn, TurnHint hint)
        {
            using (hub.Hold()) hub.Hint(turn, hint);
        }

        /// <summary>
        /// The game stands still (a menu, a level that loads, the background), for at most `forMs`, or goes on. The reply stands
        /// still too, and nothing fails meanwhile.
        /// </summary>
        public void Pause(bool paused = true, double? forMs = null)
        {
            Paused = paused;
            using (hub.Hold()) hub.Pause(paused, forMs);
        }

        /// <summary>
        /// Report what the character said or did in `reply` (null: in the conversation) to those who run the game. `text`: what
        /// the player writes about it, up to 1,000 characters.
        /// </summary>
        public void Report(long? reply = null, ReportReason reason = ReportReason.Other, string text = "")
        {
            using (hub.Hold()) hub.Report(reply, reason, text);
        }

        /// <summary>
        /// Report what the client cost the game's main thread in a second's frames. The server's operator sees it, and the
        /// newest is sent with the reply that is heard.
        /// </summary>
        public void ReportFrameCost(FrameCost cost)
        {
            using (hub.Hold()) hub.FrameCost = cost;
        }

        /// <summary>Open a lost connection again now.</summary>
        public void Retry()
        {
            using (hub.Hold()) hub.Retry();
        }

        /// <summary>End the session. To talk again, make a new one.</summary>
        public void Close(string reason = "")
        {
            if (State == ConnectionState.Closed) return;
            Mic.Stop();
            using (hub.Hold()) hub.Disconnect(reason);
            host.Stop();
            Tools.Reset();
            if (State == ConnectionState.Idle && !connected) return;
            SetClosed();
        }

        /// <summary>The same as <see cref="Close"/>.</summary>
        public void Dispose()
        {
            if (disposed) return;
            disposed = true;
            Close("disposed");
        }

        private static FrametalkException NotConnected()
        {
            return new FrametalkException(
                "not_connected", "there is no connection to the server", "link",
                "wait for OnConnection with the state Open");
        }
    }
}
