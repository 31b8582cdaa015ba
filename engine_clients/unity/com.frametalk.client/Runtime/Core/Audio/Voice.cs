namespace Frametalk
{
    /// <summary>
    /// The character's voice: sound for the device. <see cref="Read"/> belongs to one audio thread; it takes no lock and
    /// allocates nothing.
    /// </summary>
    public sealed class Voice
    {
        private readonly Session session;
        private readonly Playout playout;

        internal Voice(Session session, Playout playout)
        {
            this.session = session;
            this.playout = playout;
        }

        /// <summary>
        /// Fill `mono` with the next `count` samples at the output's rate: the reply's sound, lowered, faded or cut as the
        /// session says, and silence where there is none. `heardAtUs`: when the first of them leaves the loudspeaker, on the
        /// session's clock (<see cref="Session.NowUs"/>); <see cref="OutputClock"/> computes it.
        /// </summary>
        public void Read(float[] mono, int count, long heardAtUs)
        {
            playout.Read(mono, count, heardAtUs);
        }

        /// <summary>
        /// The device has another rate, or was opened again. Call it while no other thread is in <see cref="Read"/>. A reply
        /// under way goes on where it was.
        /// </summary>
        public void Reset(int rateHz)
        {
            playout.Reset(rateHz);
        }

        /// <summary>
        /// The device stands still (the component is disabled, the application is in the background): the reply's clock stops
        /// until <see cref="Read"/> is called again.
        /// </summary>
        public void Stall()
        {
            session.Stall();
        }

        /// <summary>
        /// How much sound is buffered before a reply starts, in milliseconds: at least twice the audio block.
        /// </summary>
        public double PrimeMs
        {
            get { return playout.PrimeMs; }
            set { playout.PrimeMs = value; }
        }

        /// <summary>
        /// How much of the times given to <see cref="Read"/> is the platform's word about the device's delay, in milliseconds;
        /// null, the default: the platform says nothing. It is an estimated part of a turn's times.
        /// </summary>
        public double? OutputMs
        {
            get { return session.OutputMs; }
            set { session.OutputMs = value; }
        }

        /// <summary>The rate of <see cref="Read"/>, samples per second.</summary>
        public int RateHz
        {
            get { return playout.OutHz; }
        }

        /// <summary>Whether a reply sounds now.</summary>
        public bool Sounding
        {
            get { return playout.Sounding; }
        }

        /// <summary>The level of the newest sound, in dB of full scale, -96 to 0.</summary>
        public float LevelDb
        {
            get { return playout.LevelDb; }
        }
    }
}
