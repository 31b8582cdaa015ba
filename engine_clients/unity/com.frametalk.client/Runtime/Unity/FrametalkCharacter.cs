using System.Threading;
using UnityEngine;

namespace Frametalk.Unity
{
    /// <summary>
    /// The character's voice, through the AudioSource beside it. The source plays a loop of ones, so that Unity's volume,
    /// distance and panning arrive in the filter, where the voice is multiplied in: it is as spatial as the source.
    /// </summary>
    [AddComponentMenu("Frametalk/Frametalk Character")]
    [RequireComponent(typeof(AudioSource))]
    [DisallowMultipleComponent]
    public sealed class FrametalkCharacter : MonoBehaviour
    {
        private const long SilentUs = 300000; // without a block for this long the audio thread does not run
        private const int PrimerSamples = 4800;

        [SerializeField, Tooltip("Empty: the session above this object, or the scene's only one.")]
        private FrametalkSession session;

        [SerializeField, Range(0f, 2f)]
        private float volume = 1f;

        [SerializeField, Min(0f), Tooltip("Delay behind Unity's own buffers, in milliseconds: Bluetooth headphones have 100 to 300.")]
        private float deviceDelayMs;

        private readonly object gate = new object();
        private AudioSource source;
        private AudioClip primer;
        private Session core;
        private OutputClock clock;
        private float[] mono = new float[2048];
        private int rateHz;
        private long readUs;
        private bool unheard;
        private long heardUs;
        private long next;
        private long frames; // before the newest block
        private double dspBegan = double.NaN;
        private long latencyUs;
        private bool listenerPaused;

        /// <summary>The session whose voice it is.</summary>
        public FrametalkSession Session
        {
            get { return session; }
            set { session = value; }
        }

        /// <summary>The voice's volume, 0 to 2, besides the source's.</summary>
        public float Volume
        {
            get { return volume; }
            set { volume = value; }
        }

        /// <summary>Delay behind Unity's own buffers, in milliseconds; it moves the lips and what counts as heard.</summary>
        public float DeviceDelayMs
        {
            get { return deviceDelayMs; }
            set
            {
                deviceDelayMs = value;
                if (isActiveAndEnabled) Open();
            }
        }

        /// <summary>How much later than its block was asked for a sample leaves the loudspeaker, in milliseconds.</summary>
        public float OutputDelayMs
        {
            get { return latencyUs / 1000f; }
        }

        /// <summary>
        /// By how much the clock that moves the lips is ahead of Unity's own count of the sound (`dspTime`), in
        /// milliseconds, averaged over about a second. It stays within half an audio block.
        /// </summary>
        public float LipDriftMs { get; private set; }

        private void OnEnable()
        {
            session = FrametalkSession.For(this, session);
            source = GetComponent<AudioSource>();
            if (session == null)
            {
                Debug.LogError("frametalk: no FrametalkSession in the scene; add one", this);
                enabled = false;
                return;
            }

            AudioSettings.OnAudioConfigurationChanged += OnAudioConfigurationChanged;
            session.Renewed += Open;
            Open();
        }

        private void OnDisable()
        {
            AudioSettings.OnAudioConfigurationChanged -= OnAudioConfigurationChanged;
            if (session != null) session.Renewed -= Open;
            lock (gate)
            {
                if (core != null) core.Voice.Stall();
                core = null;
            }

            if (source != null) source.Stop();
        }

        private void OnDestroy()
        {
            if (primer != null) Destroy(primer);
        }

        private void Update()
        {
            var began = FrametalkCost.Now;
            if (AudioListener.pause != listenerPaused)
            {
                listenerPaused = AudioListener.pause;
                session.SetPaused(PauseReason.Audio, listenerPaused);
            }

            if (!listenerPaused && core != null && (unheard || core.NowUs - readUs > SilentUs)) PlayUnheard();
            MeasureDrift();
            FrametalkCost.Add(began);
        }

        private void OnAudioConfigurationChanged(bool deviceWasChanged)
        {
            // Unity has stopped all sources, and may mix at another rate and in other blocks from now on.
            Open();
        }

        private void Open()
        {
            int blockSamples;
            int blocks;
            AudioSettings.GetDSPBufferSize(out blockSamples, out blocks);
            lock (gate)
            {
                core = session.Core;
                rateHz = AudioSettings.outputSampleRate;
                latencyUs = (long)(1e6 * blockSamples * Mathf.Max(blocks - 1, 0) / rateHz) + (long)(1000 * deviceDelayMs);
                clock = new OutputClock(rateHz) { LatencyUs = latencyUs };
                core.Voice.OutputMs = latencyUs / 1000.0;
                frames = next = 0;
                dspBegan = double.NaN;
                readUs = core.NowUs;
                unheard = false;
                core.Voice.PrimeMs = Mathf.Max(session.Settings.PrimeMs, 2000f * blockSamples / rateHz);
                core.Voice.Reset(rateHz);
                if (mono.Length < blockSamples) mono = new float[blockSamples];
            }

            if (primer == null || primer.frequency != rateHz) MakePrimer();
            source.clip = primer;
            source.loop = true;
            source.priority = 0;
            source.dopplerLevel = 0f;
            source.Play();
        }

        private void MakePrimer()
        {
            if (primer != null) Destroy(primer);
            var ones = new float[PrimerSamples];
            for (var i = 0; i < ones.Length; i++) ones[i] = 1f;
            primer = AudioClip.Create("frametalk voice", ones.Length, 1, rateHz, false);
            primer.SetData(ones, 0);
        }

        /// <summary>The audio thread: a block of the source's sound, which is its volume and panning.</summary>
        private void OnAudioFilterRead(float[] data, int channels)
        {
            var count = data.Length / channels;
            if (!Monitor.TryEnter(gate))
            {
                System.Array.Clear(data, 0, data.Length);
                return;
            }

            try
            {
                if (core == null)
                {
                    System.Array.Clear(data, 0, data.Length);
                    return;
                }

                Read(count);
                for (int i = 0, at = 0; i < count; i++)
                {
                    var value = mono[i] * volume;
                    for (var c = 0; c < channels; c++) data[at++] *= value;
                }
            }
            finally
            {
                Monitor.Exit(gate);
            }
        }

        private void Read(int count)
        {
            if (mono.Length < count) mono = new float[count];
            var nowUs = core.NowUs;
            if (double.IsNaN(dspBegan)) dspBegan = AudioSettings.dspTime;
            heardUs = clock.Block(count, nowUs);
            core.Voice.Read(mono, count, heardUs);
            frames = next;
            next += count;
            readUs = nowUs;
            unheard = false;
        }

        /// <summary>
        /// Unity does not mix a source that is out of voices or hearing, nor anything without an audio device. The reply
        /// goes on unheard, or else the server would cut it.
        /// </summary>
        private void PlayUnheard()
        {
            lock (gate)
            {
                var nowUs = core.NowUs;
                var due = (nowUs - readUs) * rateHz / 1000000;
                if (due > rateHz) due = rateHz;
                while (due > 0)
                {
                    var count = (int)System.Math.Min(due, mono.Length);
                    core.Voice.Read(mono, count, nowUs);
                    due -= count;
                }

                readUs = nowUs;
                unheard = true;
                clock.Reset(rateHz);
                frames = next = 0;
                dspBegan = double.NaN;
            }
        }

        private void MeasureDrift()
        {
            double byClock;
            double byUnity;
            lock (gate)
            {
                if (core == null || unheard || frames == 0 || double.IsNaN(dspBegan)) return;
                byClock = (frames * 1e6 / rateHz) + (core.NowUs - heardUs) + latencyUs;
                byUnity = (AudioSettings.dspTime - dspBegan) * 1e6;
            }

            LipDriftMs += 0.02f * ((float)((byClock - byUnity) / 1000.0) - LipDriftMs);
        }
    }
}
