using System;

namespace Frametalk
{
    /// <summary>The curve of the mouth: the pure function of protocols/visemes.md. It allocates nothing.</summary>
    public static class MouthCurve
    {
        /// <summary>How far from an instant a mark can matter, in milliseconds.</summary>
        internal const double ReachMs = 80;

        /// <summary>Put the mouth at rest.</summary>
        public static void Rest(float[] into)
        {
            Array.Clear(into, 0, Visemes.Count);
            into[Visemes.Sil] = 1;
        }

        /// <summary>
        /// The weight of each mouth shape, 0 to 1, at sample `t` of a reply's clock of `rateHz`.
        /// `marks`: `count` of them from `from` on, in order of `At`; other kinds than visemes are ignored. `cutAt`: the sample
        /// at which the reply was cut, or null. `into`: 15 weights, which add up to 1.
        /// </summary>
        public static void Weights(Mark[] marks, int from, int count, double t, double rateHz, double? cutAt, float[] into)
        {
            if (cutAt.HasValue && t > cutAt.Value)
            {
                Shape(marks, from, count, cutAt.Value, rateHz / 1000, into);
                var left = (float)Ramp(1 - (t - cutAt.Value) / (VisemeTables.CutReleaseMs * rateHz / 1000));
                for (var i = 0; i < Visemes.Count; i++) into[i] *= left;
            }
            else
            {
                Shape(marks, from, count, t, rateHz / 1000, into);
            }
            var sum = 0f;
            into[Visemes.Sil] = 0;
            for (var i = 0; i < Visemes.Count; i++) sum += into[i];
            into[Visemes.Sil] = Math.Max(0, 1 - sum);
        }

        private static void Shape(Mark[] marks, int from, int count, double t, double ms, float[] into)
        {
            Array.Clear(into, 0, Visemes.Count);
            for (var i = from; i < from + count; i++)
            {
                var viseme = marks[i].Viseme;
                if (viseme <= Visemes.Sil || VisemeTables.Closures[viseme]) continue;
                var level = Level(ref marks[i], t, VisemeTables.AttackMs * ms, VisemeTables.ReleaseMs * ms);
                if (level > into[viseme]) into[viseme] = level;
            }
            var sum = 0f;
            for (var i = 0; i < Visemes.Count; i++) sum += into[i];
            if (sum > 1) for (var i = 0; i < Visemes.Count; i++) into[i] /= sum;
            for (var i = from; i < from + count; i++)
            {
                var viseme = marks[i].Viseme;
                if (viseme <= Visemes.Sil || !VisemeTables.Closures[viseme]) continue;
                var level = Level(ref marks[i], t, VisemeTables.ClosureAttackMs * ms, VisemeTables.ClosureReleaseMs * ms);
                if (level <= 0) continue;
                for (var j = 0; j < Visemes.Count; j++) into[j] *= 1 - level;
                if (level > into[viseme]) into[viseme] = level;
            }
        }

        private static float Level(ref Mark mark, double t, double attack, double release)
        {
            var rise = Ramp(1 - Math.Max(mark.At - t, 0) / attack);
            return (float)(mark.Value * rise * Ramp(1 - Math.Max(t - mark.End, 0) / release));
        }

        private static double Ramp(double x)
        {
            if (x <= 0) return 0;
            return x >= 1 ? 1 : x * x * (3 - 2 * x);
        }
    }
}
