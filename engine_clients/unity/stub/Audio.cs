// UnityEngine's sound: clips, sources, settings, and the microphone.
using System;
using UnityEngine.Stub;

namespace UnityEngine
{
    public enum AudioSpeakerMode
    {
        Mono = 1,
        Stereo = 2,
    }

    public struct AudioConfiguration
    {
        public AudioSpeakerMode speakerMode;
        public int dspBufferSize;
        public int sampleRate;
        public int numRealVoices;
    }

    public sealed class AudioSettings
    {
        public delegate void AudioConfigurationChangeHandler(bool deviceWasChanged);

        public static event AudioConfigurationChangeHandler OnAudioConfigurationChanged;

        public static int outputSampleRate
        {
            get { return Engine.Device.RateHz; }
        }

        public static double dspTime
        {
            get { return Engine.Device.Mixed / (double)Engine.Device.RateHz; }
        }

        public static void GetDSPBufferSize(out int bufferLength, out int numBuffers)
        {
            bufferLength = Engine.Device.BlockSamples;
            numBuffers = Engine.Device.Blocks;
        }

        public static bool Reset(AudioConfiguration config)
        {
            Engine.Device.Change(config.sampleRate, config.dspBufferSize, false);
            return true;
        }

        internal static void Changed(bool deviceWasChanged)
        {
            if (OnAudioConfigurationChanged != null)
            {
                OnAudioConfigurationChanged(deviceWasChanged);
            }
        }
    }

    public sealed class AudioClip : Object
    {
        internal float[] Data;

        public int samples { get; internal set; }

        public int channels { get; internal set; }

        public int frequency { get; internal set; }

        public static AudioClip Create(string name, int lengthSamples, int channels, int frequency, bool stream)
        {
            return new AudioClip { name = name, samples = lengthSamples, channels = channels, frequency = frequency, Data = new float[lengthSamples * channels] };
        }

        public bool GetData(float[] data, int offsetSamples)
        {
            for (var i = 0; i < data.Length; i++)
            {
                data[i] = Data[((offsetSamples * channels) + i) % Data.Length];
            }

            return true;
        }

        public bool SetData(float[] data, int offsetSamples)
        {
            for (var i = 0; i < data.Length; i++)
            {
                Data[((offsetSamples * channels) + i) % Data.Length] = data[i];
            }

            return true;
        }
    }

    public enum AudioRolloffMode
    {
        Logarithmic = 0,
        Linear = 1,
        Custom = 2,
    }

    public class AudioBehaviour : Behaviour
    {
    }

    public sealed class AudioListener : AudioBehaviour
    {
        public static bool pause { get; set; }
    }

    public sealed class AudioSource : AudioBehaviour
    {
        internal int At;

        public AudioSource()
        {
            volume = 1f;
            pitch = 1f;
        }

        public AudioClip clip { get; set; }

        public bool loop { get; set; }

        public bool playOnAwake { get; set; }

        public bool isPlaying { get; private set; }

        public float volume { get; set; }

        public float pitch { get; set; }

        public float spatialBlend { get; set; }

        public float dopplerLevel { get; set; }

        public float minDistance { get; set; }

        public int priority { get; set; }

        public void Play()
        {
            isPlaying = true;
            At = 0;
        }

        public void Stop()
        {
            isPlaying = false;
        }
    }

#if !UNITY_WEBGL
    public sealed class Microphone
    {
        public static string[] devices
        {
            get { return Engine.Microphone.Devices; }
        }

        public static AudioClip Start(string deviceName, bool loop, int lengthSec, int frequency)
        {
            return Engine.Microphone.Start(lengthSec, frequency);
        }

        public static void End(string deviceName)
        {
            Engine.Microphone.End();
        }

        public static int GetPosition(string deviceName)
        {
            return Engine.Microphone.Position;
        }

        public static void GetDeviceCaps(string deviceName, out int minFreq, out int maxFreq)
        {
            minFreq = Engine.Microphone.MinHz;
            maxFreq = Engine.Microphone.MaxHz;
        }
    }
#endif
}
