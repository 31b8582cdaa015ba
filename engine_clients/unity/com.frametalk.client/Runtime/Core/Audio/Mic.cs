namespace Frametalk
{
    /// <summary>
    /// The player's microphone: takes the device's sound, and sends it while it is open. Call its methods from one thread at
    /// a time.
    /// </summary>
    public sealed class Mic
    {
        private readonly Session session;
        private readonly Capture capture;

        internal Mic(Session session, Capture capture)
        {
            this.session = session;
            this.capture = capture;
        }

        /// <summary>Whether <see cref="Start"/> was called.</summary>
        public bool Started { get; private set; }

        /// <summary>Open, or push-to-talk.</summary>
        public MicMode Mode { get; private set; }

        /// <summary>Whether sound is sent to the server now.</summary>
        public bool Open
        {
            get { return capture.Open; }
        }

        /// <summary>The peak of the newest frame, in dB of full scale, -96 to 0, for a meter.</summary>
        public float LevelDb
        {
            get { return capture.LevelDb; }
        }

        /// <summary>Whether silence is sent in place of sound.</summary>
        public bool Muted
        {
            get { return capture.Muted; }
            set
            {
                if (capture.Muted == value) return;
                capture.Muted = value;
                session.MicChanged();
            }
        }

        /// <summary>Removes the echo of the reply; null: none.</summary>
        public IEchoCanceller EchoCanceller
        {
            get { return session.EchoCanceller; }
            set { session.EchoCanceller = value; }
        }

        /// <summary>
        /// How much of the times given to <see cref="Push"/> is the platform's word about the device's delay, in milliseconds;
        /// null, the default: the platform says nothing. It is an estimated part of a turn's times.
        /// </summary>
        public double? InputMs
        {
            get { return session.InputMs; }
            set { session.InputMs = value; }
        }

        /// <summary>
        /// There is a device of this rate, whose sound will be pushed. It may be started before the session is connected; a
        /// second call is for another device or mode.
        /// </summary>
        public void Start(MicMode mode, int deviceRateHz)
        {
            Started = true;
            Mode = mode;
            capture.Device(deviceRateHz);
            session.SetMic(mode);
        }

        /// <summary>There is no device any more: what was being said is complete.</summary>
        public void Stop()
        {
            if (!Started) return;
            Started = false;
            session.SetMic(null);
        }

        /// <summary>The push-to-talk button goes down: interrupts a reply.</summary>
        public void Press()
        {
            session.Press(true);
        }

        /// <summary>The push-to-talk button goes up: sound is sent for 250 ms more.</summary>
        public void Release()
        {
            session.Press(false);
        }

        /// <summary>
        /// Take `count` mono samples from `offset` on, -1 to 1, at the device's rate. `capturedAtUs`: when the last of them was
        /// captured, on the session's clock (<see cref="Session.NowUs"/> less the device's delay).
        /// </summary>
        public void Push(float[] samples, int offset, int count, long capturedAtUs)
        {
            if (!Started) return;
            session.Push(samples, offset, count, capturedAtUs);
        }
    }
}
