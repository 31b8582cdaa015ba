using System;
using System.Collections.Generic;
using NUnit.Framework;

namespace Frametalk.Tests
{
    [TestFixture]
    public class MediaTests
    {
        public static IEnumerable<object[]> GoldenFrames()
        {
            if (Golden.Folder() == null) yield break;
            foreach (Dictionary<string, object> one in (List<object>)Golden.Json("media.json")) yield return new[] { one["name"], one };
        }

        [TestCaseSource("GoldenFrames")]
        public void TheGoldenMediaFramesAreReadAndWritten(string name, object data)
        {
            var one = new Args((Dictionary<string, object>)data);
            var frame = Golden.Hex(one.Text("hex"));
            var media = Media.Read(frame, frame.Length);
            Assert.AreEqual(one.Whole("kind"), media.Kind);
            Assert.AreEqual(one.Whole("flags"), media.Flags);
            Assert.AreEqual(one.Whole("stream"), media.Stream);
            Assert.AreEqual(one.Whole("seq"), media.Seq);
            Assert.AreEqual(one.Whole("sample"), media.Sample);
            var payload = new byte[frame.Length - Media.HeaderBytes];
            Array.Copy(frame, Media.HeaderBytes, payload, 0, payload.Length);
            Assert.AreEqual(one.Text("payload_hex"), Golden.Hex(payload, payload.Length));
            var written = (byte[])frame.Clone();
            Array.Clear(written, 0, Media.HeaderBytes);
            media.Write(written);
            Assert.AreEqual(Golden.Hex(frame, frame.Length), Golden.Hex(written, written.Length));
        }

        [Test]
        public void TheGoldenSessionIsReadFromTheFirstFrameToTheLast()
        {
            var frames = (List<object>)Golden.Json("session.json");
            foreach (Dictionary<string, object> entry in frames)
            {
                var frame = Golden.Hex((string)entry["hex"]);
                if (Media.Is(frame, frame.Length))
                {
                    Assert.AreEqual("media", entry["name"]);
                    Media.Read(frame, frame.Length);
                    continue;
                }
                if ((string)entry["from"] == "client")
                {
                    var reader = new MsgReader();
                    reader.Begin(frame, frame.Length);
                    Assert.AreEqual(entry["name"], reader.FreeMap()["type"]);
                    continue;
                }
                var collected = new Collected();
                new ServerReader(null).Read(frame, frame.Length, collected);
                Assert.AreEqual(entry["name"], collected.Type);
            }
        }

        [Test]
        public void MarksOfUnknownKindsAreIgnoredAndUseUpTheirNames()
        {
            var frame = World.MarksFrame(
                1, 7, 1000,
                new[] { new[] { 16, 0, 10, 100 }, new[] { 25, 5, 10, 100 }, new[] { 15, 6, 10, 100 }, new[] { 17, 20, 20, 100 } },
                "hello", "what", "nod");
            var collected = new Collected();
            new ServerReader(null).Read(frame, frame.Length, collected);
            Assert.AreEqual(2, collected.Read.Count);
            Assert.AreEqual("hello", collected.Read.Items[0].Name);
            Assert.AreEqual("nod", collected.Read.Items[1].Name);
            Assert.AreEqual(1020, collected.Read.Items[1].At);
            Assert.AreEqual(MarkKind.Gesture, collected.Read.Items[1].Kind);
        }

        [Test]
        public void MarksReachTheirLimits()
        {
            var frame = World.MarksFrame(1, 1, (1L << 52), new[] { new[] { 10, 0xffffff, 0xffffff + 0xfffff, 100 } });
            var collected = new Collected();
            new ServerReader(null).Read(frame, frame.Length, collected);
            Assert.AreEqual((1L << 52) + 0xffffff, collected.Read.Items[0].At);
            Assert.AreEqual((1L << 52) + 0xffffff + 0xfffff, collected.Read.Items[0].End);
            Assert.AreEqual(1f, collected.Read.Items[0].Value);
        }

        [Test]
        public void FewerNamesThanNamedMarksAreRefused()
        {
            Assert.AreEqual("message_invalid", CodecTests.CodeOf(World.MarksFrame(1, 1, 0, new[] { new[] { 16, 0, 1, 100 } })));
        }

        [Test]
        public void HalfAMarkIsRefused()
        {
            var frame = World.MarksFrame(1, 1, 0, new[] { new[] { 10, 0, 1, 100 } });
            frame[frame.Length - 8] = 6; // its length
            var shorter = new byte[frame.Length - 1];
            Array.Copy(frame, shorter, shorter.Length);
            Assert.AreEqual("message_invalid", CodecTests.CodeOf(shorter));
        }

        [Test]
        public void ReadingMarksAndFrequentMessagesMakesNoGarbage()
        {
            var marks = World.MarksFrame(
                1, 1, 0, new[] { new[] { 10, 0, 100, 100 }, new[] { 16, 0, 100, 100 }, new[] { 0, 100, 200, 100 } }, "hello");
            var pong = new MsgWriter();
            pong.Message("pong").Field("id").Whole(1).Field("t_us").Whole(2).Field("received_us").Whole(3).Field("sent_us").Whole(4);
            var reader = new ServerReader(null);
            var sink = new Quiet();
            for (var i = 0; i < 100; i++) Both(reader, sink, marks, pong);
            var before = Allocated.Bytes();
            for (var i = 0; i < 20000; i++) Both(reader, sink, marks, pong);
            Assert.Less(Allocated.Bytes() - before, 100, "bytes of 40,000 messages");
        }

        private static void Both(ServerReader reader, Quiet sink, byte[] marks, MsgWriter pong)
        {
            reader.Read(marks, marks.Length, sink);
            reader.Read(pong.Buffer, pong.Count, sink);
        }

        /// <summary>Takes messages and keeps nothing.</summary>
        private sealed class Quiet : IServerMessages
        {
            private readonly MarkBatch batch = new MarkBatch();

            public bool Fresh(long seq) { return true; }
            public void Ping(long id, long tUs) { }
            public void Pong(long id, long tUs, long receivedUs, long sentUs) { }
            public void Received(long messages, long? micSample) { }
            public void Error(FrametalkError error) { }
            public void Welcome(Welcome welcome) { }
            public void Turn(TurnState turn) { }
            public void Transcript(Transcript transcript) { }
            public void ReplyBegin(ref ReplyBegin begin) { }
            public void ReplyText(long reply, string text, long at) { }
            public MarkBatch Batch() { return batch; }
            public void ReplyMarks(MarkBatch marks) { }
            public void ReplyEnd(long reply, long samples) { }
            public void ReplyCut(ref ReplyCut cut) { }
            public void ToolCall(Call call) { }
            public void ToolCancel(long call) { }
            public void SceneAck(long rev) { }
            public void SceneResync(long rev, string reason) { }
            public void Trace(Waterfall waterfall) { }
            public void Goaway(GoAway goaway) { }
        }
    }
}
