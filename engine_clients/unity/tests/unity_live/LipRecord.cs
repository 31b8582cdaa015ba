using System.Collections.Generic;
using System.Threading;
using Frametalk.Unity;
using UnityEngine.Stub;

namespace Frametalk.Tests.Live
{
    /// <summary>
    /// Compares the mouth with the sound that the stub's loudspeaker plays. The truth is the device's own count: a reply
    /// begins with the block in which the voice begins to sound, and from then on each sample leaves at its time. A reply
    /// that ran out of sound is left out from there on.
    /// </summary>
    internal sealed class LipRecord
    {
        public readonly List<double> ErrorsMs = new List<double>();

        private readonly FrametalkSession session;
        private long begunAt = -1;
        private bool sounding;
        private long underruns;
        private long reply;

        public LipRecord(FrametalkSession session)
        {
            this.session = session;
            Engine.Device.AfterBlock = AfterBlock;
        }

        /// <summary>After LateUpdate, at `now`: the mouth as it is drawn, and the sample that leaves the loudspeaker.</summary>
        public void AfterFrame(double now)
        {
            var stats = session.Core.Latency.Stats;
            var begun = Interlocked.Read(ref begunAt);
            if (begun < 0 || session.Core.Mouth.RateHz == 0) return;
            if (session.Core.Mouth.Reply != reply)
            {
                reply = session.Core.Mouth.Reply;
                underruns = stats == null ? 0 : stats.Underruns;
                return;
            }

            if (!session.Speaking || (stats != null && stats.Underruns > underruns)) return;
            var heard = (Engine.Device.HeardAt(now) - begun) / Engine.Device.RateHz;
            if (heard > 0) ErrorsMs.Add(1000 * ((session.Core.Mouth.Sample / session.Core.Mouth.RateHz) - heard));
        }

        private void AfterBlock(long first)
        {
            var now = session.Core.Voice.Sounding;
            if (now && !sounding) Interlocked.Exchange(ref begunAt, first);
            if (!now) Interlocked.Exchange(ref begunAt, -1);
            sounding = now;
        }
    }
}
