namespace Frametalk
{
    /// <summary>The position of a reply's clock: sample `Sample` leaves the loudspeaker at `AtUs` of the session's clock.</summary>
    internal struct PlayStatus
    {
        public long Reply;
        public long AtUs;
        public double Sample;

        /// <summary>Whether the clock runs from here on.</summary>
        public bool Running;

        /// <summary>Samples that wait to be played.</summary>
        public long Buffered;
        public int Underruns;

        /// <summary>No more of it will be played.</summary>
        public bool Done;
        public bool Cut;
    }
}
