namespace Frametalk
{
    /// <summary>
    /// Removes the reply's echo from the microphone's sound; none is shipped. Set <see cref="Mic.EchoCanceller"/>, and
    /// <see cref="SessionOptions.Echo"/> to <see cref="EchoPolicy.PlatformAec"/>.
    /// </summary>
    public interface IEchoCanceller
    {
        /// <summary>
        /// What the loudspeaker plays: `count` mono samples at `rateHz`, of which the first leaves it at `heardAtUs` of the
        /// session's clock. Called on the audio thread.
        /// </summary>
        void Played(float[] samples, int count, int rateHz, long heardAtUs);

        /// <summary>
        /// Remove the echo in place: `count` mono samples at `rateHz` from `offset` on, of which the last was captured at
        /// `capturedAtUs`. Called on the thread that calls <see cref="Mic.Push"/>.
        /// </summary>
        void Captured(float[] samples, int offset, int count, int rateHz, long capturedAtUs);
    }
}
