using System;
using System.Collections.Generic;
using NUnit.Framework;

namespace Frametalk.Tests
{
    /// <summary>Keeps what the reader reads.</summary>
    internal sealed class Collected : IServerMessages
    {
        public readonly Dictionary<string, object> Fields = new Dictionary<string, object>();
        public MarkBatch Read = new MarkBatch();
        public string Type = "";

        private void Put(string type, params object[] fields)
        {
            Type = type;
            for (var i = 0; i < fields.Length; i += 2) Fields[(string)fields[i]] = fields[i + 1];
        }

        public bool Fresh(long seq)
        {
            Fields["seq"] = seq;
            return true;
        }

        public void Ping(long id, long tUs)
        {
            Put("ping", "id", id, "t_us", tUs);
        }

        public void Pong(long id, long tUs, long receivedUs, long sentUs)
        {
            Put("pong", "id", id, "t_us", tUs, "received_us", receivedUs, "sent_us", sentUs);
        }

        public void Received(long messages, long? micSample)
        {
            Put("received", "messages", messages, "mic_sample", micSample);
        }

        public void Error(FrametalkError e)
        {
            Put(
                "error", "code", e.Code, "text", e.Text, "stage", e.Stage, "fault", e.Fault, "remedy", e.Remedy, "fatal", e.Fatal,
                "retry_after_ms", e.RetryAfterMs);
        }

        public void Welcome(Welcome w)
        {
            var l = w.Limits;
            Put(
                "welcome", "seq", w.Seq, "protocol", w.Protocol, "session", w.Session, "character", w.Character, "language", w.Language,
                "mic_language", w.MicLanguage, "server", w.Server, "resume", w.Resume, "resumed", w.Resumed, "not_resumed",
                w.NotResumed, "received", w.Received, "mic_sample", w.MicSample, "scene_rev", w.SceneRev, "mic_rates_hz",
                w.MicRatesHz, "mic_codecs", w.MicCodecs, "rate_hz", w.RateHz, "codec", w.Codec, "echo", Words.Of(w.Echo),
                "interruptible", Words.Of(w.Interruptible), "features", w.Features, "disclosure", w.Disclosure,
                "voice_licence", w.VoiceLicence, "child", w.Child, "consent",
                new Dictionary<string, object>
                {
                    { "store", w.Consent.Store }, { "record", w.Consent.Record }, { "third_party", w.Consent.ThirdParty },
                },
                "limits",
                new Dictionary<string, object>
                {
                    { "message_bytes", l.MessageBytes }, { "lead_ms", l.LeadMs }, { "played_every_ms", l.PlayedEveryMs },
                    { "mic_frame_ms", l.MicFrameMs }, { "tools", l.Tools }, { "entities", l.Entities },
                    { "resume_ms", l.ResumeMs }, { "pause_ms", l.PauseMs },
                });
        }

        public void Turn(TurnState t)
        {
            Put(
                "turn.state", "state", t.State.ToString().ToLowerInvariant(), "turn", t.Turn, "reply", t.Reply, "paused", t.Paused,
                "gesture", t.Gesture, "t_us", t.TUs);
        }

        public void Transcript(Transcript t)
        {
            var words = new List<object>();
            foreach (var word in t.Words)
            {
                words.Add(new Dictionary<string, object>
                {
                    { "text", word.Text }, { "at", word.At }, { "end", word.End }, { "confidence", word.Confidence },
                });
            }
            Put("transcript", "turn", t.Turn, "rev", t.Rev, "text", t.Text, "stable", t.Stable, "final", t.Final, "words", words);
        }

        public void ReplyBegin(ref ReplyBegin b)
        {
            Put(
                "reply.begin", "reply", b.Reply, "turn", b.Turn, "stream", b.Stream, "rate_hz", b.RateHz, "codec", b.Codec,
                "character", b.Character);
        }

        public void ReplyText(long reply, string text, long at)
        {
            Put("reply.text", "reply", reply, "text", text, "at", at);
        }

        public MarkBatch Batch()
        {
            return Read;
        }

        public void ReplyMarks(MarkBatch marks)
        {
            var rows = new List<object>();
            for (var i = 0; i < marks.Count; i++)
            {
                var mark = marks.Items[i];
                var kind = mark.Kind.ToString().ToLowerInvariant();
                rows.Add(new List<object> { kind, mark.At, mark.End, mark.Name, Math.Round(mark.Value, 2) });
            }
            Put("reply.marks", "reply", marks.Reply, "marks", rows);
        }

        public void ReplyEnd(long reply, long samples)
        {
            Put("reply.end", "reply", reply, "samples", samples);
        }

        public void ReplyCut(ref ReplyCut c)
        {
            Put("reply.cut", "reply", c.Reply, "at", c.At, "reason", c.Reason);
        }

        public void ToolCall(Call c)
        {
            Put(
                "tool.call", "call", c.Id, "name", c.Name, "args", c.Args.Values, "scene_rev", c.SceneRev, "deadline_ms",
                c.DeadlineMs, "turn", c.Turn, "reply", c.Reply, "at", c.At);
        }

        public void ToolCancel(long call)
        {
            Put("tool.cancel", "call", call);
        }

        public void SceneAck(long rev)
        {
            Put("scene.ack", "rev", rev);
        }

        public void SceneResync(long rev, string reason)
        {
            Put("scene.resync", "rev", rev, "reason", reason);
        }

        public void Trace(Waterfall w)
        {
            var stages = new List<object>();
            foreach (var stage in w.Stages)
            {
                var fields = new Dictionary<string, object> { { "stage", stage.Stage }, { "ms", stage.Ms } };
                if (stage.Estimated) fields["estimated"] = true;
                stages.Add(fields);
            }
            var unseen = new List<object>(w.Unseen);
            var measures = new List<object>(w.Measures);
            Put(
                "trace", "turn", w.Turn, "reply", w.Reply, "mouth_to_ear_ms", w.MouthToEarMs, "stages", stages, "unmeasured",
                w.Unmeasured, "unseen", unseen, "ready", w.Ready, "discarded", w.Discarded, "measures", measures);
        }

        public void Goaway(GoAway g)
        {
            Put("goaway", "reason", g.Reason, "in_ms", g.InMs, "url", g.Url);
        }
    }

    [TestFixture]
    public class CodecTests
    {
        private static readonly HashSet<string> OfServer = new HashSet<string>
        {
            "ping", "pong", "received", "error", "welcome", "turn.state", "transcript", "reply.begin", "reply.text", "reply.marks",
            "reply.end", "reply.cut", "tool.call", "tool.cancel", "scene.ack", "scene.resync", "trace", "goaway",
        };

        public static IEnumerable<object[]> ServerMessages()
        {
            foreach (var folder in new[] { "full", "least" })
            {
                foreach (var name in Golden.Messages(folder)) if (OfServer.Contains(name)) yield return new object[] { folder, name };
            }
        }

        [TestCaseSource("ServerMessages")]
        public void EveryGoldenFieldOfTheServersMessagesIsRead(string folder, string name)
        {
            var bytes = Golden.Bytes(folder + "/" + name + ".msgpack");
            var collected = new Collected();
            new ServerReader(null).Read(bytes, bytes.Length, collected);
            Assert.AreEqual(name, collected.Type);
            var expected = (Dictionary<string, object>)Golden.Json(folder + "/" + name + ".json");
            foreach (var field in expected)
            {
                if (field.Key == "type" || Unused(name, field.Key)) continue;
                Assert.IsTrue(collected.Fields.ContainsKey(field.Key), name + "." + field.Key);
                Equal(field.Value, collected.Fields[field.Key], name + "." + field.Key);
            }
        }

        /// <summary>Fields for people, which this client has no use for.</summary>
        private static bool Unused(string message, string field)
        {
            return (message == "tool.cancel" && field == "reason") || (message == "reply.end" && field == "reason")
                || (message == "welcome" && field == "ice_servers") || (message == "error" && field == "ref");
        }

        private static void Equal(object expected, object actual, string where)
        {
            var map = expected as Dictionary<string, object>;
            var list = expected as List<object>;
            if (map != null)
            {
                var other = (IEnumerable<KeyValuePair<string, object>>)actual;
                var found = new Dictionary<string, object>();
                foreach (var entry in other) found[entry.Key] = entry.Value;
                foreach (var entry in map) Equal(entry.Value, found[entry.Key], where + "." + entry.Key);
            }
            else if (list != null)
            {
                var other = (System.Collections.IEnumerable)actual;
                var items = new List<object>();
                foreach (var item in other) items.Add(item);
                Assert.AreEqual(list.Count, items.Count, where);
                for (var i = 0; i < list.Count; i++) Equal(list[i], items[i], where + "[" + i + "]");
            }
            else
            {
                Assert.AreEqual(expected, actual, where);
            }
        }

        public static IEnumerable<object[]> BadFrames()
        {
            if (Golden.Folder() == null) yield break;
            foreach (Dictionary<string, object> bad in (List<object>)Golden.Json("bad.json"))
            {
                if ((string)bad["frame"] == "binary") yield return new object[] { bad["name"], bad };
            }
        }

        // The messages in these are of the client's types, which this client does not read field by field.
        private static readonly HashSet<string> FieldsOfTheClient = new HashSet<string>
        {
            "field_missing", "field_wrong_type", "field_null", "text_empty", "text_long", "count_negative", "count_fraction",
            "count_too_large", "rate_fraction", "rate_whole_float", "enum_unknown", "position_of_two", "free_bytes",
            "free_extension", "free_huge_number",
        };

        [TestCaseSource("BadFrames")]
        public void AGoldenBadFrameIsRefusedWithItsCode(string name, object entry)
        {
            var bad = (Dictionary<string, object>)entry;
            var hex = new System.Text.StringBuilder();
            foreach (Dictionary<string, object> part in (List<object>)bad["parts"])
            {
                for (var i = 0L; i < (long)part["times"]; i++) hex.Append((string)part["hex"]);
            }
            var code = CodeOf(Golden.Hex(hex.ToString()));
            Assert.AreEqual(FieldsOfTheClient.Contains(name) ? "read" : bad["code"], code);
        }

        internal static string CodeOf(byte[] frame)
        {
            try
            {
                if (Media.Is(frame, frame.Length)) Media.Read(frame, frame.Length);
                else new ServerReader(null).Read(frame, frame.Length, new Collected());
                return "read";
            }
            catch (FrametalkException exception)
            {
                return exception.Error.Code;
            }
        }

        // Each is a message of the server with one fault.
        [TestCase("83a474797065a4 70696e67 a26964 01 a4745f7573 a0", "message_invalid")] // t_us is text
        [TestCase("82a474797065a4 70696e67 a26964 01", "message_invalid")] // t_us is missing
        [TestCase("83a474797065a4 70696e67 a26964 ff a4745f7573 01", "message_invalid")] // negative
        [TestCase("83a474797065a4 70696e67 a26964 cb3ff0000000000000 a4745f7573 01", "message_invalid")] // a float
        [TestCase("83a474797065a4 70696e67 a26964 cfffffffffffffffff a4745f7573 01", "message_invalid")] // beyond 2^53
        [TestCase("83a474797065a4 70696e67 a26964 01 a4745f7573 d3000000000000002a", "read")] // a longer form
        [TestCase("83a474797065a4 70696e67 a26964 01 a4745f7573 cf000000000000002a", "read")]
        [TestCase("84a474797065a4 70696e67 a26964 01 a4745f7573 2a a3666f6f 93c0c3a0", "read")] // an unknown field
        [TestCase("82a474797065a7 756e6b6e6f776e a178 c403010203", "read")] // an unknown type
        [TestCase("82a474797065a7 756e6b6e6f776e a178 d7010000000000000000", "read")] // an extension, skipped
        [TestCase("82a474797065a7 756e6b6e6f776e a178 a3edA080", "message_malformed")] // a surrogate in UTF-8
        [TestCase("82a474797065a7 756e6b6e6f776e a178 a2c080", "message_malformed")] // an overlong form
        [TestCase("82a474797065a7 756e6b6e6f776e a178 a4f4908080", "message_malformed")] // beyond U+10FFFF
        [TestCase("82a474797065a7 756e6b6e6f776e a178 a1ff", "message_malformed")]
        [TestCase("82a474797065a7 756e6b6e6f776e a178 ca7fc00000", "number_not_finite")]
        [TestCase("82a474797065a7 756e6b6e6f776e a178 ca7f800000", "number_not_finite")]
        [TestCase("82a474797065a7 756e6b6e6f776e a178 cb7ff8000000000000", "number_not_finite")]
        [TestCase("82a474797065a7 756e6b6e6f776e a178 db7fffffff", "message_malformed")] // a length of 2 GiB
        [TestCase("82a474797065a7 756e6b6e6f776e a178 dbffffffff", "message_malformed")]
        [TestCase("82a474797065a7 756e6b6e6f776e a178 dfffffffff", "message_malformed")]
        [TestCase("82a474797065a7 756e6b6e6f776e a178 c6ffffffff", "message_malformed")]
        [TestCase("82a474797065a7 756e6b6e6f776e a178 c9ffffffff01", "message_malformed")]
        [TestCase("82a474797065a7 756e6b6e6f776e d9047479706501", "message_invalid")] // `type` twice, in two forms
        [TestCase("82a474797065a7 756e6b6e6f776e 01 02", "message_invalid")] // a key that is a number
        [TestCase("81a474797065 c0", "message_invalid")]
        [TestCase("80", "message_invalid")]
        [TestCase("90", "message_invalid")]
        [TestCase("a0", "message_invalid")]
        [TestCase("de", "message_malformed")]
        [TestCase("dc0001", "message_malformed")]
        public void AFaultHasItsCode(string hex, string code)
        {
            Assert.AreEqual(code, CodeOf(Golden.Hex(hex.Replace(" ", ""))));
        }

        [Test]
        public void EveryTruncationOfEveryGoldenMessageIsRefused()
        {
            foreach (var item in ServerMessages())
            {
                var bytes = Golden.Bytes(item[0] + "/" + item[1] + ".msgpack");
                for (var length = 0; length < bytes.Length; length++)
                {
                    var cut = new byte[length];
                    Array.Copy(bytes, cut, length);
                    Assert.AreEqual("message_malformed", CodeOf(cut), item[1] + " of " + length + " bytes");
                }
            }
        }

        [Test]
        public void ChangedBytesNeverThrowAnythingElse()
        {
            var dice = new Random(1);
            foreach (var item in ServerMessages())
            {
                var bytes = Golden.Bytes(item[0] + "/" + item[1] + ".msgpack");
                for (var round = 0; round < 400; round++)
                {
                    var changed = (byte[])bytes.Clone();
                    for (var i = 0; i <= dice.Next(3); i++) changed[dice.Next(changed.Length)] = (byte)dice.Next(256);
                    CodeOf(changed);
                }
            }
        }

        [Test]
        public void AMapOfManyKeysIsReadAndAKeyTwiceInItIsFound()
        {
            var writer = new MsgWriter();
            writer.Message("unknown").Field("x").Map(2000);
            for (var i = 0; i < 2000; i++) writer.Text("key" + i).Whole(i);
            Assert.AreEqual("read", CodeOf(Bytes(writer)));
            writer.Message("unknown").Field("x").Map(2000);
            for (var i = 0; i < 2000; i++) writer.Text("key" + i % 1999).Whole(i);
            Assert.AreEqual("message_invalid", CodeOf(Bytes(writer)));
        }

        [TestCase(0L)]
        [TestCase(127L)]
        [TestCase(128L)]
        [TestCase(255L)]
        [TestCase(256L)]
        [TestCase(65535L)]
        [TestCase(65536L)]
        [TestCase(4294967295L)]
        [TestCase(4294967296L)]
        [TestCase(9007199254740991L)]
        [TestCase(-1L)]
        [TestCase(-32L)]
        [TestCase(-33L)]
        [TestCase(-128L)]
        [TestCase(-129L)]
        [TestCase(-32768L)]
        [TestCase(-32769L)]
        [TestCase(-2147483648L)]
        [TestCase(-2147483649L)]
        [TestCase(-9007199254740991L)]
        [TestCase(0.5)]
        [TestCase(-1e300)]
        [TestCase(true)]
        [TestCase(false)]
        [TestCase("")]
        [TestCase("grüße, 世界 \U0001F525")]
        [TestCase(null)]
        public void FreeDataComesBackAsItWent(object value)
        {
            var writer = new MsgWriter();
            writer.Message("x").Field("v");
            Free.Write(writer, value);
            Assert.AreEqual(value, Back(writer)["v"]);
        }

        [TestCase(31)]
        [TestCase(32)]
        [TestCase(255)]
        [TestCase(256)]
        [TestCase(4000)]
        public void TextsOfAllLengthsComeBack(int length)
        {
            var writer = new MsgWriter();
            writer.Message("x").Field("v").Text(new string('y', length));
            Assert.AreEqual(new string('y', length), Back(writer)["v"]);
        }

        [Test]
        public void FreeDataMayBeAnyListAndMap()
        {
            var writer = new MsgWriter();
            writer.Message("x").Field("v");
            Free.Write(writer, new Dictionary<string, object>
            {
                { "floats", new[] { 1f, 2.5f } }, { "texts", new List<string> { "a" } }, { "byte", (byte)7 }, { "decimal", 1.5m },
                { "args", new Args(new Dictionary<string, object> { { "k", 1L } }) },
            });
            var v = (Dictionary<string, object>)Back(writer)["v"];
            Assert.AreEqual(new List<object> { 1.0, 2.5 }, v["floats"]);
            Assert.AreEqual(new List<object> { "a" }, v["texts"]);
            Assert.AreEqual(7L, v["byte"]);
            Assert.AreEqual(1.5, v["decimal"]);
            Assert.AreEqual(1L, ((Dictionary<string, object>)v["args"])["k"]);
        }

        private struct Vector
        {
        }

        public static IEnumerable<object[]> Unsendable()
        {
            object deep = 1;
            for (var i = 0; i < 40; i++) deep = new List<object> { deep };
            yield return new object[] { "nan", double.NaN, "number_not_finite" };
            yield return new object[] { "infinite", (object)float.PositiveInfinity, "number_not_finite" };
            yield return new object[] { "deep", deep, "message_too_deep" };
            yield return new object[] { "huge", (object)(1L << 53), "message_invalid" };
            yield return new object[] { "a vector", (object)new Vector(), "message_invalid" };
            yield return new object[] { "an enum", (object)DayOfWeek.Friday, "message_invalid" };
            yield return new object[] { "keys", (object)new Dictionary<int, int> { { 1, 2 } }, "message_invalid" };
            yield return new object[] { "long", (object)new string('x', 70000), "message_too_large" };
        }

        [TestCaseSource("Unsendable")]
        public void WhatTheWireHasNotIsRefusedBeforeItIsSent(string name, object value, string code)
        {
            var writer = new MsgWriter();
            writer.Message("x").Field("v");
            var thrown = Assert.Throws<FrametalkException>(() => Free.Write(writer, value));
            Assert.AreEqual(code, thrown.Error.Code);
        }

        [Test]
        public void ThePooledTextsAreTheSameObjects()
        {
            var utf8 = new Utf8();
            var bytes = System.Text.Encoding.UTF8.GetBytes("word");
            Assert.AreSame(utf8.Text(bytes, 0, 4), utf8.Text(bytes, 0, 4));
        }

        internal static byte[] Bytes(MsgWriter writer)
        {
            var bytes = new byte[writer.Count];
            Array.Copy(writer.Buffer, bytes, writer.Count);
            return bytes;
        }

        internal static Dictionary<string, object> Back(MsgWriter writer)
        {
            var reader = new MsgReader();
            reader.Begin(Bytes(writer), writer.Count);
            return reader.FreeMap();
        }
    }
}
