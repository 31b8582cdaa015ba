using System;

namespace Frametalk
{
    /// <summary>
    /// Detects that the player begins to speak over a reply. A block of 5 ms is loud above -50 dB of full scale, 12 dB above the
    /// noise, and 6 dB above the possible echo of what was played; the echo's strength is learned while the player is silent.
    /// </summary>
    internal sealed class VoiceOnset
    {
        public const float SilenceDb = -96;

        private const int BlockMs = 5;
        private const int BlocksToStart = 2; // one loud block is a click
        private const int QuietToEndMs = 200; // syllables of one sentence are one onset
        private const float LouderDb = -50;
        private const float AboveNoiseDb = 12;
        private const float AboveEchoDb = 6;
        private const float LowestNoiseDb = -65;
        private const float NoiseRisesDb = 6f * BlockMs / 1000;
        private const float NoiseFalls = 0.1f; // of the way down, each block
        private const float FirstCouplingDb = -6;
        private const float MostCouplingDb = 6;
        private const float CouplingFallsDb = 4f * BlockMs / 1000;
        private const float CouplingRisesDb = 60f * BlockMs / 1000; // slow, so that a voice is not learned as echo
        private const int EchoWithinMs = 250; // the longest delay of an echo
        private const float MeasurablePlayedDb = -40; // the coupling cannot be measured from softer sound

        private readonly float[] playedDb = new float[EchoWithinMs / BlockMs];
        private int block;
        private int slot;
        private float noiseDb;
        private float couplingDb;
        private int loud; // blocks in a row
        private int quietMs;
        private float worstDb; // the strongest return since the last onset, if it was echo

        public VoiceOnset()
        {
            Begin(16000);
        }

        /// <summary>Whether the server also hears speech; meanwhile nothing is learned.</summary>
        public bool Confirmed { get; set; }

        public void Begin(int rateHz)
        {
            block = Math.Max(1, rateHz * BlockMs / 1000);
            for (var i = 0; i < playedDb.Length; i++) playedDb[i] = SilenceDb;
            slot = 0;
            noiseDb = LowestNoiseDb;
            couplingDb = FirstCouplingDb;
            loud = 0;
            quietMs = QuietToEndMs;
            worstDb = SilenceDb;
        }

        /// <summary>Whether a voice begins within these samples; `playedNowDb`: the loudspeaker's level then.</summary>
        public bool Feed(float[] samples, int count, float playedNowDb)
        {
            var onset = false;
            for (var at = 0; at + block <= count; at += block)
            {
                playedDb[slot] = playedNowDb;
                slot = (slot + 1) % playedDb.Length;
                onset |= Take(LevelDb(samples, at, at + block));
            }
            return onset;
        }

        /// <summary>The last onset was not the player: raise the estimate of the echo.</summary>
        public void FalseAlarm()
        {
            couplingDb = Math.Max(couplingDb, Math.Min(worstDb, MostCouplingDb));
        }

        /// <summary>The level of samples `from` up to `to` in dB of full scale.</summary>
        public static float LevelDb(float[] samples, int from, int to)
        {
            double power = 0;
            for (var i = from; i < to; i++) power += samples[i] * (double)samples[i];
            return (float)Math.Max(SilenceDb, 10 * Math.Log10(power / Math.Max(1, to - from)));
        }

        private bool Take(float heardDb)
        {
            var echoDb = SilenceDb;
            foreach (var level in playedDb) echoDb = Math.Max(echoDb, level);
            var overEcho = echoDb <= SilenceDb ? SilenceDb : echoDb + couplingDb + AboveEchoDb;
            var isLoud = heardDb > Math.Max(LouderDb, Math.Max(noiseDb + AboveNoiseDb, overEcho));
            var speaking = quietMs < QuietToEndMs;
            loud = isLoud ? loud + 1 : 0;
            quietMs = isLoud && speaking ? 0 : quietMs + BlockMs;
            FollowNoise(heardDb);
            var starts = loud >= BlocksToStart && !speaking;
            if (starts)
            {
                quietMs = 0;
                worstDb = SilenceDb;
            }
            if (echoDb > MeasurablePlayedDb) FollowEcho(heardDb - echoDb, speaking || starts, isLoud);
            return starts;
        }

        private void FollowNoise(float heardDb)
        {
            if (heardDb > noiseDb) noiseDb += NoiseRisesDb;
            else noiseDb += (heardDb - noiseDb) * NoiseFalls;
            noiseDb = Math.Max(noiseDb, LowestNoiseDb);
        }

        private void FollowEcho(float backDb, bool speaking, bool isLoud)
        {
            if (speaking)
            {
                worstDb = Math.Max(worstDb, backDb);
            }
            else if (!isLoud && !Confirmed)
            {
                var risen = couplingDb + CouplingRisesDb;
                var fallen = couplingDb - CouplingFallsDb;
                couplingDb = Math.Min(risen, Math.Max(fallen, backDb));
            }
        }
    }
}
