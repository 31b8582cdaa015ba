using System.Collections.Generic;

namespace Frametalk
{
    /// <summary>The connection's state.</summary>
    public enum ConnectionState
    {
        /// <summary>Never connected.</summary>
        Idle,

        /// <summary>The socket opens.</summary>
        Connecting,

        /// <summary>`hello` was sent.</summary>
        Joining,

        /// <summary>`welcome` came.</summary>
        Open,

        /// <summary>The connection was lost and is opened again later.</summary>
        Waiting,

        /// <summary>The session has ended.</summary>
        Closed,
    }

    /// <summary>The connection changed.</summary>
    public struct ConnectionEvent
    {
        /// <summary>The new state.</summary>
        public ConnectionState State;

        /// <summary>Why it was lost or closed; null if nothing is wrong.</summary>
        public FrametalkError Error;

        /// <summary>In `Waiting`: milliseconds until the next attempt; else null.</summary>
        public double? RetryMs;

        /// <summary>While there is no connection: the session goes on as soon as there is one, and nothing is lost.</summary>
        public bool Resumable;
    }

    /// <summary>How far a reply is.</summary>
    public enum ReplyPhase
    {
        /// <summary>It was announced.</summary>
        Begin,

        /// <summary>Its first sample is heard.</summary>
        Sounding,

        /// <summary>No more of it will be heard.</summary>
        Ended,
    }

    /// <summary>How a reply ended.</summary>
    public enum ReplyEnding
    {
        /// <summary>It was heard to its end.</summary>
        Finished,

        /// <summary>The player spoke or typed.</summary>
        Interrupted,

        /// <summary>The player continued the turn.</summary>
        Continued,

        /// <summary><see cref="Session.Interrupt"/> stopped it.</summary>
        Stopped,

        /// <summary>An engine failed, or no `played` arrived.</summary>
        Failed,

        /// <summary><see cref="Session.Floor"/> stopped it.</summary>
        Floor,

        /// <summary>The connection was lost for good.</summary>
        Disconnected,
    }

    /// <summary>A reply begins, its first sample is heard, or it has ended.</summary>
    public struct ReplyEvent
    {
        /// <summary>How far it is.</summary>
        public ReplyPhase Phase;

        /// <summary>The reply's id.</summary>
        public long Reply;

        /// <summary>In `Begin`: the turn it answers; 0: none.</summary>
        public long Turn;

        /// <summary>In `Begin`: which character speaks.</summary>
        public string Character;

        /// <summary>In `Begin`: the rate of the reply's clock.</summary>
        public int RateHz;

        /// <summary>In `Ended`: how far it was heard, on the reply's clock.</summary>
        public long Sample;

        /// <summary>In `Ended`: how it ended.</summary>
        public ReplyEnding How;
    }

    /// <summary>A clause of a reply begins to be heard.</summary>
    public struct CaptionEvent
    {
        /// <summary>The reply's id.</summary>
        public long Reply;

        /// <summary>The clause as it is written.</summary>
        public string Text;

        /// <summary>The sample of the reply's clock at which it begins.</summary>
        public long At;
    }

    /// <summary>The reply's clock reaches a word, gesture, emotion or gaze.</summary>
    public struct MarkEvent
    {
        /// <summary>The reply's id.</summary>
        public long Reply;

        /// <summary>The mark.</summary>
        public Mark Mark;
    }

    /// <summary>How far a tool call is: `Called`, then one of the others.</summary>
    public enum ToolState
    {
        /// <summary>Its handler was called.</summary>
        Called,

        /// <summary>It was done.</summary>
        Done,

        /// <summary>The game refused it.</summary>
        Refused,

        /// <summary>It failed.</summary>
        Failed,

        /// <summary>The server cancelled it, or the session ended.</summary>
        Cancelled,
    }

    /// <summary>A tool call began or ended.</summary>
    public struct ToolEvent
    {
        /// <summary>The call's id.</summary>
        public long Call;

        /// <summary>The tool's name.</summary>
        public string Name;

        /// <summary>The arguments by name.</summary>
        public Args Args;

        /// <summary>How far the call is.</summary>
        public ToolState State;

        /// <summary>What the handler returned, for `Done`; else null.</summary>
        public object Value;

        /// <summary>Why it was refused or failed; else empty.</summary>
        public string Reason;
    }

    /// <summary>The microphone changed.</summary>
    public struct MicEvent
    {
        /// <summary>Whether the microphone was started.</summary>
        public bool Started;

        /// <summary>Open, or push-to-talk.</summary>
        public MicMode Mode;

        /// <summary>Whether sound is sent to the server now.</summary>
        public bool Open;

        /// <summary>Whether silence is sent in place of sound.</summary>
        public bool Muted;
    }

    /// <summary>The times of one turn, from the player's last word to the first audible sample.</summary>
    public sealed class Waterfall
    {
        /// <summary>The turn's id.</summary>
        public long Turn { get; internal set; }

        /// <summary>The id of the reply to it.</summary>
        public long Reply { get; internal set; }

        /// <summary>Mouth-to-ear in milliseconds; null: not measured, for the reason in <see cref="Unmeasured"/>.</summary>
        public double? MouthToEarMs { get; internal set; }

        /// <summary>Its stages in order; they add up to <see cref="MouthToEarMs"/>.</summary>
        public IReadOnlyList<StageTime> Stages { get; internal set; }

        /// <summary>Why <see cref="MouthToEarMs"/> is null.</summary>
        public string Unmeasured { get; internal set; }

        /// <summary>Stages that nothing measured or estimated, so that <see cref="MouthToEarMs"/> lacks them.</summary>
        public IReadOnlyList<string> Unseen { get; internal set; }

        /// <summary>Whether the draft was in time: its first sound was ready when the turn ended.</summary>
        public bool Ready { get; internal set; }

        /// <summary>How many drafts for earlier revisions of this turn were discarded.</summary>
        public long Discarded { get; internal set; }

        /// <summary>What the server did to answer sooner, because the session misses its latency objective.</summary>
        public IReadOnlyList<string> Measures { get; internal set; }

        internal long Seq;
    }
}
