using System.Threading;

namespace Frametalk
{
    /// <summary>
    /// One call of a tool. Answer it once, from any thread: <see cref="Done"/>, <see cref="Refuse"/> or <see cref="Fail"/>;
    /// later answers are ignored. Change the scene before: the character then speaks of it as it is.
    /// </summary>
    public sealed class Call
    {
        private readonly Tools tools;
        private readonly CancellationTokenSource cancel = new CancellationTokenSource();

        internal Call(Tools tools)
        {
            this.tools = tools;
        }

        /// <summary>The call's id.</summary>
        public long Id { get; internal set; }

        /// <summary>The tool's name.</summary>
        public string Name { get; internal set; }

        /// <summary>The arguments by name; they fit the tool's schema.</summary>
        public Args Args { get; internal set; }

        /// <summary>The turn that caused it; 0: none.</summary>
        public long Turn { get; internal set; }

        /// <summary>The reply it belongs to; null: none.</summary>
        public long? Reply { get; internal set; }

        /// <summary>The revision of the scene that the mind knew.</summary>
        public long SceneRev { get; internal set; }

        /// <summary>Time within which the result must arrive, in milliseconds.</summary>
        public double DeadlineMs { get; internal set; }

        /// <summary>Whether it was answered or cancelled.</summary>
        public bool Ended { get; internal set; }

        /// <summary>Cancelled when the server cancels the call, or the session ends.</summary>
        public CancellationToken Cancellation
        {
            get { return cancel.Token; }
        }

        /// <summary>It was done. `value`: free data (see <see cref="Args"/>), null: nothing to tell.</summary>
        public void Done(object value = null)
        {
            tools.Answer(this, ToolState.Done, value, "");
        }

        /// <summary>It is refused. `reason`: words that the character can say: "the chest is locked".</summary>
        public void Refuse(string reason)
        {
            tools.Answer(this, ToolState.Refused, null, reason);
        }

        /// <summary>It failed. `reason`: words that the character can say.</summary>
        public void Fail(string reason)
        {
            tools.Answer(this, ToolState.Failed, null, reason);
        }

        internal void Cancel()
        {
            cancel.Cancel();
        }

        internal long Seq;
        internal long At;
        internal ToolState Answered; // Called: not yet
        internal object Value;
        internal string Reason = "";
    }
}
