using System;
using System.Collections.Generic;
using System.Text;
using NUnit.Framework;

namespace Frametalk.Tests
{
    [TestFixture]
    public class NetTests
    {
        /// <summary>A frame of the server, which masks nothing.</summary>
        private static byte[] Frame(int first, string text)
        {
            return Frame(first, Encoding.ASCII.GetBytes(text));
        }

        private static byte[] Frame(int first, byte[] payload)
        {
            var head = new List<byte> { (byte)first };
            if (payload.Length < 126)
            {
                head.Add((byte)payload.Length);
            }
            else if (payload.Length < 65536)
            {
                head.Add(126);
                head.Add((byte)(payload.Length >> 8));
                head.Add((byte)payload.Length);
            }
            else
            {
                head.Add(127);
                for (var shift = 56; shift >= 0; shift -= 8) head.Add((byte)((long)payload.Length >> shift));
            }
            head.AddRange(payload);
            return head.ToArray();
        }

        private static byte[] Join(params byte[][] frames)
        {
            var bytes = new List<byte>();
            foreach (var frame in frames) bytes.AddRange(frame);
            return bytes.ToArray();
        }

        private static List<string> ReadAll(byte[] bytes, int piece)
        {
            var frames = new WebSocketFrames();
            var read = new List<string>();
            var at = 0;
            while (at < bytes.Length)
            {
                var count = Math.Min(Math.Min(piece, bytes.Length - at), frames.MakeRoom());
                Buffer.BlockCopy(bytes, at, frames.Buffer, frames.Tail, count);
                frames.Added(count);
                at += count;
                int kind;
                byte[] data;
                int from;
                int length;
                while (frames.TryNext(out kind, out data, out from, out length))
                {
                    read.Add(kind + ":" + (length > 20 ? length.ToString() : Encoding.ASCII.GetString(data, from, length)));
                }
            }
            return read;
        }

        [TestCase(1)]
        [TestCase(3)]
        [TestCase(1000)]
        [TestCase(1000000)]
        public void FramesOfAllLengthsAreReadFromPiecesOfAnyLength(int piece)
        {
            var bytes = Join(
                Frame(0x82, "a"), Frame(0x82, new byte[125]), Frame(0x82, new byte[126]), Frame(0x89, "ping"),
                Frame(0x82, new byte[61440]), Frame(0x82, ""), Frame(0x88, ""));
            Assert.AreEqual("2:a,2:125,2:126,9:ping,2:61440,2:,8:", string.Join(",", ReadAll(bytes, piece).ToArray()));
        }

        [Test]
        public void FragmentsArePutTogetherAndControlFramesMayComeBetweenThem()
        {
            var bytes = Join(Frame(0x02, "ab"), Frame(0x89, "p"), Frame(0x00, "cd"), Frame(0x80, "e"), Frame(0x82, "f"));
            Assert.AreEqual("9:p,2:abcde,2:f", string.Join(",", ReadAll(bytes, 2).ToArray()));
        }

        public static IEnumerable<object[]> Violations()
        {
            yield return new object[] { "reserved", 1002, Frame(0xc2, "a") };
            yield return new object[] { "unknown kind", 1002, Frame(0x83, "a") };
            yield return new object[] { "masked", 1002, new byte[] { 0x82, 0x81, 0, 0, 0, 0, 1 } };
            yield return new object[] { "long ping", 1002, Frame(0x89, new byte[126]) };
            yield return new object[] { "ping in fragments", 1002, Frame(0x09, "a") };
            yield return new object[] { "fragment of nothing", 1002, Frame(0x80, "a") };
            yield return new object[] { "message inside", 1002, Join(Frame(0x02, "a"), Frame(0x82, "b")) };
            yield return new object[] { "too long", 1009, Frame(0x82, new byte[61441]) };
            yield return new object[] { "length of 2^63", 1009, new byte[] { 0x82, 127, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } };
            yield return new object[] { "too long in parts", 1009, Join(Frame(0x02, new byte[40000]), Frame(0x80, new byte[40000])) };
        }

        [TestCaseSource("Violations")]
        public void AServerThatBreaksTheRulesIsLeft(string name, int code, byte[] bytes)
        {
            Assert.AreEqual(code, Assert.Throws<WebSocketViolation>(() => ReadAll(bytes, 100000)).Code);
        }

        [TestCase(0)]
        [TestCase(125)]
        [TestCase(126)]
        [TestCase(65535)]
        [TestCase(65536)]
        public void WhatIsSentIsMasked(int count)
        {
            var data = new byte[count + 3];
            for (var i = 0; i < data.Length; i++) data[i] = (byte)(i * 7);
            var into = new byte[count + WebSocketFrames.LongestHeader];
            var mask = new byte[] { 1, 2, 3, 4 };
            var length = WebSocketFrames.Write(into, WebSocketFrames.Binary, mask, data, 3, count);
            var header = count < 126 ? 6 : count < 65536 ? 8 : 14;
            Assert.AreEqual(header + count, length);
            Assert.AreEqual(0x82, into[0]);
            Assert.AreEqual(0x80, into[1] & 0x80);
            for (var i = 0; i < count; i++) Assert.AreEqual(data[3 + i], (byte)(into[header + i] ^ mask[i & 3]));
        }

        [TestCase("HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n", null)]
        [TestCase("HTTP/1.1 101 x\r\nupgrade: websocket\r\nSEC-WEBSOCKET-ACCEPT:s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n", null)]
        [TestCase("HTTP/1.1 101 x\r\nSec-WebSocket-Accept: wrong\r\n\r\n", "it is no WebSocket server")]
        [TestCase("HTTP/1.1 404 Not Found\r\n\r\n", "it answered 404 Not Found")]
        [TestCase("HTTP/1.1 503 Service Unavailable\r\n\r\n", "it answered 503 Service Unavailable")]
        [TestCase("SSH-2.0-OpenSSH\r\n\r\n", "it is no HTTP server")]
        public void TheHandshakesAnswerIsChecked(string answer, string refusal)
        {
            // The key and its answer are the example of RFC 6455.
            var handshake = new WebSocketHandshake(new Uri("ws://h:1/v1"), Encoding.ASCII.GetBytes("the sample nonce"));
            var bytes = Encoding.ASCII.GetBytes(answer);
            Assert.AreEqual(bytes.Length, WebSocketHandshake.End(bytes, bytes.Length));
            Assert.AreEqual(refusal, handshake.Refusal(bytes, bytes.Length));
        }

        [Test]
        public void TheHandshakeAsksForTheAddress()
        {
            var handshake = new WebSocketHandshake(new Uri("ws://[::1]:8765/v1?x=1"), new byte[16]);
            var request = Encoding.ASCII.GetString(handshake.Request());
            Assert.IsTrue(request.StartsWith("GET /v1?x=1 HTTP/1.1\r\nHost: [::1]:8765\r\n"), request);
            Assert.IsTrue(request.EndsWith("\r\n\r\n"), request);
        }

        [Test]
        public void TheClockTakesTheBestOfTheLastPings()
        {
            var clock = new ClockEstimate();
            Assert.IsTrue(double.IsNaN(clock.OffsetUs));
            clock.Add(0, 1000100, 1000100, 200);
            clock.Add(1000, 1009000, 1009000, 11000);
            Assert.AreEqual(1000000.0, clock.OffsetUs);
            Assert.AreEqual(100.0, clock.ErrorUs);
            Assert.AreEqual(10000.0, clock.RoundTripUs);
            Assert.AreEqual((10000.0 - 200) / 16, clock.JitterUs);
            clock.Add(5000, 900, 800, 6000);
            Assert.AreEqual(10000.0, clock.RoundTripUs, "an answer before the question is ignored");
            clock.Reset();
            Assert.IsTrue(double.IsNaN(clock.RoundTripUs));
        }

        [Test]
        public void TheSpreadIsOfTheNewest256Measurements()
        {
            var window = new Window();
            Assert.IsTrue(double.IsNaN(window.Spread().P50));
            for (var i = 0; i < 1000; i++) window.Add(i * 7919 % 1000);
            for (var i = 0; i < 256; i++) window.Add((i * 101 + 7) % 256);
            var spread = window.Spread();
            Assert.AreEqual(127.0, spread.P50);
            Assert.AreEqual(242.0, spread.P95);
            Assert.AreEqual(256, spread.N);
        }

        [Test]
        public void AnOldPingCountsLessThanAFreshOne()
        {
            var clock = new ClockEstimate();
            clock.Add(0, 1000000, 1000000, 200);
            clock.Add(60000000, 61000600, 61000600, 60001000); // 60 s later: clocks may have drifted by 6 ms
            Assert.AreEqual(1000100.0, clock.OffsetUs);
        }

        [Test]
        public void TheDevicesBlocksAreLeveledToTheEarliest()
        {
            var clock = new OutputClock(48000) { LatencyUs = 20000 };
            var dice = new Random(3);
            long first = 0;
            for (var i = 0; i < 100; i++)
            {
                var at = clock.Block(480, 5000000 + i * 10000 + dice.Next(4000));
                if (i == 60) first = at - i * 10000;
                if (i > 60) Assert.AreEqual(first + i * 10000, at, 150);
            }
            Assert.AreEqual(5020000, first, 200);
        }

        [Test]
        public void ADeviceThatWasStoppedIsPlacedAnew()
        {
            var clock = new OutputClock(48000);
            for (var i = 0; i < 10; i++) clock.Block(480, i * 10000);
            Assert.AreEqual(10000000, clock.Block(480, 10000000));
        }

        [TestCase(24000, 48000)]
        [TestCase(22050, 48000)]
        [TestCase(16000, 44100)]
        [TestCase(48000, 16000)]
        [TestCase(44100, 16000)]
        public void AToneKeepsItsPlaceAndItsLevelAtAnotherRate(int inHz, int outHz)
        {
            var sound = new Resampler(new Kernel(inHz, outHz));
            var tone = new float[inHz / 2];
            for (var i = 0; i < tone.Length; i++) tone[i] = 0.5f * (float)Math.Sin(2 * Math.PI * 1000 * i / inHz);
            var made = new float[outHz];
            var count = 0;
            for (var at = 0; at < tone.Length; at += 480)
            {
                sound.Push(tone, at, Math.Min(480, tone.Length - at));
                count += sound.Read(made, count, made.Length - count);
            }
            sound.Finish();
            count += sound.Read(made, count, made.Length - count);
            Assert.AreEqual(outHz / 2, count, 1);
            for (var i = outHz / 10; i < outHz / 10 * 4; i++)
            {
                Assert.AreEqual(0.5 * Math.Sin(2 * Math.PI * 1000 * i / outHz), made[i], 0.002, "sample " + i);
            }
        }
    }
}
