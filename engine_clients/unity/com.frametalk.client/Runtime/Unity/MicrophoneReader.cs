using UnityEngine;

namespace Frametalk.Unity
{
    /// <summary>Unity's recording device: a ring of three seconds, read in chunks of 10 ms. Main thread; frames allocate nothing.</summary>
    internal sealed class MicrophoneReader
    {
        private const int RingSeconds = 3;
        private const int PreferredHz = 16000;
        private const int ChunksPerSecond = 100;
        private const long DeadUs = 2000000; // a device that stands still for this long is lost; some phones start slowly

        private AudioClip clip;
        private float[] chunk;
        private float[] mono;
        private int read;
        private int lastPosition;
        private long movedUs;

        /// <summary>The device's name; null: the system's own, or none.</summary>
        public string Device { get; private set; }

        /// <summary>The device's rate.</summary>
        public int RateHz { get; private set; }

        /// <summary>Opens the first device whose name contains the text; empty: the system's. Whether there is one.</summary>
        public bool Open(string name)
        {
            clip = Start(name);
            if (clip == null) return false;
            RateHz = clip.frequency;
            var samples = RateHz / ChunksPerSecond;
            chunk = new float[samples * clip.channels];
            mono = clip.channels == 1 ? chunk : new float[samples];
            read = lastPosition = 0;
            movedUs = -1;
            return true;
        }

        /// <summary>Stops recording.</summary>
        public void Close()
        {
            if (clip == null) return;
            End();
            clip = null;
            Device = null;
        }

        /// <summary>Gives the session what was recorded since the last call. False: the device is lost.</summary>
        public bool Read(Session session)
        {
            var nowUs = session.NowUs;
            if (movedUs < 0) movedUs = nowUs;
            var position = GetPosition();
            if (position != lastPosition)
            {
                // After a frame of more than three seconds the ring has gone round: what it lost cannot be told from its
                // position, and the oldest of what is left goes first.
                if (nowUs - movedUs > RingSeconds * 1000000L) read = position;
                movedUs = nowUs;
                lastPosition = position;
            }
            else if (nowUs - movedUs > DeadUs)
            {
                return false;
            }

            var waiting = (position - read + clip.samples) % clip.samples;
            while (waiting >= mono.Length)
            {
                clip.GetData(chunk, read);
                if (clip.channels > 1) Mix(clip.channels);
                waiting -= mono.Length;
                read = (read + mono.Length) % clip.samples;
                session.Mic.Push(mono, 0, mono.Length, nowUs - (waiting * 1000000L / RateHz));
            }

            return true;
        }

#if UNITY_WEBGL && !UNITY_EDITOR
        // Unity's WebGL player has no class Microphone.
        private AudioClip Start(string name)
        {
            return null;
        }

        private int GetPosition()
        {
            return 0;
        }

        private void End()
        {
        }
#else
        private AudioClip Start(string name)
        {
            var devices = Microphone.devices;
            Device = null;
            foreach (var device in devices)
            {
                if (Device == null && !string.IsNullOrEmpty(name) && device.Contains(name)) Device = device;
            }

            return devices.Length == 0 ? null : Microphone.Start(Device, true, RingSeconds, BestRate(Device));
        }

        private int GetPosition()
        {
            return Microphone.GetPosition(Device);
        }

        private void End()
        {
            Microphone.End(Device);
        }

        private static int BestRate(string device)
        {
            int lowest;
            int highest;
            Microphone.GetDeviceCaps(device, out lowest, out highest);
            if (lowest == 0 && highest == 0) return PreferredHz; // any rate
            return Mathf.Clamp(PreferredHz, lowest, highest);
        }
#endif

        private void Mix(int channels)
        {
            for (var i = 0; i < mono.Length; i++)
            {
                var sum = 0f;
                for (var c = 0; c < channels; c++) sum += chunk[(i * channels) + c];
                mono[i] = sum / channels;
            }
        }
    }
}
