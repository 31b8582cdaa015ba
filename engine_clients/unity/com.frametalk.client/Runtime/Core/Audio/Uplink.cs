using System;
using System.Collections.Generic;

namespace Frametalk
{
    /// <summary>A microphone stream that is open.</summary>
    internal sealed class OpenStream
    {
        public readonly int Stream;
        public readonly int RateHz;
        public readonly double FrameMs;

        public OpenStream(int stream, int rateHz, double frameMs)
        {
            Stream = stream;
            RateHz = rateHz;
            FrameMs = frameMs;
        }
    }

    internal interface IUplinkOwner
    {
        long NowUs();

        void SendMicStart(int stream, int rateHz, MicMode mode);

        void SendMicStop(int stream, long at);

        void MicTail(long atUs);

        /// <summary>Null: it was closed.</summary>
        void MicOpened(OpenStream stream);
    }

    /// <summary>
    /// Opens and closes microphone streams. `mode` null: no microphone; push-to-talk: closed until the button is pressed.
    /// </summary>
    internal sealed class Uplink
    {
        private const long AfterReleaseUs = 250000; // people release the button early
        private const int BestRateHz = 16000;
        private const int LastStream = 65535;

        private readonly IUplinkOwner owner;
        private MicMode? mode;
        private bool joined;
        private bool pressed;
        private bool tail;
        private bool stands;
        private bool started; // mic.start is sent with the first frame
        private long sent;
        private long sentAtUs; // when the sample `sent` was captured

        public Uplink(IUplinkOwner owner)
        {
            this.owner = owner;
            RateHz = BestRateHz;
            FrameMs = 20;
        }

        public bool Open { get; private set; }

        public int Stream { get; private set; }

        public int RateHz { get; private set; }

        public double FrameMs { get; private set; }

        /// <summary>A session begins: open a new stream.</summary>
        public void Join(IReadOnlyList<int> ratesHz, double frameMs)
        {
            RateHz = ratesHz.Count > 0 ? ratesHz[0] : BestRateHz;
            for (var i = 0; i < ratesHz.Count; i++) if (ratesHz[i] == BestRateHz) RateHz = BestRateHz;
            FrameMs = Math.Min(Math.Max(frameMs, 5), 200);
            joined = true;
            Update();
        }

        /// <summary>The session has ended.</summary>
        public void Leave()
        {
            joined = false;
            started = false;
            Update();
        }

        /// <summary>Another device, mode, or none.</summary>
        public void Set(MicMode? micMode)
        {
            Close();
            mode = micMode;
            Update();
        }

        /// <summary>The game stands still, or goes on: close the stream meanwhile.</summary>
        public void Pause(bool paused)
        {
            stands = paused;
            Update();
        }

        public void Press()
        {
            EndTail();
            pressed = true;
            Update();
        }

        public void Release()
        {
            if (!pressed) return;
            pressed = false;
            tail = true;
            owner.MicTail(owner.NowUs() + AfterReleaseUs);
        }

        /// <summary>The time after the release is over.</summary>
        public void EndTail()
        {
            if (!tail) return;
            tail = false;
            Close();
            Update();
        }

        /// <summary>The microphone's sample at a time of our clock; null while it is closed.</summary>
        public long? SampleAt(long us)
        {
            if (!started) return null;
            return Math.Max(0, sent + (long)Math.Round((us - sentAtUs) * (double)RateHz / 1e6));
        }

        /// <summary>A frame of `count` samples from `sample` on is about to be sent; returns false if its stream is closed.</summary>
        public bool Captured(int stream, long sample, int count, long capturedAtUs)
        {
            if (!Open || stream != Stream) return false;
            if (!started)
            {
                started = true;
                owner.SendMicStart(Stream, RateHz, mode ?? MicMode.Open);
            }
            sent = sample + count;
            sentAtUs = capturedAtUs;
            return true;
        }

        private void Update()
        {
            var talking = mode == MicMode.Open || (mode == MicMode.Ptt && (pressed || tail));
            var wanted = joined && talking && !stands;
            if (wanted == Open) return;
            if (!wanted)
            {
                Close();
                return;
            }
            Open = true;
            started = false;
            sent = 0;
            Stream = Stream % LastStream + 1;
            owner.MicOpened(new OpenStream(Stream, RateHz, FrameMs));
        }

        private void Close()
        {
            if (!Open) return;
            Open = false;
            if (started && joined) owner.SendMicStop(Stream, sent);
            started = false;
            owner.MicOpened(null);
        }
    }
}
