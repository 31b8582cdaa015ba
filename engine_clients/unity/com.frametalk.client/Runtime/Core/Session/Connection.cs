using System;

namespace Frametalk
{
    /// <summary>What the hub does for its connection.</summary>
    internal interface IConnectionActions
    {
        /// <summary>Open a socket and close a previous one.</summary>
        void Open();

        void CloseSocket();

        /// <summary>Say hello; `resume`: the token, or empty.</summary>
        void Hello(string resume);

        /// <summary>Call `Retry` after `ms`.</summary>
        void Wait(double ms);

        void Changed(ConnectionState state, FrametalkError error, double? retryMs);
    }

    /// <summary>The state machine of one connection, from hello to the end, with reconnecting. No sockets, no timers.</summary>
    internal sealed class Connection
    {
        private static readonly double[] BackoffMs = { 250, 500, 1000, 2000, 4000, 5000 };
        private static readonly double[] ResumeBackoffMs = { 0, 100, 250, 500, 1000 }; // it costs the server little
        private const int Normal = 1000;
        private const int GoingAway = 1001; // the server stops, and with it the session
        private const int PolicyViolation = 1008; // the same refusal would follow
        private const int TryAgainLater = 1013; // no room now

        private readonly bool reconnect;
        private readonly IConnectionActions actions;
        private int attempts;
        private bool welcomed;
        private string token = "";
        private double windowMs;
        private double lostAtMs;
        private FrametalkError fatal;

        public Connection(bool reconnect, IConnectionActions actions)
        {
            this.reconnect = reconnect;
            this.actions = actions;
        }

        public ConnectionState State { get; private set; }

        public void Start()
        {
            if (State != ConnectionState.Idle) return;
            OpenSocket();
        }

        /// <summary>The socket is open: say hello.</summary>
        public void Opened(double nowMs)
        {
            if (State != ConnectionState.Connecting) return;
            Become(ConnectionState.Joining, null, null);
            actions.Hello(Resumable(nowMs) ? token : "");
        }

        /// <summary>Whether the session can be resumed: the connection is lost, and not for too long.</summary>
        public bool Resumable(double nowMs)
        {
            return token.Length > 0 && nowMs <= UntilMs;
        }

        /// <summary>The session cannot be resumed any more.</summary>
        public void Forget()
        {
            token = "";
        }

        /// <summary>Until when a session whose connection is lost can be resumed.</summary>
        public double UntilMs
        {
            get { return Math.Max(lostAtMs + windowMs, PausedUntilMs); }
        }

        /// <summary>Until when the game may stand still: a session can be resumed until then.</summary>
        public double PausedUntilMs { get; set; }

        public void Welcome(Welcome welcome)
        {
            if (State != ConnectionState.Joining) return;
            attempts = 0;
            welcomed = true;
            token = welcome.Resume;
            windowMs = welcome.Limits.ResumeMs;
            Become(ConnectionState.Open, null, null);
        }

        /// <summary>The server sent a fatal error: the reason of the close that follows.</summary>
        public void Failed(FrametalkError error)
        {
            fatal = error;
        }

        /// <summary>Try again now: the network is back.</summary>
        public void Retry()
        {
            if (State == ConnectionState.Waiting) OpenSocket();
        }

        /// <summary>The socket was closed, with this WebSocket close code; `detail`: why, for people.</summary>
        public void Lost(int code, string detail, double nowMs)
        {
            if (State == ConnectionState.Idle || State == ConnectionState.Closed || State == ConnectionState.Waiting) return;
            var error = fatal ?? Reason(code, detail);
            if (State == ConnectionState.Open) lostAtMs = nowMs;
            if (code == GoingAway) Forget();
            var mayComeBack = welcomed || code == TryAgainLater;
            if (!reconnect || !mayComeBack || code == PolicyViolation || code == Normal)
            {
                Become(ConnectionState.Closed, code == Normal ? null : error, null);
                return;
            }
            var backoff = Resumable(nowMs) ? ResumeBackoffMs : BackoffMs;
            var usual = backoff[Math.Min(attempts++, backoff.Length - 1)];
            var ms = Math.Max(usual, fatal == null ? 0 : fatal.RetryAfterMs);
            Become(ConnectionState.Waiting, error, ms);
            actions.Wait(ms);
        }

        /// <summary>Close the connection for good.</summary>
        public void Stop()
        {
            if (State == ConnectionState.Closed || State == ConnectionState.Idle) return;
            actions.CloseSocket();
            Become(ConnectionState.Closed, null, null);
        }

        private void OpenSocket()
        {
            fatal = null;
            Become(ConnectionState.Connecting, null, null);
            actions.Open();
        }

        private void Become(ConnectionState state, FrametalkError error, double? retryMs)
        {
            State = state;
            actions.Changed(state, error, retryMs);
        }

        private FrametalkError Reason(int code, string detail)
        {
            var because = string.IsNullOrEmpty(detail) ? "" : ": " + detail;
            if (State == ConnectionState.Connecting)
            {
                return new FrametalkError(
                    "cannot_connect", "no frametalk server answers at that address" + because, "link", "user",
                    "start `frametalk serve`, and check the address", true);
            }
            return new FrametalkError(
                code == GoingAway ? "server_stopped" : "connection_lost", "the connection ended (" + code + ")" + because,
                "link", code == 1011 ? "server" : "", "check whether the server runs and the network is up", true);
        }
    }
}
