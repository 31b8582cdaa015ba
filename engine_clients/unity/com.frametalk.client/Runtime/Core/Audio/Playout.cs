using System;
using System.Threading;

namespace Frametalk
{
    internal enum PlayDo
    {
        Begin,
        Feed,
        End,
        Cut,
        CutAll,
        Turn,
    }

    /// <summary>From the hub to the audio thread.</summary>
    internal struct PlayCommand
    {
        public PlayDo Do;
        public long Reply;
        public int Stream;
        public long Sample;
        public int Count;
        public Kernel Kernel;
        public bool Ducked;
        public bool Paused;
    }

    /// <summary>
    /// Plays one character's replies on the audio thread, and reports the position of each reply's clock at every change and ten
    /// times a second. Commands and sound come over rings without locks.
    /// </summary>
    internal sealed class Playout
    {
        private const int StatusEveryMs = 100;
        private const int ConfirmMs = 400; // the server sends `ducked` by then, or it was a false alarm
        private const int Lines = 3; // one plays, others may fade out
        private const int SoundRing = 1 << 18; // 5 s at 48 kHz; the server sends its lead ahead, at most 1.6 s by default
        private const float SilenceDb = -96;

        private readonly object kernels = new object();
        private readonly SpscRing<PlayCommand> commands = new SpscRing<PlayCommand>(2048);
        private readonly SpscRing<PlayStatus> toHub = new SpscRing<PlayStatus>(256);
        private readonly SpscRing<PlayStatus> toLips = new SpscRing<PlayStatus>(256);
        private readonly short[] sound = new short[SoundRing];
        private readonly Line[] lines = new Line[Lines];
        private float[] scratch = new float[4096];
        private int soundHead; // the audio thread's
        private int soundTail; // the hub's
        private Kernel kernel; // the newest, which nearly always fits again
        private Line current;
        private long frames;
        private long blockUs; // when the present block is heard
        private long alarmFrame = long.MaxValue;
        private int lower; // set by the microphone's thread
        private int falseAlarms;
        private int confirmed;
        private float levelDb = SilenceDb;
        private volatile bool sounding;

        public Playout(int outHz, double primeMs)
        {
            OutHz = outHz;
            PrimeMs = primeMs;
            kernel = new Kernel(outHz, outHz);
            for (var i = 0; i < Lines; i++) lines[i] = new Line(kernel);
        }

        public int OutHz { get; private set; }

        public double PrimeMs { get; set; }

        /// <summary>Called on the audio thread when a clock starts, stops or ends.</summary>
        public Action Changed { get; set; }

        /// <summary>Gets what is played; set by the microphone.</summary>
        public IEchoCanceller Tap { get; set; }

        public bool Sounding
        {
            get { return sounding; }
        }

        public float LevelDb
        {
            get { return Volatile.Read(ref levelDb); }
        }

        // ---- the hub's side ---------------------------------------------------------------------------------------

        public void Begin(long reply, int stream, int rateHz)
        {
            Post(new PlayCommand { Do = PlayDo.Begin, Reply = reply, Stream = stream, Kernel = KernelOf(rateHz) });
        }

        /// <summary>Take sound: signed 16-bit little-endian samples. Returns false if there is no room.</summary>
        public bool Feed(int stream, long sample, byte[] data, int offset, int count)
        {
            var room = SoundRing - (soundTail - Volatile.Read(ref soundHead));
            if (count > room) return false;
            var at = soundTail;
            for (var i = 0; i < count; i++)
            {
                var low = offset + 2 * i;
                sound[(at + i) & (SoundRing - 1)] = (short)(data[low] | data[low + 1] << 8);
            }
            var command = new PlayCommand { Do = PlayDo.Feed, Stream = stream, Sample = sample, Count = count };
            Volatile.Write(ref soundTail, at + count);
            if (commands.TryPush(ref command)) return true;
            Volatile.Write(ref soundTail, at);
            return false;
        }

        public void End(long reply, long samples)
        {
            Post(new PlayCommand { Do = PlayDo.End, Reply = reply, Sample = samples });
        }

        public void Cut(long reply)
        {
            Post(new PlayCommand { Do = PlayDo.Cut, Reply = reply });
        }

        public void CutAll()
        {
            Post(new PlayCommand { Do = PlayDo.CutAll });
        }

        public void Turn(long reply, bool ducked, bool paused)
        {
            Volatile.Write(ref confirmed, ducked ? 1 : 0);
            Post(new PlayCommand { Do = PlayDo.Turn, Reply = reply, Ducked = ducked, Paused = paused });
        }

        public bool TryStatus(out PlayStatus status)
        {
            return toHub.TryPop(out status);
        }

        // ---- the game's and the microphone's side -----------------------------------------------------------------

        public bool TryLipsStatus(out PlayStatus status)
        {
            return toLips.TryPop(out status);
        }

        /// <summary>The player begins to speak: lower the reply until the server confirms.</summary>
        public void Lower()
        {
            Volatile.Write(ref lower, 1);
        }

        /// <summary>Whether the server hears speech over the reply.</summary>
        public bool Confirmed
        {
            get { return Volatile.Read(ref confirmed) != 0; }
        }

        /// <summary>Whether a voice was found that the server did not confirm, since the last call.</summary>
        public bool TakeFalseAlarm()
        {
            return Interlocked.Exchange(ref falseAlarms, 0) != 0;
        }

        /// <summary>Another rate of the device; no thread may be in <see cref="Read"/>.</summary>
        public void Reset(int outHz)
        {
            lock (kernels)
            {
                OutHz = outHz;
                foreach (var line in lines) if (!line.Done) line.Change(Of(line.RateHz));
            }
        }

        // ---- the audio thread's side ------------------------------------------------------------------------------

        public void Read(float[] mono, int count, long heardAtUs)
        {
            blockUs = heardAtUs;
            Take();
            if (Interlocked.Exchange(ref lower, 0) != 0) LowerNow();
            if (frames >= alarmFrame) FalseAlarm();
            Array.Clear(mono, 0, count);
            if (scratch.Length < count) scratch = new float[count];
            var changed = false;
            foreach (var line in lines) if (!line.Done) changed |= Render(line, mono, count, heardAtUs);
            frames += count;
            sounding = current != null && current.Running;
            Measure(mono, count);
            var tap = Tap;
            if (tap != null) tap.Played(mono, count, OutHz, heardAtUs);
            if (changed && Changed != null) Changed();
        }

        private bool Render(Line line, float[] mono, int count, long heardAtUs)
        {
            var before = line.Played;
            var was = line.Running;
            var changed = line.Render(mono, count, scratch, PrimeMs);
            var late = (frames - line.StatusFrame) * 1000 >= StatusEveryMs * (long)OutHz;
            if (changed && line.Running && !was) Report(line, frames, heardAtUs, before);
            else if (changed || line.Done || late)
            {
                Report(line, frames + count, heardAtUs + count * 1000000L / OutHz, line.Played);
            }
            return changed || line.Done;
        }

        private void Report(Line line, long frame, long atUs, long sample)
        {
            line.StatusFrame = frame;
            var status = new PlayStatus
            {
                Reply = line.Reply,
                AtUs = atUs,
                Sample = sample,
                Running = line.Running,
                Buffered = line.Buffered,
                Underruns = line.Underruns,
                Done = line.Done,
                Cut = line.WasCut,
            };
            toHub.TryPush(ref status);
            toLips.TryPush(ref status);
        }

        private void Take()
        {
            PlayCommand command;
            while (commands.TryPop(out command))
            {
                switch (command.Do)
                {
                    case PlayDo.Begin:
                        BeginNow(ref command);
                        break;
                    case PlayDo.Feed:
                        if (current != null && current.Stream == command.Stream)
                        {
                            current.Feed(command.Sample, sound, soundHead, SoundRing - 1, command.Count);
                        }
                        Volatile.Write(ref soundHead, soundHead + command.Count);
                        break;
                    case PlayDo.End:
                        foreach (var line in lines) if (Is(line, command.Reply)) line.End(command.Sample);
                        break;
                    case PlayDo.Cut:
                        foreach (var line in lines) if (Is(line, command.Reply)) CutNow(line);
                        break;
                    case PlayDo.CutAll:
                        foreach (var line in lines) if (!line.Done) CutNow(line);
                        break;
                    case PlayDo.Turn:
                        TurnNow(ref command);
                        break;
                }
            }
        }

        private void BeginNow(ref PlayCommand command)
        {
            alarmFrame = long.MaxValue;
            current = null;
            foreach (var line in lines)
            {
                if (!line.Done) CutNow(line); // the server keeps one reply at a time
                if (line.Done && current == null) current = line;
            }
            if (current == null) current = lines[0]; // two are fading out still: their rest is not heard
            var rates = command.Kernel.OutHz == OutHz ? command.Kernel : KernelOf(command.Kernel.InHz);
            current.Begin(command.Reply, command.Stream, rates);
        }

        private void CutNow(Line line)
        {
            var was = line.Done;
            line.Cut();
            // A line that does not sound ends at once, and is not rendered any more.
            if (line.Done && !was) Report(line, frames, blockUs, line.Played);
        }

        private void TurnNow(ref PlayCommand command)
        {
            if (current == null || current.Done || command.Reply != current.Reply) return;
            if (command.Ducked)
            {
                alarmFrame = long.MaxValue;
                current.Set(command.Paused ? Loudness.Paused : Loudness.Lowered);
            }
            else if (alarmFrame == long.MaxValue)
            {
                // While an alarm is pending, this message is older than the sound that raised the alarm.
                current.Set(Loudness.Raised);
            }
        }

        private void LowerNow()
        {
            if (current == null || current.Done || !current.Started || current.Loudness != Loudness.Raised) return;
            alarmFrame = frames + ConfirmMs * (long)OutHz / 1000;
            current.Set(Loudness.Lowered);
        }

        private void FalseAlarm()
        {
            alarmFrame = long.MaxValue;
            Interlocked.Exchange(ref falseAlarms, 1);
            if (current != null && !current.Done) current.Set(Loudness.Raised);
        }

        private void Measure(float[] mono, int count)
        {
            var power = 0f;
            for (var i = 0; i < count; i++) power += mono[i] * mono[i];
            var level = power <= 0 ? SilenceDb : Math.Max(SilenceDb, 10 * (float)Math.Log10(power / count));
            Volatile.Write(ref levelDb, level);
        }

        private static bool Is(Line line, long reply)
        {
            return !line.Done && line.Reply == reply;
        }

        private void Post(PlayCommand command)
        {
            commands.TryPush(ref command);
        }

        private Kernel KernelOf(int inHz)
        {
            lock (kernels) return Of(inHz);
        }

        private Kernel Of(int inHz)
        {
            if (kernel.InHz != inHz || kernel.OutHz != OutHz) kernel = new Kernel(inHz, OutHz);
            return kernel;
        }
    }
}
