using System;

namespace Frametalk
{
    /// <summary>
    /// A windowed sinc for one pair of rates, one row of taps for each phase between two input samples.
    /// </summary>
    internal sealed class Kernel
    {
        private const int ZeroCrossings = 16; // on each side of the kernel's middle
        private const double Passband = 0.92; // of the lower of the two rates' halves

        public readonly int InHz;
        public readonly int OutHz;

        /// <summary>Input samples to each side that one output sample needs.</summary>
        public readonly int Reach;

        /// <summary>Output samples in `Down` input samples.</summary>
        public readonly int Up;
        public readonly int Down;

        /// <summary>`Up` rows of 2 * `Reach` taps.</summary>
        public readonly float[] Taps;

        public Kernel(int inHz, int outHz)
        {
            InHz = inHz;
            OutHz = outHz;
            var divisor = Gcd(inHz, outHz);
            Up = outHz / divisor;
            Down = inHz / divisor;
            var cutoff = Math.Min(1, (double)outHz / inHz) * Passband;
            Reach = inHz == outHz ? 1 : (int)Math.Ceiling(ZeroCrossings / cutoff);
            Taps = inHz == outHz ? new[] { 1f, 0f } : Rows(Reach, Up, cutoff);
        }

        private static float[] Rows(int reach, int phases, double cutoff)
        {
            var width = 2 * reach;
            var taps = new float[phases * width];
            var row = new double[width];
            for (var phase = 0; phase < phases; phase++)
            {
                double sum = 0;
                for (var k = 0; k < width; k++)
                {
                    var x = k - reach + 1 - (double)phase / phases;
                    var sinc = x == 0 ? 1 : Math.Sin(Math.PI * cutoff * x) / (Math.PI * cutoff * x);
                    row[k] = sinc * Blackman(x / reach);
                    sum += row[k];
                }
                for (var k = 0; k < width; k++) taps[phase * width + k] = (float)(row[k] / sum);
            }
            return taps;
        }

        private static double Blackman(double x)
        {
            if (Math.Abs(x) >= 1) return 0;
            return 0.42 + 0.5 * Math.Cos(Math.PI * x) + 0.08 * Math.Cos(2 * Math.PI * x);
        }

        private static int Gcd(int a, int b)
        {
            while (b != 0)
            {
                var rest = a % b;
                a = b;
                b = rest;
            }
            return a;
        }
    }

    /// <summary>
    /// Converts sample rates, in pieces of any length, exact to the sample: output sample k is at input position
    /// k * inHz / outHz, so the clock is not delayed, but each output sample needs `Kernel.Reach` more input samples.
    /// </summary>
    internal sealed class Resampler
    {
        private const int FirstRoom = 65536;

        private float[] buffer;
        private Kernel kernel;
        private long first; // input index of buffer[0]; before 0 there is silence
        private int filled; // of the buffer
        private long whole; // input index of the next output sample, and its phase
        private int phase;
        private bool ended;

        public Resampler(Kernel kernel, int room = FirstRoom)
        {
            buffer = new float[room];
            Begin(kernel);
        }

        /// <summary>The input sample at which the next output sample lies, rounded down.</summary>
        public long Position
        {
            get { return whole; }
        }

        /// <summary>Input samples so far.</summary>
        public long Pushed { get; private set; }

        /// <summary>Begin another sound.</summary>
        public void Begin(Kernel rates)
        {
            kernel = rates;
            first = 1 - rates.Reach;
            filled = 0;
            Pushed = 0;
            whole = 0;
            phase = 0;
            ended = false;
            Silence(rates.Reach - 1);
            Pushed = 0;
        }

        /// <summary>Go on at another output rate from <see cref="Position"/>; the little that the new kernel lacks is silence.</summary>
        public void Change(Kernel rates)
        {
            var keep = (int)(first + filled - whole);
            var rest = new float[Math.Max(keep, 0)];
            if (keep > 0) Array.Copy(buffer, (int)(whole - first), rest, 0, keep);
            kernel = rates;
            phase = 0;
            first = whole - rates.Reach + 1;
            filled = 0;
            var pushed = Pushed;
            Silence(rates.Reach - 1);
            if (keep > 0) Append(rest, keep);
            Pushed = pushed;
        }

        /// <summary>Add signed 16-bit samples out of a ring of `mask` + 1 samples.</summary>
        public void Push(short[] ring, int at, int mask, int skip, int count)
        {
            MakeRoom(count - skip);
            for (var i = skip; i < count; i++) buffer[filled++] = ring[(at + i) & mask] / 32768f;
            Pushed += count - skip;
        }

        /// <summary>Add samples.</summary>
        public void Push(float[] samples, int offset, int count)
        {
            MakeRoom(count);
            Array.Copy(samples, offset, buffer, filled, count);
            filled += count;
            Pushed += count;
        }

        /// <summary>Add silence.</summary>
        public void Silence(int count)
        {
            MakeRoom(count);
            Array.Clear(buffer, filled, count);
            filled += count;
            Pushed += count;
        }

        /// <summary>End the input: silence follows the last sample.</summary>
        public void Finish()
        {
            if (ended) return;
            ended = true;
            var pushed = Pushed;
            Silence(kernel.Reach);
            Pushed = pushed;
        }

        /// <summary>Write up to `count` output samples to `into` from `offset` on; returns how many.</summary>
        public int Read(float[] into, int offset, int count)
        {
            var limit = ended ? Pushed : Pushed - kernel.Reach;
            var made = 0;
            if (kernel.Up == 1 && kernel.Down == 1)
            {
                // The same rate: the kernel is one tap, so that nothing has to be waited for.
                limit = Pushed;
                made = (int)Math.Min(count, limit - whole);
                if (made <= 0) return 0;
                Array.Copy(buffer, (int)(whole - first), into, offset, made);
                whole += made;
                return made;
            }
            var width = 2 * kernel.Reach;
            var taps = kernel.Taps;
            while (made < count && whole < limit)
            {
                var from = (int)(whole - kernel.Reach + 1 - first);
                var row = phase * width;
                var sum = 0f;
                for (var k = 0; k < width; k++) sum += taps[row + k] * buffer[from + k];
                into[offset + made++] = sum;
                phase += kernel.Down;
                while (phase >= kernel.Up)
                {
                    phase -= kernel.Up;
                    whole++;
                }
            }
            return made;
        }

        private void Append(float[] samples, int count)
        {
            MakeRoom(count);
            Array.Copy(samples, 0, buffer, filled, count);
            filled += count;
        }

        private void MakeRoom(int count)
        {
            if (filled + count <= buffer.Length) return;
            var unused = (int)Math.Max(0, Math.Min(whole - kernel.Reach + 1 - first, filled));
            var kept = filled - unused;
            var target = kept + count > buffer.Length / 2 ? new float[2 * (kept + count)] : buffer;
            Array.Copy(buffer, unused, target, 0, kept);
            buffer = target;
            first += unused;
            filled = kept;
        }
    }
}
