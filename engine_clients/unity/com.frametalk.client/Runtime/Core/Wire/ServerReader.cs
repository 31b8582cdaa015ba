using System.Collections.Generic;

namespace Frametalk
{
    internal struct ReplyBegin
    {
        public long Seq;
        public long Reply;
        public long Turn;
        public int Stream;
        public int RateHz;
        public string Codec;
        public string Character;
    }

    internal struct ReplyCut
    {
        public long Seq;
        public long Reply;
        public long At;
        public string Reason;
    }

    /// <summary>Takes what the server sends; `seq` 0: it carries none.</summary>
    internal interface IServerMessages
    {
        /// <summary>Whether the message of this `seq` is to be read; called before all but ping, pong, received, welcome.</summary>
        bool Fresh(long seq);

        void Ping(long id, long tUs);

        void Pong(long id, long tUs, long receivedUs, long sentUs);

        void Received(long messages, long? micSample);

        void Error(FrametalkError error);

        void Welcome(Welcome welcome);

        void Turn(TurnState turn);

        void Transcript(Transcript transcript);

        void ReplyBegin(ref ReplyBegin begin);

        void ReplyText(long reply, string text, long at);

        /// <summary>A batch to read marks into.</summary>
        MarkBatch Batch();

        void ReplyMarks(MarkBatch marks);

        void ReplyEnd(long reply, long samples);

        void ReplyCut(ref ReplyCut cut);

        void ToolCall(Call call);

        void ToolCancel(long call);

        void SceneAck(long rev);

        void SceneResync(long rev, string reason);

        void Trace(Waterfall waterfall);

        void Goaway(GoAway goaway);
    }

    /// <summary>Reads the server's control messages; messages of unknown types and unknown fields are ignored.</summary>
    /// <remarks>One file, as wire.md is one: a closed set of messages, each read by one method of a few lines.</remarks>
    internal sealed class ServerReader
    {
        private const int MostRateHz = 192000;
        private const int MostStream = 65535;

        private readonly MsgReader r = new MsgReader();
        private readonly Tools tools;
        private IServerMessages sink;
        private int fields; // that are left
        private int seen;
        private string type;
        private long seq;

        /// <summary>`tools`: to which calls belong.</summary>
        public ServerReader(Tools tools)
        {
            this.tools = tools;
        }

        /// <summary>Read one frame. Throws FrametalkException; then the sink got nothing.</summary>
        public void Read(byte[] frame, int count, IServerMessages into)
        {
            sink = into;
            r.Begin(frame, count);
            type = TypeAndSeq();
            if (type == "ping") Ping();
            else if (type == "pong") Pong();
            else if (type == "received") Received();
            else if (type == "welcome") Welcome();
            else if (sink.Fresh(seq)) Counted();
        }

        private void Counted()
        {
            switch (type)
            {
                case "error":
                    Error();
                    break;
                case "turn.state":
                    Turn();
                    break;
                case "transcript":
                    Transcript();
                    break;
                case "reply.begin":
                    Begin();
                    break;
                case "reply.text":
                    ReplyText();
                    break;
                case "reply.marks":
                    ReplyMarks();
                    break;
                case "reply.end":
                    ReplyEnd();
                    break;
                case "reply.cut":
                    Cut();
                    break;
                case "tool.call":
                    ToolCall();
                    break;
                case "tool.cancel":
                    ToolCancel();
                    break;
                case "scene.ack":
                    SceneAck();
                    break;
                case "scene.resync":
                    SceneResync();
                    break;
                case "trace":
                    Trace();
                    break;
                case "goaway":
                    Goaway();
                    break;
            }
        }

        private string TypeAndSeq()
        {
            if (!IsMap(r.Data[0])) throw Wire.Invalid("a message that is not a map");
            string found = null;
            seq = 0;
            for (var left = r.Map(); left > 0; left--)
            {
                var key = r.Text();
                if (key == "type") found = r.Text();
                else if (key == "seq") seq = r.Count();
                else r.Skip();
            }
            if (found == null) throw Wire.Invalid("a message without a type");
            return found;
        }

        private static bool IsMap(int first)
        {
            return (first >= 0x80 && first <= 0x8f) || first == 0xde || first == 0xdf;
        }

        // ---- fields -----------------------------------------------------------------------------------------------

        private void Start()
        {
            r.At = 0;
            StartMap();
        }

        private void StartMap()
        {
            fields = r.Map();
            seen = 0;
        }

        /// <summary>The next field's name; null after the last.</summary>
        private string Next()
        {
            return fields-- > 0 ? r.Text() : null;
        }

        /// <summary>Required field number `bit` was read.</summary>
        private void Saw(int bit)
        {
            seen |= 1 << bit;
        }

        private void Need(int count)
        {
            if (seen != (1 << count) - 1) throw Wire.Invalid(type + ": a required field is missing");
        }

        // ---- messages ---------------------------------------------------------------------------------------------

        private void Ping()
        {
            long id = 0;
            long tUs = 0;
            Start();
            for (var key = Next(); key != null; key = Next())
            {
                if (key == "id") { id = r.Count(); Saw(0); }
                else if (key == "t_us") { tUs = r.Count(); Saw(1); }
                else r.Skip();
            }
            Need(2);
            sink.Ping(id, tUs);
        }

        private void Pong()
        {
            long id = 0;
            long tUs = 0;
            long receivedUs = 0;
            long sentUs = 0;
            Start();
            for (var key = Next(); key != null; key = Next())
            {
                if (key == "id") { id = r.Count(); Saw(0); }
                else if (key == "t_us") { tUs = r.Count(); Saw(1); }
                else if (key == "received_us") { receivedUs = r.Count(); Saw(2); }
                else if (key == "sent_us") { sentUs = r.Count(); Saw(3); }
                else r.Skip();
            }
            Need(4);
            sink.Pong(id, tUs, receivedUs, sentUs);
        }

        private void Received()
        {
            long messages = 0;
            long? micSample = null;
            Start();
            for (var key = Next(); key != null; key = Next())
            {
                if (key == "messages") { messages = r.Count(); Saw(0); }
                else if (key == "mic_sample") micSample = r.CountOrNull();
                else r.Skip();
            }
            Need(1);
            sink.Received(messages, micSample);
        }

        private void Error()
        {
            var code = "";
            var text = "";
            var stage = "";
            var fault = "";
            var remedy = "";
            var fatal = false;
            var retryAfterMs = 0.0;
            Start();
            for (var key = Next(); key != null; key = Next())
            {
                if (key == "code") { code = r.Text(); Saw(0); }
                else if (key == "text") text = r.Text();
                else if (key == "stage") stage = r.Text();
                else if (key == "fault") fault = r.Text();
                else if (key == "remedy") remedy = r.Text();
                else if (key == "fatal") fatal = r.Flag();
                else if (key == "retry_after_ms") retryAfterMs = r.Number();
                else r.Skip();
            }
            Need(1);
            sink.Error(new FrametalkError(code, text, stage, fault, remedy, fatal, retryAfterMs));
        }

        private void Welcome()
        {
            var w = new Welcome
            {
                Seq = seq, Language = "", MicLanguage = "", Server = "", Resume = "", NotResumed = "",
                Codec = "pcm16", MicCodecs = new[] { "pcm16" }, Features = new string[0], Interruptible = Interruptible.Words,
                Disclosure = "", VoiceLicence = "", Consent = new Consent(),
            };
            Start();
            for (var key = Next(); key != null; key = Next())
            {
                switch (key)
                {
                    case "protocol": w.Protocol = r.Count(); Saw(0); break;
                    case "session": w.Session = r.Text(); Saw(1); break;
                    case "character": w.Character = r.Text(); Saw(2); break;
                    case "mic_rates_hz": w.MicRatesHz = Rates(); Saw(3); break;
                    case "rate_hz": w.RateHz = r.Small(MostRateHz); Saw(4); break;
                    case "limits": w.Limits = ReadLimits(); Saw(5); break;
                    case "language": w.Language = r.Text(); break;
                    case "mic_language": w.MicLanguage = r.Text(); break;
                    case "server": w.Server = r.Text(); break;
                    case "resume": w.Resume = r.Text(); break;
                    case "resumed": w.Resumed = r.Flag(); break;
                    case "not_resumed": w.NotResumed = r.Text(); break;
                    case "received": w.Received = r.Count(); break;
                    case "mic_sample": w.MicSample = r.CountOrNull(); break;
                    case "scene_rev": w.SceneRev = r.CountOrNull(); break;
                    case "mic_codecs": w.MicCodecs = Texts(); break;
                    case "codec": w.Codec = r.Text(); break;
                    case "echo": w.Echo = Words.Echo(r.Text()); break;
                    case "interruptible": w.Interruptible = Words.Interrupts(r.Text()); break;
                    case "features": w.Features = Texts(); break;
                    case "disclosure": w.Disclosure = r.Text(); break;
                    case "voice_licence": w.VoiceLicence = r.Text(); break;
                    case "consent": w.Consent = ReadConsent(); break;
                    case "child": w.Child = r.Flag(); break;
                    default: r.Skip(); break;
                }
            }
            Need(6);
            sink.Welcome(w);
        }

        private Limits ReadLimits()
        {
            var outerFields = fields;
            var outerSeen = seen;
            var l = new Limits();
            StartMap();
            for (var key = Next(); key != null; key = Next())
            {
                switch (key)
                {
                    case "message_bytes": l.MessageBytes = r.Count(); Saw(0); break;
                    case "lead_ms": l.LeadMs = r.Number(); Saw(1); break;
                    case "played_every_ms": l.PlayedEveryMs = r.Number(); Saw(2); break;
                    case "mic_frame_ms": l.MicFrameMs = r.Number(); Saw(3); break;
                    case "tools": l.Tools = r.Count(); Saw(4); break;
                    case "entities": l.Entities = r.Count(); Saw(5); break;
                    case "resume_ms": l.ResumeMs = r.Number(); break;
                    case "pause_ms": l.PauseMs = r.Number(); break;
                    default: r.Skip(); break;
                }
            }
            Need(6);
            fields = outerFields;
            seen = outerSeen;
            return l;
        }

        private Consent ReadConsent()
        {
            var outerFields = fields;
            var outerSeen = seen;
            var consent = new Consent();
            StartMap();
            for (var key = Next(); key != null; key = Next())
            {
                if (key == "store") consent.Store = r.Flag();
                else if (key == "record") consent.Record = r.Flag();
                else if (key == "third_party") consent.ThirdParty = r.Flag();
                else r.Skip();
            }
            fields = outerFields;
            seen = outerSeen;
            return consent;
        }

        private void Turn()
        {
            var t = new TurnState { Seq = seq, Gesture = "" };
            Start();
            for (var key = Next(); key != null; key = Next())
            {
                switch (key)
                {
                    case "state": t.State = Words.Phase(r.Text()); Saw(0); break;
                    case "turn": t.Turn = r.Count(); Saw(1); break;
                    case "reply": t.Reply = r.CountOrNull(); break;
                    case "paused": t.Paused = r.Flag(); break;
                    case "gesture": t.Gesture = r.Text(); break;
                    case "t_us": t.TUs = r.Count(); break;
                    default: r.Skip(); break;
                }
            }
            Need(2);
            sink.Turn(t);
        }

        private void Transcript()
        {
            var t = new Transcript { Seq = seq, Words = new WordHeard[0] };
            Start();
            for (var key = Next(); key != null; key = Next())
            {
                switch (key)
                {
                    case "turn": t.Turn = r.Count(); Saw(0); break;
                    case "rev": t.Rev = r.Count(); Saw(1); break;
                    case "text": t.Text = r.Text(); Saw(2); break;
                    case "stable": t.Stable = r.Count(); break;
                    case "final": t.Final = r.Flag(); break;
                    case "words": t.Words = WordsHeard(); break;
                    default: r.Skip(); break;
                }
            }
            Need(3);
            sink.Transcript(t);
        }

        private WordHeard[] WordsHeard()
        {
            var outerFields = fields;
            var outerSeen = seen;
            var words = new WordHeard[r.List()];
            for (var i = 0; i < words.Length; i++)
            {
                var word = words[i] = new WordHeard { Confidence = 1 };
                StartMap();
                for (var key = Next(); key != null; key = Next())
                {
                    if (key == "text") { word.Text = r.Text(); Saw(0); }
                    else if (key == "at") { word.At = r.Count(); Saw(1); }
                    else if (key == "end") { word.End = r.Count(); Saw(2); }
                    else if (key == "confidence") word.Confidence = r.Number();
                    else r.Skip();
                }
                Need(3);
            }
            fields = outerFields;
            seen = outerSeen;
            return words;
        }

        private void Begin()
        {
            var b = new ReplyBegin { Seq = seq, Codec = "pcm16", Character = "" };
            Start();
            for (var key = Next(); key != null; key = Next())
            {
                switch (key)
                {
                    case "reply": b.Reply = r.Count(); Saw(0); break;
                    case "turn": b.Turn = r.Count(); Saw(1); break;
                    case "stream": b.Stream = r.Small(MostStream); Saw(2); break;
                    case "rate_hz": b.RateHz = Rate(); Saw(3); break;
                    case "codec": b.Codec = r.Text(); break;
                    case "character": b.Character = r.Text(); break;
                    default: r.Skip(); break;
                }
            }
            Need(4);
            sink.ReplyBegin(ref b);
        }

        private void ReplyText()
        {
            long reply = 0;
            long at = 0;
            var text = "";
            Start();
            for (var key = Next(); key != null; key = Next())
            {
                if (key == "reply") { reply = r.Count(); Saw(0); }
                else if (key == "text") { text = r.Text(); Saw(1); }
                else if (key == "at") { at = r.Count(); Saw(2); }
                else r.Skip();
            }
            Need(3);
            sink.ReplyText(reply, text, at);
        }

        private void ReplyMarks()
        {
            long reply = 0;
            long at = 0;
            var packedAt = 0;
            var packed = 0;
            var namesAt = 0;
            Start();
            for (var key = Next(); key != null; key = Next())
            {
                if (key == "reply") { reply = r.Count(); Saw(0); }
                else if (key == "at") { at = r.Count(); Saw(1); }
                else if (key == "marks") { packedAt = r.Binary(out packed); Saw(2); }
                else if (key == "names") { namesAt = r.At; r.Skip(); Saw(3); }
                else r.Skip();
            }
            Need(4);
            var batch = sink.Batch();
            batch.Reply = reply;
            batch.Count = 0;
            r.At = namesAt;
            Marks.Read(r, at, packedAt, packed, batch);
            sink.ReplyMarks(batch);
        }

        private void ReplyEnd()
        {
            long reply = 0;
            long samples = 0;
            Start();
            for (var key = Next(); key != null; key = Next())
            {
                if (key == "reply") { reply = r.Count(); Saw(0); }
                else if (key == "samples") { samples = r.Count(); Saw(1); }
                else r.Skip();
            }
            Need(2);
            sink.ReplyEnd(reply, samples);
        }

        private void Cut()
        {
            var c = new ReplyCut { Seq = seq, Reason = "interrupted" };
            Start();
            for (var key = Next(); key != null; key = Next())
            {
                if (key == "reply") { c.Reply = r.Count(); Saw(0); }
                else if (key == "at") { c.At = r.Count(); Saw(1); }
                else if (key == "reason") c.Reason = r.Text();
                else r.Skip();
            }
            Need(2);
            sink.ReplyCut(ref c);
        }

        private void ToolCall()
        {
            var call = new Call(tools) { Seq = seq };
            Dictionary<string, object> args = null;
            Start();
            for (var key = Next(); key != null; key = Next())
            {
                switch (key)
                {
                    case "call": call.Id = r.Count(); Saw(0); break;
                    case "name": call.Name = r.Text(); Saw(1); break;
                    case "deadline_ms": call.DeadlineMs = r.Number(); Saw(2); break;
                    case "args": args = r.FreeMap(); break;
                    case "scene_rev": call.SceneRev = r.Count(); break;
                    case "turn": call.Turn = r.Count(); break;
                    case "reply": call.Reply = r.CountOrNull(); break;
                    case "at": call.At = r.Count(); break;
                    default: r.Skip(); break;
                }
            }
            Need(3);
            call.Args = new Args(args);
            sink.ToolCall(call);
        }

        private void ToolCancel()
        {
            sink.ToolCancel(OneCount("call"));
        }

        private void SceneAck()
        {
            sink.SceneAck(OneCount("rev"));
        }

        private void SceneResync()
        {
            long rev = 0;
            var reason = "";
            Start();
            for (var key = Next(); key != null; key = Next())
            {
                if (key == "rev") { rev = r.Count(); Saw(0); }
                else if (key == "reason") reason = r.Text();
                else r.Skip();
            }
            Need(1);
            sink.SceneResync(rev, reason);
        }

        private void Trace()
        {
            var w = new Waterfall { Seq = seq, Stages = new StageTime[0], Unmeasured = "", Unseen = new string[0], Measures = new string[0] };
            Start();
            for (var key = Next(); key != null; key = Next())
            {
                switch (key)
                {
                    case "turn": w.Turn = r.Count(); Saw(0); break;
                    case "reply": w.Reply = r.Count(); Saw(1); break;
                    case "mouth_to_ear_ms": w.MouthToEarMs = r.NumberOrNull(); break;
                    case "stages": w.Stages = StageTimes(); break;
                    case "unmeasured": w.Unmeasured = r.Text(); break;
                    case "unseen": w.Unseen = Texts(); break;
                    case "ready": w.Ready = r.Flag(); break;
                    case "discarded": w.Discarded = r.Count(); break;
                    case "measures": w.Measures = Texts(); break;
                    default: r.Skip(); break;
                }
            }
            Need(2);
            sink.Trace(w);
        }

        private StageTime[] StageTimes()
        {
            var outerFields = fields;
            var outerSeen = seen;
            var stages = new StageTime[r.List()];
            for (var i = 0; i < stages.Length; i++)
            {
                StartMap();
                for (var key = Next(); key != null; key = Next())
                {
                    if (key == "stage") { stages[i].Stage = r.Text(); Saw(0); }
                    else if (key == "ms") { stages[i].Ms = r.Number(); Saw(1); }
                    else if (key == "estimated") stages[i].Estimated = r.Flag();
                    else r.Skip();
                }
                Need(2);
            }
            fields = outerFields;
            seen = outerSeen;
            return stages;
        }

        private void Goaway()
        {
            var g = new GoAway { Seq = seq, Reason = "", Url = "" };
            Start();
            for (var key = Next(); key != null; key = Next())
            {
                if (key == "reason") g.Reason = r.Text();
                else if (key == "in_ms") g.InMs = r.Number();
                else if (key == "url") g.Url = r.Text();
                else r.Skip();
            }
            sink.Goaway(g);
        }

        private long OneCount(string name)
        {
            long value = 0;
            Start();
            for (var key = Next(); key != null; key = Next())
            {
                if (key == name) { value = r.Count(); Saw(0); }
                else r.Skip();
            }
            Need(1);
            return value;
        }

        private int Rate()
        {
            var rate = r.Small(MostRateHz);
            if (rate < 8000) throw Wire.Invalid("a rate below 8000");
            return rate;
        }

        private int[] Rates()
        {
            var rates = new int[r.List()];
            for (var i = 0; i < rates.Length; i++) rates[i] = Rate();
            return rates;
        }

        private string[] Texts()
        {
            var texts = new string[r.List()];
            for (var i = 0; i < texts.Length; i++) texts[i] = r.Text();
            return texts;
        }
    }
}
