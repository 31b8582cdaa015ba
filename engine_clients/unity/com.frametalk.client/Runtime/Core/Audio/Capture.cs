using System;
using System.Threading;

namespace Frametalk
{
    /// <summary>
    /// The microphone's sound: the device's rate to the wire's, whole media frames to the hub, the onset of a voice to the
    /// playout. For the thread that pushes.
    /// </summary>
    internal sealed class Capture
    {
        private const int Room = 8192;
        private const float SilenceDb = -96;

        private readonly Hub hub;
        private readonly Playout playout;
        private readonly VoiceOnset onset = new VoiceOnset();
        private readonly EarliestOffset clock = new EarliestOffset();
        private Resampler sound;
        private Kernel kernel;
        private float[] frame = new float[320];
        private float[] scratch = new float[Room];
        private byte[] bytes = new byte[Media.HeaderBytes + 640];
        private int frameSamples;
        private int filled;
        private int stream; // 0: none is open
        private int rateHz;
        private int deviceHz = 48000;
        private long pushed; // samples of the device on this stream
        private long sample; // of the stream
        private long seq;
        private float levelDb = SilenceDb;
        private IEchoCanceller canceller;

        public Capture(Hub hub, Playout playout)
        {
            this.hub = hub;
            this.playout = playout;
        }

        public bool Muted { get; set; }

        public bool Open
        {
            get { return hub.MicStream != null; }
        }

        public float LevelDb
        {
            get { return Volatile.Read(ref levelDb); }
        }

        public IEchoCanceller EchoCanceller
        {
            get { return canceller; }
            set
            {
                canceller = value;
                playout.Tap = value;
            }
        }

        /// <summary>There is another device.</summary>
        public void Device(int deviceRateHz)
        {
            deviceHz = Math.Max(8000, Math.Min(192000, deviceRateHz));
            stream = 0;
        }

        public void Push(float[] samples, int offset, int count, long capturedAtUs)
        {
            var now = hub.MicStream;
            if (now == null)
            {
                stream = 0;
                return;
            }
            if (now.Stream != stream) Begin(now.Stream, now.RateHz, now.FrameMs);
            var echo = canceller;
            if (echo != null) echo.Captured(samples, offset, count, deviceHz, capturedAtUs);
            for (var done = 0; done < count; done += Room)
            {
                var part = Math.Min(Room, count - done);
                var lateUs = (count - done - part) * 1000000L / deviceHz;
                Take(samples, offset + done, part, capturedAtUs - lateUs);
            }
        }

        private void Begin(int newStream, int wireHz, double frameMs)
        {
            stream = newStream;
            rateHz = wireHz;
            if (kernel == null || kernel.InHz != deviceHz || kernel.OutHz != wireHz) kernel = new Kernel(deviceHz, wireHz);
            if (sound == null) sound = new Resampler(kernel, 2 * Room);
            else sound.Begin(kernel);
            frameSamples = Math.Max(1, (int)Math.Round(wireHz * frameMs / 1000));
            if (frame.Length < frameSamples)
            {
                frame = new float[frameSamples];
                bytes = new byte[Media.HeaderBytes + 2 * frameSamples];
            }
            filled = 0;
            pushed = 0;
            sample = 0;
            seq = 0;
            onset.Begin(wireHz);
            clock.Reset();
        }

        private void Take(float[] samples, int offset, int count, long capturedAtUs)
        {
            if (Muted)
            {
                sound.Silence(count);
            }
            else
            {
                for (var i = 0; i < count; i++) scratch[i] = Clean(samples[offset + i]);
                sound.Push(scratch, 0, count);
            }
            pushed += count;
            var zeroUs = clock.Add(pushed, deviceHz, capturedAtUs);
            while (true)
            {
                var made = sound.Read(frame, filled, frameSamples - filled);
                filled += made;
                if (filled < frameSamples) return;
                Send(zeroUs + (sample + frameSamples) * 1000000 / rateHz);
            }
        }

        private void Send(long capturedAtUs)
        {
            var header = new Media { Kind = Media.Pcm16, Stream = stream, Seq = seq & 0xffffffff, Sample = sample };
            header.Write(bytes);
            var peak = 0f;
            for (var i = 0; i < frameSamples; i++)
            {
                var value = frame[i];
                peak = Math.Max(peak, Math.Abs(value));
                var scaled = (int)Math.Max(-32768, Math.Min(32767, Math.Round(value * 32768)));
                bytes[Media.HeaderBytes + 2 * i] = (byte)scaled;
                bytes[Media.HeaderBytes + 2 * i + 1] = (byte)(scaled >> 8);
            }
            lock (hub.Gate)
            {
                hub.Captured(stream, sample, frameSamples, capturedAtUs, bytes, Media.HeaderBytes + 2 * frameSamples);
            }
            hub.Wake();
            sample += frameSamples;
            seq++;
            filled = 0;
            Volatile.Write(ref levelDb, peak <= 0 ? SilenceDb : Math.Max(SilenceDb, 20 * (float)Math.Log10(peak)));
            Listen();
        }

        private void Listen()
        {
            onset.Confirmed = playout.Confirmed;
            if (playout.TakeFalseAlarm()) onset.FalseAlarm();
            if (onset.Feed(frame, frameSamples, playout.LevelDb)) playout.Lower();
        }

        /// <summary>A device's NaN would spoil all the sound after it.</summary>
        private static float Clean(float value)
        {
            return value >= -4 && value <= 4 ? value : 0;
        }
    }
}
