using System;

namespace Frametalk
{
    /// <summary>How a reply is played; `Paused` stops its clock.</summary>
    internal enum Loudness
    {
        Raised,
        Lowered,
        Paused,
    }

    /// <summary>One reply's sound on the audio thread: prime, play, count samples, pause, fade, discard. Used again.</summary>
    internal sealed class Line
    {
        private const double FadeMs = 10; // to silence
        private const double RampMs = 5; // without a click, and too short to be heard as a fade
        private const int LongestHoleMs = 1000;
        private static readonly float DuckGain = (float)Math.Pow(10, -12 / 20.0);

        private readonly Resampler sound;
        private Kernel kernel;
        private long total; // -1: not known yet
        private float gain;
        private float goal;
        private float step;

        public long Reply { get; private set; }

        public int Stream { get; private set; }

        public Loudness Loudness { get; private set; }

        public bool Running { get; private set; }

        public bool Started { get; private set; }

        public bool Done { get; private set; }

        public bool WasCut { get; private set; }

        public int Underruns { get; private set; }

        /// <summary>When its position was reported.</summary>
        public long StatusFrame;

        public Line(Kernel kernel)
        {
            sound = new Resampler(kernel);
            Done = true;
        }

        public void Begin(long reply, int stream, Kernel rates)
        {
            Reply = reply;
            Stream = stream;
            kernel = rates;
            sound.Begin(rates);
            total = -1;
            gain = goal = 1;
            step = 0;
            Loudness = Loudness.Raised;
            Running = Started = Done = WasCut = false;
            Underruns = 0;
            StatusFrame = long.MinValue / 2;
        }

        public void Change(Kernel rates)
        {
            kernel = rates;
            sound.Change(rates);
        }

        public int RateHz
        {
            get { return kernel.InHz; }
        }

        public long Played
        {
            get { return Math.Min(sound.Position, total >= 0 ? Math.Min(total, sound.Pushed) : sound.Pushed); }
        }

        public long Buffered
        {
            get { return Done ? 0 : sound.Pushed - Played; }
        }

        /// <summary>Take `count` samples, of which the first is `sample` of the reply's clock.</summary>
        public void Feed(long sample, short[] ring, int at, int mask, int count)
        {
            if (total >= 0 || WasCut || Done) return;
            var hole = sample - sound.Pushed;
            if (hole > 0) sound.Silence((int)Math.Min(hole, LongestHoleMs * (long)kernel.InHz / 1000));
            var skip = hole < 0 ? (int)Math.Min(-hole, count) : 0;
            sound.Push(ring, at, mask, skip, count);
        }

        public void End(long samples)
        {
            if (total < 0) total = samples;
            sound.Finish();
        }

        /// <summary>Fade to another gain; `Paused` stops the clock once it is silent.</summary>
        public void Set(Loudness loudness)
        {
            if (WasCut || loudness == Loudness) return;
            Loudness = loudness;
            var to = loudness == Loudness.Raised ? 1 : loudness == Loudness.Lowered ? DuckGain : 0;
            if (!Started) gain = to; // nothing to fade yet
            Ramp(to, loudness == Loudness.Paused ? FadeMs : RampMs);
        }

        public void Cut()
        {
            if (WasCut || Done) return;
            WasCut = true;
            Ramp(0, FadeMs);
            if (!Running) Done = true;
        }

        /// <summary>Add the block's sound to `into`; returns whether the clock started, stopped or ended.</summary>
        public bool Render(float[] into, int count, float[] scratch, double primeMs)
        {
            if (Done) return false;
            var was = Running;
            if (!Running && !MayRun(primeMs)) return FinishIfEnded();
            var made = sound.Read(scratch, 0, count);
            if (made > 0 && !was) Go();
            Mix(into, scratch, made);
            if (made < count) Running = false;
            if (gain == 0 && goal == 0) Stop();
            if (FinishIfEnded()) return true;
            if (was && !Running && !WasCut && Loudness != Loudness.Paused) Underruns++;
            return was != Running || Done;
        }

        private bool MayRun(double primeMs)
        {
            if (Loudness == Loudness.Paused && gain == 0) return false;
            if (Started || total >= 0) return true;
            return sound.Pushed >= primeMs * kernel.InHz / 1000;
        }

        private void Go()
        {
            Running = true;
            if (!Started)
            {
                Started = true;
                return;
            }
            // It resumes in the middle of a sound: ramp, to avoid a click.
            var to = goal;
            gain = 0;
            Ramp(to, RampMs);
        }

        private void Stop()
        {
            Running = false;
            if (WasCut) Done = true;
        }

        private bool FinishIfEnded()
        {
            if (Done) return true;
            if (total < 0 || Running) return false;
            Done = sound.Position >= Math.Min(total, sound.Pushed);
            return Done;
        }

        private void Ramp(float to, double ms)
        {
            goal = to;
            step = (to - gain) / (float)Math.Max(1, ms * kernel.OutHz / 1000);
            if (step == 0) gain = to;
        }

        private void Mix(float[] into, float[] from, int count)
        {
            for (var i = 0; i < count; i++)
            {
                if (gain != goal)
                {
                    gain += step;
                    if (step > 0 == gain > goal) gain = goal;
                }
                into[i] += from[i] * gain;
            }
        }
    }
}
