namespace Frametalk
{
    /// <summary>The character's mouth, at the sample that leaves the loudspeaker now. For the game's thread.</summary>
    public sealed class Mouth
    {
        private readonly Lips lips;
        private readonly Session session;

        internal Mouth(Session session, Lips lips)
        {
            this.session = session;
            this.lips = lips;
        }

        /// <summary>Fill `into` with the 15 shapes' weights now: at rest (`sil` 1) before a reply, after it, and 80 ms after a cut.</summary>
        public void Weights(float[] into)
        {
            lips.Weights(session.NowUs, into);
        }

        /// <summary>The weights at another instant of the session's clock, such as when the frame will be seen.</summary>
        public void WeightsAt(long atUs, float[] into)
        {
            lips.Weights(atUs, into);
        }

        /// <summary>The reply whose mouth is shown; 0 before the first.</summary>
        public long Reply
        {
            get { return lips.Reply; }
        }

        /// <summary>The sample of that reply's clock that is heard now, with fractions.</summary>
        public double Sample
        {
            get { return lips.SampleAt(session.NowUs); }
        }

        /// <summary>The rate of that reply's clock; 0 before the first.</summary>
        public int RateHz
        {
            get { return lips.RateHz; }
        }
    }
}
