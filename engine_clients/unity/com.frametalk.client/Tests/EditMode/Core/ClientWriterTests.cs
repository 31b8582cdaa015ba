using System.Collections.Generic;
using NUnit.Framework;

namespace Frametalk.Tests
{
    [TestFixture]
    public class ClientWriterTests
    {
        private static readonly HashSet<string> Written = new HashSet<string>
        {
            "hello", "mic.start", "mic.stop", "say", "played", "interrupt", "scene.snapshot", "scene.patch", "scene.event", "focus",
            "tool.ack", "tool.result", "floor.set", "turn.hint", "pause", "ack", "bye", "ping", "pong", "report",
        };

        public static IEnumerable<object[]> Messages()
        {
            foreach (var folder in new[] { "full", "least" })
            {
                foreach (var name in Golden.Messages(folder)) if (Written.Contains(name)) yield return new object[] { folder, name };
            }
        }

        [TestCaseSource("Messages")]
        public void TheClientsMessagesHaveTheGoldenBytes(string folder, string name)
        {
            var json = (Dictionary<string, object>)Golden.Json(folder + "/" + name + ".json");
            json.Remove("speech_codecs"); // this client never sends these two
            json.Remove("required");
            var golden = Golden.Bytes(folder + "/" + name + ".msgpack");
            var writer = new MsgWriter();
            Write(writer, name, json);
            if (!OmitsDefaults(json, name)) Assert.AreEqual(Golden.Hex(golden, golden.Length), Golden.Hex(writer.Buffer, writer.Count));
            else Equal(Without(json), CodecTests.Back(writer), name);
        }

        /// <summary>Golden messages that spell out defaults, which this client omits, or fields that it never sends.</summary>
        private static bool OmitsDefaults(Dictionary<string, object> json, string name)
        {
            return name == "scene.patch"
                || name == "scene.snapshot" || name == "mic.start" || name == "tool.ack" || name == "hello" || name == "scene.event"
                || (name == "tool.result" && json.ContainsKey("value"));
        }

        private static object Without(object value)
        {
            var list = value as List<object>;
            var map = value as Dictionary<string, object>;
            if (list != null)
            {
                var items = new List<object>();
                foreach (var item in list) items.Add(Without(item));
                return items;
            }
            if (map == null) return value;
            var kept = new Dictionary<string, object>();
            foreach (var entry in map)
            {
                if (entry.Key == "codec") continue;
                if (entry.Key == "position" && entry.Value == null) continue;
                var inner = Without(entry.Value);
                var empty = (inner is List<object> && ((List<object>)inner).Count == 0) || (inner is string && (string)inner == "")
                    || (inner is Dictionary<string, object> && ((Dictionary<string, object>)inner).Count == 0);
                if (!empty || entry.Key == "entities") kept[entry.Key] = inner;
            }
            return kept;
        }

        private static void Equal(object expected, object actual, string where)
        {
            var map = expected as Dictionary<string, object>;
            var list = expected as List<object>;
            if (map != null)
            {
                var other = (Dictionary<string, object>)actual;
                foreach (var key in other.Keys) Assert.IsTrue(map.ContainsKey(key), where + ": " + key + " is too much");
                foreach (var entry in map)
                {
                    Assert.IsTrue(other.ContainsKey(entry.Key), where + ": " + entry.Key + " is missing");
                    Equal(entry.Value, other[entry.Key], where + "." + entry.Key);
                }
            }
            else if (list != null)
            {
                var other = (List<object>)actual;
                Assert.AreEqual(list.Count, other.Count, where);
                for (var i = 0; i < list.Count; i++) Equal(list[i], other[i], where + "[" + i + "]");
            }
            else
            {
                Assert.AreEqual(expected, actual, where);
            }
        }

        private static void Write(MsgWriter w, string name, Dictionary<string, object> json)
        {
            var m = new Args(json);
            switch (name)
            {
                case "hello":
                    Hello(w, m);
                    break;
                case "mic.start":
                    ClientWriter.MicStart(w, (int)m.Whole("stream"), (int)m.Whole("rate_hz"), m.Text("mode") == "ptt" ? MicMode.Ptt : MicMode.Open);
                    break;
                case "mic.stop":
                    ClientWriter.MicStop(w, (int)m.Whole("stream"), m.Whole("at"));
                    break;
                case "say":
                    ClientWriter.Say(w, m.Text("text"));
                    break;
                case "played":
                    var played = new Played
                    {
                        Reply = m.Whole("reply"), Sample = m.Whole("sample"), TUs = m.Whole("t_us"), MicSample = m["mic_sample"] as long?,
                        ArrivedUs = m["arrived_us"] as long?, Underruns = m.Whole("underruns"), Done = m.Flag("done"),
                        InputMs = m["input_ms"] as double?, OutputMs = m["output_ms"] as double?,
                    };
                    if (m["frame_cost"] != null)
                    {
                        var cost = m.Map("frame_cost");
                        played.FrameCost = new FrameCost
                        {
                            Frames = (int)cost.Whole("frames"), P99Ms = (double)cost["p99_ms"], MaxMs = (double)cost["max_ms"],
                        };
                    }
                    ClientWriter.Played(w, ref played);
                    break;
                case "interrupt":
                    ClientWriter.Interrupt(w, m["reply"] as long?);
                    break;
                case "scene.snapshot":
                    ClientWriter.SceneSnapshot(w, m.Whole("rev"), Entities(m.List("entities")));
                    break;
                case "scene.patch":
                    Patch(w, m);
                    break;
                case "scene.event":
                    ClientWriter.SceneEvent(w, m.Text("name"), m.Text("entity"), m.Text("text"), m["data"] as Dictionary<string, object>);
                    break;
                case "focus":
                    ClientWriter.Focus(w, m.Text("entity"));
                    break;
                case "tool.ack":
                    ClientWriter.ToolAck(w, m.Whole("call"), m.Flag("accepted", true), m.Text("reason"));
                    break;
                case "tool.result":
                    ClientWriter.ToolResult(w, m.Whole("call"), m.Flag("ok"), m["value"], m.Text("reason"));
                    break;
                case "floor.set":
                    var modes = new List<string> { "free", "hold", "silence", "script" };
                    ClientWriter.FloorSet(w, (FloorMode)modes.IndexOf(m.Text("mode")), m["until_ms"] == null ? (double?)null : m.Number("until_ms"));
                    break;
                case "turn.hint":
                    var hints = new List<string> { "force", "hold", "cancel" };
                    ClientWriter.Hint(w, m.Whole("turn"), (TurnHint)hints.IndexOf(m.Text("hint")));
                    break;
                case "pause":
                    ClientWriter.Pause(w, m.Flag("paused", true), m["for_ms"] == null ? (double?)null : m.Number("for_ms"));
                    break;
                case "report":
                    var reasons = new List<string> { "illegal", "sexual", "hateful", "violent", "self_harm", "off_topic", "other" };
                    ClientWriter.Report(w, m["reply"] as long?, (ReportReason)reasons.IndexOf(m.Text("reason", "other")), m.Text("text"));
                    break;
                case "ack":
                    ClientWriter.Ack(w, m.Whole("acked"));
                    break;
                case "bye":
                    ClientWriter.Bye(w, m.Text("reason"));
                    break;
                case "ping":
                    ClientWriter.Ping(w, m.Whole("id"), m.Whole("t_us"));
                    break;
                case "pong":
                    ClientWriter.Pong(w, m.Whole("id"), m.Whole("t_us"), m.Whole("received_us"), m.Whole("sent_us"));
                    break;
            }
        }

        private static void Hello(MsgWriter w, Args m)
        {
            var client = m.Map("client");
            var options = new SessionOptions
            {
                ClientName = client.Text("name"), ClientVersion = client.Text("version"), Engine = client.Text("engine"),
                Token = m.Text("token"), Character = m.Text("character"), Language = m.Text("language"),
                Echo = Words.Echo(m.Text("echo", "none")), Interruptible = Words.Interrupts(m.Text("interruptible")),
                Scopes = Texts(m.List("scopes")), Child = m.Flag("child"),
            };
            var agreed = m.Map("consent");
            if (m["consent"] != null)
            {
                options.Consent = new Consent
                {
                    Store = agreed.Flag("store"), Record = agreed.Flag("record"), ThirdParty = agreed.Flag("third_party"),
                };
            }
            var tools = new List<ToolSpec>();
            foreach (Dictionary<string, object> entry in m.List("tools"))
            {
                var tool = new Args(entry);
                tools.Add(new ToolSpec
                {
                    Name = tool.Text("name"), Description = tool.Text("description"),
                    Parameters = tool["parameters"] as Dictionary<string, object>, ChangesWorld = tool.Flag("changes_world", true),
                    DeadlineMs = (int)tool.Whole("deadline_ms", 2000), Verbs = Texts(tool.List("verbs")), Scope = tool.Text("scope"),
                });
            }
            var from = m.Map("resume_from");
            ClientWriter.Hello(w, options, tools, Texts(m.List("features")), m.Text("resume"), new ResumeFrom
            {
                Received = from.Whole("received"), Sent = from.Whole("sent"), MicSample = from.Whole("mic_sample"),
                Reply = from["reply"] as long?, Played = from.Whole("played"),
            });
        }

        private static void Patch(MsgWriter w, Args m)
        {
            var changes = new ScenePending();
            var things = new Dictionary<string, Entity>();
            foreach (string id in m.List("remove")) changes.Remove(id, true);
            foreach (var entity in Entities(m.List("put")))
            {
                things[entity.Id] = entity;
                changes.Put(entity.Id);
            }
            foreach (var state in m.Map("state").Values)
            {
                foreach (var key in (Dictionary<string, object>)state.Value) changes.Set(state.Key, key.Key, key.Value);
            }
            foreach (var move in m.Map("move").Values)
            {
                things[move.Key] = new Entity { Id = move.Key, Name = "x", Position = Place((List<object>)move.Value) };
                changes.Move(move.Key);
            }
            ClientWriter.ScenePatch(w, m.Whole("base"), m.Whole("rev"), changes, things);
        }

        private static List<Entity> Entities(IEnumerable<object> entries)
        {
            var entities = new List<Entity>();
            foreach (Dictionary<string, object> entry in entries)
            {
                var m = new Args(entry);
                entities.Add(new Entity
                {
                    Id = m.Text("id"), Name = m.Text("name"), Kind = m.Text("kind"), Aliases = Texts(m.List("aliases")),
                    Position = m["position"] == null ? (Position?)null : Place((List<object>)m["position"]),
                    State = m["state"] as Dictionary<string, object> ?? new Dictionary<string, object>(),
                    Affordances = Texts(m.List("affordances")),
                });
            }
            return entities;
        }

        private static Position Place(List<object> place)
        {
            return new Position((double)place[0], (double)place[1], (double)place[2]);
        }

        private static string[] Texts(IReadOnlyList<object> list)
        {
            var texts = new string[list.Count];
            for (var i = 0; i < texts.Length; i++) texts[i] = (string)list[i];
            return texts;
        }
    }
}
