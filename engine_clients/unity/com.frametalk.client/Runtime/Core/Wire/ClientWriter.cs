using System.Collections.Generic;

namespace Frametalk
{
    /// <summary>How far this client is, for a session that is resumed.</summary>
    internal struct ResumeFrom
    {
        public long Received;
        public long Sent;
        public long MicSample;
        public long? Reply;
        public long Played;
    }

    /// <summary>Writes the client's control messages; fields whose value is the default are omitted.</summary>
    internal static class ClientWriter
    {
        public static void Hello(
            MsgWriter w, SessionOptions options, IReadOnlyList<ToolSpec> tools, IReadOnlyList<string> features,
            string resume, ResumeFrom from)
        {
            w.Message("hello").Field("protocol").Whole(1);
            ClientInfo(w, options);
            TextField(w, "token", options.Token);
            if (resume.Length > 0)
            {
                w.Field("resume").Text(resume).Field("resume_from");
                From(w, ref from);
            }
            TextField(w, "character", options.Character);
            TextField(w, "language", options.Language);
            if (options.Echo != EchoPolicy.None) w.Field("echo").Text(Words.Of(options.Echo));
            if (options.Interruptible != Interruptible.Default) w.Field("interruptible").Text(Words.Of(options.Interruptible));
            if (tools.Count > 0)
            {
                w.Field("tools").List(tools.Count);
                for (var i = 0; i < tools.Count; i++) Tool(w, tools[i]);
            }
            if (options.Consent != null) Agreed(w, options.Consent);
            if (options.Child) w.Field("child").Flag(true);
            TextsField(w, "scopes", options.Scopes);
            TextsField(w, "features", features);
        }

        private static void Agreed(MsgWriter w, Consent consent)
        {
            w.Field("consent").Map(3).Text("store").Flag(consent.Store).Text("record").Flag(consent.Record);
            w.Text("third_party").Flag(consent.ThirdParty);
        }

        private static void ClientInfo(MsgWriter w, SessionOptions options)
        {
            if (options.ClientName.Length + options.ClientVersion.Length + options.Engine.Length == 0) return;
            w.Field("client");
            var outer = w.BeginFields();
            TextField(w, "name", options.ClientName);
            TextField(w, "version", options.ClientVersion);
            TextField(w, "engine", options.Engine);
            w.EndFields(outer);
        }

        private static void From(MsgWriter w, ref ResumeFrom from)
        {
            w.Map(5).Text("received").Whole(from.Received).Text("sent").Whole(from.Sent);
            w.Text("mic_sample").Whole(from.MicSample).Text("reply");
            WholeOrNull(w, from.Reply).Text("played").Whole(from.Played);
        }

        private static void Tool(MsgWriter w, ToolSpec tool)
        {
            var outer = w.BeginFields();
            w.Field("name").Text(tool.Name);
            TextField(w, "description", tool.Description);
            if (tool.Parameters != null)
            {
                w.Field("parameters");
                Free.Write(w, tool.Parameters, 4);
            }
            if (!tool.ChangesWorld) w.Field("changes_world").Flag(false);
            if (tool.DeadlineMs != 2000) w.Field("deadline_ms").Whole(tool.DeadlineMs);
            TextsField(w, "verbs", tool.Verbs);
            TextField(w, "scope", tool.Scope);
            w.EndFields(outer);
        }

        public static void MicStart(MsgWriter w, int stream, int rateHz, MicMode mode)
        {
            w.Message("mic.start").Field("stream").Whole(stream).Field("rate_hz").Whole(rateHz);
            if (mode != MicMode.Open) w.Field("mode").Text(Words.Of(mode));
        }

        public static void MicStop(MsgWriter w, int stream, long at)
        {
            w.Message("mic.stop").Field("stream").Whole(stream).Field("at").Whole(at);
        }

        public static void Say(MsgWriter w, string text)
        {
            w.Message("say").Field("text").Text(text);
        }

        public static void Played(MsgWriter w, ref Played played)
        {
            w.Message("played").Field("reply").Whole(played.Reply).Field("sample").Whole(played.Sample);
            if (played.TUs != 0) w.Field("t_us").Whole(played.TUs);
            if (played.MicSample.HasValue) w.Field("mic_sample").Whole(played.MicSample.Value);
            if (played.ArrivedUs.HasValue) w.Field("arrived_us").Whole(played.ArrivedUs.Value);
            if (played.Underruns != 0) w.Field("underruns").Whole(played.Underruns);
            if (played.Done) w.Field("done").Flag(true);
            if (played.InputMs.HasValue) w.Field("input_ms").Number(played.InputMs.Value);
            if (played.OutputMs.HasValue) w.Field("output_ms").Number(played.OutputMs.Value);
            var cost = played.FrameCost;
            if (cost.Frames == 0) return;
            w.Field("frame_cost").Map(3).Text("frames").Whole(cost.Frames).Text("p99_ms").Number(cost.P99Ms);
            w.Text("max_ms").Number(cost.MaxMs);
        }

        public static void Interrupt(MsgWriter w, long? reply)
        {
            w.Message("interrupt");
            if (reply.HasValue) w.Field("reply").Whole(reply.Value);
        }

        public static void SceneSnapshot(MsgWriter w, long rev, IReadOnlyList<Entity> entities)
        {
            w.Message("scene.snapshot").Field("rev").Whole(rev).Field("entities");
            Entities(w, entities);
        }

        public static void ScenePut(MsgWriter w, long from, long rev, IReadOnlyList<Entity> entities)
        {
            w.Message("scene.patch").Field("base").Whole(from).Field("rev").Whole(rev).Field("put");
            Entities(w, entities);
        }

        public static void ScenePatch(
            MsgWriter w, long from, long rev, ScenePending changes, Dictionary<string, Entity> things)
        {
            w.Message("scene.patch").Field("base").Whole(from).Field("rev").Whole(rev);
            TextsField(w, "remove", changes.Removed);
            if (changes.Replaced.Count > 0)
            {
                w.Field("put").List(changes.Replaced.Count);
                foreach (var id in changes.Replaced) Entity(w, things[id]);
            }
            if (changes.States.Count > 0)
            {
                w.Field("state").Map(changes.States.Count);
                foreach (var state in changes.States)
                {
                    w.Text(state.Key);
                    Free.Write(w, state.Value);
                }
            }
            if (changes.Moved.Count == 0) return;
            w.Field("move").Map(changes.Moved.Count);
            foreach (var id in changes.Moved)
            {
                w.Text(id);
                Place(w, things[id].Position.Value);
            }
        }

        public static void SceneEvent(
            MsgWriter w, string name, string entity, string text, Dictionary<string, object> data)
        {
            w.Message("scene.event").Field("name").Text(name);
            TextField(w, "entity", entity);
            TextField(w, "text", text);
            if (data == null || data.Count == 0) return;
            w.Field("data");
            Free.Write(w, data);
        }

        public static void Focus(MsgWriter w, string entity)
        {
            w.Message("focus").Field("entity").Text(entity);
        }

        public static void ToolAck(MsgWriter w, long call, bool accepted, string reason)
        {
            w.Message("tool.ack").Field("call").Whole(call);
            if (!accepted) w.Field("accepted").Flag(false);
            TextField(w, "reason", reason);
        }

        public static void ToolResult(MsgWriter w, long call, bool ok, object value, string reason)
        {
            w.Message("tool.result").Field("call").Whole(call).Field("ok").Flag(ok);
            if (value != null)
            {
                w.Field("value");
                Free.Write(w, value);
            }
            TextField(w, "reason", reason);
        }

        public static void Report(MsgWriter w, long? reply, ReportReason reason, string text)
        {
            w.Message("report");
            if (reply.HasValue) w.Field("reply").Whole(reply.Value);
            if (reason != ReportReason.Other) w.Field("reason").Text(Words.Of(reason));
            TextField(w, "text", text);
        }

        public static void FloorSet(MsgWriter w, FloorMode mode, double? untilMs)
        {
            w.Message("floor.set").Field("mode").Text(Words.Of(mode));
            if (untilMs.HasValue) w.Field("until_ms").Number(untilMs.Value);
        }

        public static void Pause(MsgWriter w, bool paused, double? forMs)
        {
            w.Message("pause");
            if (!paused) w.Field("paused").Flag(false);
            if (forMs.HasValue) w.Field("for_ms").Number(forMs.Value);
        }

        public static void Hint(MsgWriter w, long turn, TurnHint hint)
        {
            w.Message("turn.hint").Field("turn").Whole(turn).Field("hint").Text(Words.Of(hint));
        }

        public static void Ping(MsgWriter w, long id, long tUs)
        {
            w.Message("ping").Field("id").Whole(id).Field("t_us").Whole(tUs);
        }

        public static void Pong(MsgWriter w, long id, long tUs, long receivedUs, long sentUs)
        {
            w.Message("pong").Field("id").Whole(id).Field("t_us").Whole(tUs);
            w.Field("received_us").Whole(receivedUs).Field("sent_us").Whole(sentUs);
        }

        public static void Ack(MsgWriter w, long acked)
        {
            w.Message("ack").Field("acked").Whole(acked);
        }

        public static void Bye(MsgWriter w, string reason)
        {
            w.Message("bye");
            TextField(w, "reason", reason);
        }

        private static void Entities(MsgWriter w, IReadOnlyList<Entity> entities)
        {
            w.List(entities.Count);
            for (var i = 0; i < entities.Count; i++) Entity(w, entities[i]);
        }

        private static void Entity(MsgWriter w, Entity entity)
        {
            var outer = w.BeginFields();
            w.Field("id").Text(entity.Id).Field("name").Text(entity.Name);
            TextField(w, "kind", entity.Kind);
            TextsField(w, "aliases", entity.Aliases);
            if (entity.Position.HasValue) Place(w.Field("position"), entity.Position.Value);
            if (entity.State.Count > 0)
            {
                w.Field("state");
                Free.Write(w, entity.State, 4);
            }
            TextsField(w, "affordances", entity.Affordances);
            w.EndFields(outer);
        }

        private static void Place(MsgWriter w, Position position)
        {
            w.List(3).Number(position.X).Number(position.Y).Number(position.Z);
        }

        private static void TextField(MsgWriter w, string name, string text)
        {
            if (!string.IsNullOrEmpty(text)) w.Field(name).Text(text);
        }

        private static void TextsField(MsgWriter w, string name, IReadOnlyList<string> texts)
        {
            if (texts == null || texts.Count == 0) return;
            w.Field(name).List(texts.Count);
            for (var i = 0; i < texts.Count; i++) w.Text(texts[i]);
        }

        private static MsgWriter WholeOrNull(MsgWriter w, long? value)
        {
            return value.HasValue ? w.Whole(value.Value) : w.Null();
        }
    }
}
