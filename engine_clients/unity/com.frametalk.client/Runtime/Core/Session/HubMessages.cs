namespace Frametalk
{
    /// <summary>What the server sends, carried out.</summary>
    internal sealed partial class Hub : IServerMessages
    {
        private void Frame(byte[] data, int count)
        {
            lastFrameUs = NowUs();
            try
            {
                if (Media.Is(data, count))
                {
                    var media = Media.Read(data, count);
                    down.Media(ref media, data, count);
                }
                else
                {
                    reader.Read(data, count, this);
                }
            }
            catch (FrametalkException exception)
            {
                var error = exception.Error;
                Failed(new FrametalkError(error.Code, error.Text, error.Stage, "server", error.Remedy));
            }
        }

        bool IServerMessages.Fresh(long number)
        {
            if (number == 0) return true;
            // A refusal; its number is not of the session that was kept.
            if (connection.State == ConnectionState.Joining) return true;
            if (number <= seq) return false; // a repetition after a resume
            seq = number;
            return true;
        }

        void IServerMessages.Ping(long id, long tUs)
        {
            var nowUs = NowUs();
            ClientWriter.Pong(writer, id, tUs, nowUs, nowUs);
            Send(false);
        }

        void IServerMessages.Pong(long id, long tUs, long receivedUs, long sentUs)
        {
            var slot = id % PingSlots;
            if (pingIds[slot] != id || pingTimes[slot] != tUs || id == 0) return;
            pingIds[slot] = 0;
            stats.Clock.Add(tUs, receivedUs, sentUs, NowUs());
        }

        void IServerMessages.Received(long messages, long? micSample)
        {
            outgoing.Confirm(messages, micSample);
        }

        void IServerMessages.Error(FrametalkError error)
        {
            if (!error.Fatal)
            {
                Failed(error);
                return;
            }
            address.Answered();
            connection.Failed(error);
        }

        void IServerMessages.Welcome(Welcome welcome)
        {
            if (connection.State == ConnectionState.Joining) Joined(welcome);
        }

        void IServerMessages.Turn(TurnState turn)
        {
            Emit(HubEventKind.Turn, turn);
            down.Turn(turn);
        }

        void IServerMessages.Transcript(Transcript transcript)
        {
            Emit(HubEventKind.Transcript, transcript);
        }

        void IServerMessages.ReplyBegin(ref ReplyBegin begin)
        {
            down.Begin(ref begin);
        }

        void IServerMessages.ReplyText(long reply, string text, long at)
        {
            down.Text(reply, text, at);
        }

        MarkBatch IServerMessages.Batch()
        {
            lock (batches) return batches.Count > 0 ? batches.Pop() : new MarkBatch();
        }

        void IServerMessages.ReplyMarks(MarkBatch marks)
        {
            down.Marks(marks);
            var what = new HubEvent { Kind = HubEventKind.Marks, Marks = marks };
            if (!events.Put(ref what)) Recycle(marks);
        }

        void IServerMessages.ReplyEnd(long reply, long samples)
        {
            down.End(reply, samples);
        }

        void IServerMessages.ReplyCut(ref ReplyCut cut)
        {
            down.Cut(ref cut);
        }

        void IServerMessages.ToolCall(Call call)
        {
            down.Tool(call);
        }

        void IServerMessages.ToolCancel(long call)
        {
            Emit(HubEventKind.CallCancelled, call);
        }

        void IServerMessages.SceneAck(long rev)
        {
            Emit(HubEventKind.SceneAck, rev);
        }

        void IServerMessages.SceneResync(long rev, string reason)
        {
            Emit(HubEventKind.SceneResync, rev);
        }

        void IServerMessages.Trace(Waterfall waterfall)
        {
            Emit(HubEventKind.Trace, waterfall);
        }

        void IServerMessages.Goaway(GoAway goaway)
        {
            var wrong = address.Leave(goaway.Url);
            if (wrong.Length > 0)
            {
                var remedy = "see the setting server.successor_url of that server";
                Failed(new FrametalkError("message_invalid", wrong, "wire", "server", remedy));
            }
            Emit(HubEventKind.Goaway, goaway);
        }

        private void Emit(HubEventKind kind, long number)
        {
            var what = new HubEvent { Kind = kind, Number = number };
            events.Put(ref what);
        }
    }
}
