using System;
using System.Collections.Generic;

namespace Frametalk.Tests
{
    /// <summary>A session without threads, in virtual time, with a server that the test plays and a device of 10 ms blocks.</summary>
    internal sealed class World
    {
        public const int OutHz = 48000;
        public const int ReplyHz = 24000;
        public const int Frame = 480; // samples of a reply's frame: 20 ms
        public const int BlockMs = 10;

        private readonly float[] block = new float[OutHz * BlockMs / 1000];

        public readonly List<FakeSocket> Sockets = new List<FakeSocket>();
        public readonly List<ConnectionEvent> Connections = new List<ConnectionEvent>();
        public readonly List<ReplyEvent> Replies = new List<ReplyEvent>();
        public readonly List<string> Heard = new List<string>(); // captions and marks, in order
        public readonly List<string> Tools = new List<string>();
        public readonly List<FrametalkError> Errors = new List<FrametalkError>();
        public readonly List<float> Sound = new List<float>();
        public readonly Session Session;
        public long Us = 1000000;
        public bool Device = true;
        public long LatencyUs;

        public World(SessionOptions options = null)
        {
            options = options ?? new SessionOptions();
            options.Threads = false;
            options.NowUs = () => Us;
            options.OutputRateHz = OutHz;
            options.Socket = () =>
            {
                Sockets.Add(new FakeSocket());
                return Sockets[Sockets.Count - 1];
            };
            Session = new Session(options);
            Session.OnConnection += Connections.Add;
            Session.OnReply += Replies.Add;
            Session.OnError += Errors.Add;
            Session.OnCaption += caption => Heard.Add("caption " + caption.Text);
            Session.OnMark += mark => Heard.Add(mark.Mark.Kind.ToString().ToLowerInvariant() + " " + mark.Mark.Name);
            Session.OnTool += tool => Tools.Add(tool.Name + " " + tool.State + (tool.Reason == "" ? "" : ": " + tool.Reason));
        }

        public FakeSocket Server
        {
            get { return Sockets[Sockets.Count - 1]; }
        }

        public static Dictionary<string, object> Message(string type, params object[] fields)
        {
            var message = new Dictionary<string, object> { { "type", type } };
            for (var i = 0; i < fields.Length; i += 2) message[(string)fields[i]] = fields[i + 1];
            return message;
        }

        /// <summary>Connect and join. `features`: of the session.</summary>
        public World Join(params string[] features)
        {
            Session.ConnectAsync();
            Accept(features, Array.IndexOf(features, "resume") < 0 ? "" : "r-1", false);
            return this;
        }

        /// <summary>The server opens the newest socket and welcomes the client.</summary>
        public void Accept(string[] features, string resume, bool resumed, params object[] more)
        {
            Server.Opened();
            Session.Update();
            var welcome = Message(
                "welcome", "protocol", 1, "session", "s-1", "character", "blacksmith", "mic_rates_hz",
                new List<object> { 8000, 16000, 48000 }, "rate_hz", ReplyHz, "limits",
                new Dictionary<string, object>
                {
                    { "message_bytes", 61440 }, { "lead_ms", 400.0 }, { "played_every_ms", 100.0 }, { "mic_frame_ms", 20.0 },
                    { "tools", 64 }, { "entities", 512 }, { "resume_ms", 60000.0 }, { "pause_ms", 600000.0 },
                },
                "features", new List<object>(features), "resume", resume);
            if (resumed)
            {
                welcome["resumed"] = true;
                welcome["seq"] = 0;
            }
            for (var i = 0; i < more.Length; i += 2) welcome[(string)more[i]] = more[i + 1];
            Server.Say(welcome);
            Session.Update();
        }

        public void Advance(double ms)
        {
            for (var passed = 0.0; passed < ms; passed += BlockMs)
            {
                Us += BlockMs * 1000;
                if (Device)
                {
                    Session.Voice.Read(block, block.Length, Us + LatencyUs);
                    Sound.AddRange(block);
                }
                Session.Update();
            }
        }

        public void Begin(long reply, int stream = 1, int rateHz = ReplyHz)
        {
            Server.Say(Message("reply.begin", "reply", reply, "turn", 1, "stream", stream, "rate_hz", rateHz));
        }

        /// <summary>Frames `from` up to `to` of a constant sound.</summary>
        public void Feed(int from, int to, int stream = 1, short value = 16384)
        {
            for (var seq = from; seq < to; seq++) Server.Raw(MediaFrame(stream, seq, (long)seq * Frame, value));
        }

        public void End(long reply, long samples)
        {
            Server.Say(Message("reply.end", "reply", reply, "samples", samples));
        }

        /// <summary>A whole reply of `frames` frames.</summary>
        public void Reply(long reply, int frames)
        {
            Begin(reply);
            Feed(0, frames);
            End(reply, frames * Frame);
        }

        public static byte[] MediaFrame(int stream, long seq, long sample, short value = 16384, int samples = Frame)
        {
            var frame = new byte[Media.HeaderBytes + 2 * samples];
            new Media { Kind = Media.Pcm16, Stream = stream, Seq = seq, Sample = sample }.Write(frame);
            for (var i = 0; i < samples; i++)
            {
                frame[Media.HeaderBytes + 2 * i] = (byte)value;
                frame[Media.HeaderBytes + 2 * i + 1] = (byte)(value >> 8);
            }
            return frame;
        }

        /// <summary>`reply.marks`: rows of (what 0 to 31, at, end, hundredths), and the names.</summary>
        public static byte[] MarksFrame(long seq, long reply, long at, int[][] rows, params string[] names)
        {
            var writer = new MsgWriter();
            writer.Message("reply.marks").Field("seq").Whole(seq).Field("reply").Whole(reply).Field("at").Whole(at);
            writer.Field("names").List(names.Length);
            foreach (var name in names) writer.Text(name);
            writer.Field("marks");
            var bytes = new List<byte>();
            for (var i = 0; i < writer.Count; i++) bytes.Add(writer.Buffer[i]);
            bytes.Add(0xc5);
            bytes.Add((byte)(7 * rows.Length >> 8));
            bytes.Add((byte)(7 * rows.Length));
            foreach (var row in rows)
            {
                var bits = (ulong)row[1] | (ulong)(row[2] - row[1]) << 24 | (ulong)row[0] << 44 | (ulong)row[3] << 49;
                for (var i = 0; i < 7; i++) bytes.Add((byte)(bits >> 8 * i));
            }
            return bytes.ToArray();
        }

        public void Marks(long reply, int[][] rows, params string[] names)
        {
            Server.Raw(MarksFrame(++Server.Seq, reply, 0, rows, names));
        }

        /// <summary>The messages of a type that the client sent on all connections.</summary>
        public List<Dictionary<string, object>> Of(string type)
        {
            var found = new List<Dictionary<string, object>>();
            foreach (var socket in Sockets) foreach (var sent in socket.Sent) if ((string)sent["type"] == type) found.Add(sent);
            return found;
        }

        public Dictionary<string, object> LastOf(string type)
        {
            var found = Of(type);
            return found.Count == 0 ? null : found[found.Count - 1];
        }

        public List<byte[]> MicFrames()
        {
            var frames = new List<byte[]>();
            foreach (var socket in Sockets) frames.AddRange(socket.Media);
            return frames;
        }

        /// <summary>Push `ms` of sound into the microphone in pieces of 10 ms, while time passes.</summary>
        public void Speak(double ms, float level = 0, int deviceHz = 16000)
        {
            var samples = new float[deviceHz / 100];
            for (var i = 0; i < samples.Length; i++) samples[i] = (i & 8) == 0 ? level : -level;
            for (var passed = 0.0; passed < ms; passed += BlockMs)
            {
                Advance(BlockMs);
                Session.Mic.Push(samples, 0, samples.Length, Us);
                Session.Update();
            }
        }
    }
}
