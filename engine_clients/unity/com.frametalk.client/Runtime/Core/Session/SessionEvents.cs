using System;

namespace Frametalk
{
    // The hub's events: they change the session, and raise the events of the game.
    public sealed partial class Session
    {
        private void Handle(ref HubEvent next)
        {
            switch (next.Kind)
            {
                case HubEventKind.Connection:
                    ConnectionChanged(next.Connection);
                    break;
                case HubEventKind.Welcome:
                    Welcomed((Welcome)next.Payload);
                    break;
                case HubEventKind.Turn:
                    Turn = (TurnState)next.Payload;
                    if (OnTurn != null) OnTurn(Turn);
                    break;
                case HubEventKind.Transcript:
                    if (OnTranscript != null) OnTranscript((Transcript)next.Payload);
                    break;
                case HubEventKind.Reply:
                    if (next.Reply.Phase == ReplyPhase.Begin) lips.Begin(next.Reply.Reply, next.Reply.RateHz);
                    if (OnReply != null) OnReply(next.Reply);
                    break;
                case HubEventKind.Marks:
                    lips.Marks(next.Marks);
                    break;
                case HubEventKind.Caption:
                    if (OnCaption != null) OnCaption(next.Caption);
                    break;
                case HubEventKind.Mark:
                    if (OnMark != null) OnMark(next.Mark);
                    break;
                case HubEventKind.Call:
                    Tools.Execute((Call)next.Payload);
                    break;
                case HubEventKind.Answer:
                    SendAnswer((Call)next.Payload);
                    break;
                case HubEventKind.CallCancelled:
                    Tools.Cancel(next.Number);
                    break;
                case HubEventKind.Tool:
                    if (OnTool != null) OnTool((ToolEvent)next.Payload);
                    break;
                case HubEventKind.Mic:
                    if (OnMic != null) OnMic(MicNow());
                    break;
                case HubEventKind.SceneAck:
                    Scene.Acked(next.Number);
                    break;
                case HubEventKind.SceneResync:
                    Scene.Resync();
                    break;
                case HubEventKind.Trace:
                    Latency.Add((Waterfall)next.Payload);
                    if (OnLatency != null) OnLatency((Waterfall)next.Payload);
                    break;
                case HubEventKind.Stats:
                    RenewStats();
                    break;
                case HubEventKind.Failure:
                    if (OnError != null) OnError((FrametalkError)next.Payload);
                    break;
                case HubEventKind.Goaway:
                    if (OnGoaway != null) OnGoaway((GoAway)next.Payload);
                    break;
            }
        }

        private MicEvent MicNow()
        {
            return new MicEvent { Started = Mic.Started, Mode = Mic.Mode, Open = Mic.Open, Muted = Mic.Muted };
        }

        private void RenewStats()
        {
            if (Latency.Stats == null) Latency.Stats = new Stats();
            using (hub.Hold()) hub.CopyStats(Latency.Stats);
            if (OnStats != null) OnStats(Latency.Stats);
        }

        private void ConnectionChanged(ConnectionEvent changed)
        {
            if (State == ConnectionState.Closed) return;
            State = changed.State;
            resumable = changed.Resumable;
            var lost = State == ConnectionState.Waiting || State == ConnectionState.Closed;
            if (lost && !resumable) Turn = null;
            if (State == ConnectionState.Closed)
            {
                Tools.Reset();
                Fail(changed.Error);
                host.Stop();
            }
            if (OnConnection != null) OnConnection(changed);
            if (changed.Error != null && !resumable && OnError != null) OnError(changed.Error);
        }

        private void Welcomed(Welcome welcome)
        {
            Welcome = welcome;
            if (!welcome.Resumed)
            {
                Turn = null;
                Tools.Reset();
                Focus.Reset();
                Scene.Resend();
            }
            if (OnWelcome != null) OnWelcome(welcome);
            ended = joining;
        }

        private void FinishJoin()
        {
            var task = ended;
            ended = null;
            joining = null;
            task.TrySetResult(Welcome);
        }

        private void Fail(FrametalkError error)
        {
            if (joining == null) return;
            var task = joining;
            joining = null;
            ended = null;
            task.TrySetException(error == null ? NotConnected() : new FrametalkException(error));
        }

        private void SetClosed()
        {
            State = ConnectionState.Closed;
            resumable = false;
            Turn = null;
            Fail(null);
            if (OnConnection != null) OnConnection(new ConnectionEvent { State = ConnectionState.Closed });
        }

        /// <summary>A listener's mistake must not keep the other events from arriving.</summary>
        private void ListenerFailed(Exception error)
        {
            try
            {
                if (OnError == null) return;
                OnError(new FrametalkError(
                    "listener_failed", error.ToString(), "", "client", "correct the listener of the session's event"));
            }
            catch (Exception)
            {
                // The listener of errors failed too: there is none left to tell.
            }
        }
    }
}
