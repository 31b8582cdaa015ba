// The two sound devices of the stub: a loudspeaker that pulls blocks, and a microphone that a test speaks into.
using System;
using System.Collections.Generic;

namespace UnityEngine.Stub
{
    /// <summary>A loudspeaker: it mixes a block whenever one has left, and keeps all that it played.</summary>
    public sealed class AudioDevice
    {
        public readonly List<float> Tape = new List<float>();
        private double _begun = double.NaN;
        private float[] _block;

        public AudioDevice()
        {
            RateHz = 48000;
            BlockSamples = 512;
            Blocks = 4;
            Channels = 2;
            Recording = true;
            Left = 1f;
            Right = 1f;
        }

        public int RateHz { get; private set; }

        public int BlockSamples { get; private set; }

        public int Blocks { get; private set; }

        public int Channels { get; private set; }

        /// <summary>Samples that were mixed since the device was opened.</summary>
        public long Mixed { get; private set; }

        /// <summary>Whether the tape is kept: off where a test counts garbage.</summary>
        public bool Recording { get; set; }

        /// <summary>Called after each block with the place of its first sample on the tape.</summary>
        public Action<long> AfterBlock { get; set; }

        /// <summary>What the listener's place does to the channels.</summary>
        public float Left { get; set; }

        public float Right { get; set; }

        /// <summary>The sample of the tape that leaves the loudspeaker at an instant.</summary>
        public double HeardAt(double now)
        {
            return double.IsNaN(_begun) ? 0 : ((now - _begun) * RateHz) - (BlockSamples * Blocks);
        }

        /// <summary>Another output: the sources stop, as in Unity, and scripts are told.</summary>
        public void Change(int rateHz, int blockSamples, bool deviceWasChanged)
        {
            RateHz = rateHz;
            BlockSamples = blockSamples;
            _begun = double.NaN;
            Mixed = 0;
            Tape.Clear();
            foreach (var source in Engine.FindAll<AudioSource>())
            {
                source.Stop();
            }

            AudioSettings.Changed(deviceWasChanged);
        }

        /// <summary>Mixes the blocks that are due at `now`. May be called from another thread than the frames.</summary>
        public void Pull(double now)
        {
            if (double.IsNaN(_begun))
            {
                _begun = now;
            }

            while (Mixed + BlockSamples <= (now - _begun) * RateHz)
            {
                Mix();
            }
        }

        private void Mix()
        {
            if (_block == null || _block.Length != BlockSamples * Channels)
            {
                _block = new float[BlockSamples * Channels];
            }

            var sources = Sources();
            for (var s = 0; s < sources.Count; s++)
            {
                Fill(sources[s]);
                var filter = _filters[s];
                if (filter != null)
                {
                    filter(_block, Channels);
                }

                Keep(s == 0);
            }

            if (sources.Count == 0)
            {
                Array.Clear(_block, 0, _block.Length);
                Keep(true);
            }

            if (AfterBlock != null)
            {
                AfterBlock(Mixed);
            }

            Mixed += BlockSamples;
        }

        private void Fill(AudioSource source)
        {
            var clip = source.clip;
            for (var i = 0; i < BlockSamples; i++)
            {
                var value = clip == null ? 0f : clip.Data[source.At] * source.volume;
                source.At = clip == null ? 0 : (source.At + 1) % clip.samples;
                for (var c = 0; c < Channels; c++)
                {
                    _block[(i * Channels) + c] = value * (c == 0 ? Left : Right);
                }
            }
        }

        private void Keep(bool first)
        {
            for (var i = 0; Recording && i < BlockSamples; i++)
            {
                if (first)
                {
                    Tape.Add(_block[i * Channels]);
                }
                else
                {
                    Tape[Tape.Count - BlockSamples + i] += _block[i * Channels];
                }
            }
        }

        private readonly List<AudioSource> _sources = new List<AudioSource>();
        private readonly List<Action<float[], int>> _filters = new List<Action<float[], int>>();

        /// <summary>The sources that play, found again once a frame.</summary>
        private List<AudioSource> Sources()
        {
            return _sources;
        }

        /// <summary>Looks for playing sources: after each frame, on the frames' thread.</summary>
        public void Look()
        {
            _sources.Clear();
            _filters.Clear();
            foreach (var source in Engine.FindAll<AudioSource>())
            {
                if (source.isPlaying && source.isActiveAndEnabled)
                {
                    _sources.Add(source);
                    _filters.Add(Engine.FilterOf(source.gameObject));
                }
            }
        }
    }

    /// <summary>A microphone whose sound a test gives, sample by sample.</summary>
    public sealed class StubMicrophone
    {
        private AudioClip _clip;
        private long _captured;
        private double _begun;

        public StubMicrophone()
        {
            Devices = new[] { "stub microphone" };
            Voice = n => 0f;
            MinHz = 16000;
            MaxHz = 48000;
        }

        public string[] Devices { get; set; }

        public int MinHz { get; set; }

        public int MaxHz { get; set; }

        /// <summary>The sound at a sample since recording began.</summary>
        public Func<long, float> Voice { get; set; }

        public bool Recording
        {
            get { return _clip != null && Devices.Length > 0; }
        }

        public int RateHz
        {
            get { return _clip == null ? 0 : _clip.frequency; }
        }

        /// <summary>Samples captured since recording began.</summary>
        public long Captured
        {
            get { return _captured; }
        }

        internal int Position
        {
            get { return _clip == null ? 0 : (int)(_captured % _clip.samples); }
        }

        internal AudioClip Start(int lengthSec, int frequency)
        {
            if (Devices.Length == 0)
            {
                return null;
            }

            _clip = AudioClip.Create("Microphone", lengthSec * frequency, 1, frequency, false);
            _captured = 0;
            _begun = Engine.Now;
            return _clip;
        }

        internal void End()
        {
            _clip = null;
        }

        internal void Capture(double now)
        {
            if (!Recording)
            {
                return;
            }

            var due = (long)((now - _begun) * _clip.frequency);
            for (; _captured < due; _captured++)
            {
                _clip.Data[_captured % _clip.samples] = Voice(_captured);
            }
        }
    }
}
