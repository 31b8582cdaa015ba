// UnityEngine's process: application, time, log, profiler, permissions.
using System;
using UnityEngine.Stub;

namespace UnityEngine
{
    public enum RuntimePlatform
    {
        OSXEditor = 0,
        OSXPlayer = 1,
        WindowsPlayer = 2,
        WindowsEditor = 7,
        IPhonePlayer = 8,
        Android = 11,
        LinuxPlayer = 13,
        LinuxEditor = 16,
        WebGLPlayer = 17,
    }

    public enum UserAuthorization
    {
        WebCam = 1,
        Microphone = 2,
    }

    public class Application
    {
        public static event Action quitting;

        public static bool isPlaying
        {
            get { return Engine.Playing; }
        }

        public static bool runInBackground { get; set; }

        public static RuntimePlatform platform
        {
            get { return Engine.Platform; }
        }

        public static string productName
        {
            get { return "stub game"; }
        }

        public static string version
        {
            get { return "1.0"; }
        }

        public static string unityVersion
        {
            get { return "2022.3.0f1"; }
        }

        public static bool HasUserAuthorization(UserAuthorization mode)
        {
            return Engine.MicrophoneAllowed;
        }

        public static AsyncOperation RequestUserAuthorization(UserAuthorization mode)
        {
            Engine.MicrophoneAllowed = Engine.AnswerToPermission;
            return new AsyncOperation();
        }

        internal static void Quit()
        {
            if (quitting != null)
            {
                quitting();
            }
        }
    }

    public class YieldInstruction
    {
    }

    public class AsyncOperation : YieldInstruction
    {
        public bool isDone
        {
            get { return true; }
        }
    }

    public class Time
    {
        public static float time
        {
            get { return (float)Engine.Now; }
        }

        public static float unscaledTime
        {
            get { return (float)Engine.Now; }
        }

        public static int frameCount
        {
            get { return Engine.FrameCount; }
        }
    }

    public class Debug
    {
        public static void Log(object message)
        {
            Engine.Log.Add(Convert.ToString(message));
        }

        public static void LogWarning(object message)
        {
            Engine.Warnings.Add(Convert.ToString(message));
        }

        public static void LogWarning(object message, Object context)
        {
            LogWarning(message);
        }

        public static void LogError(object message)
        {
            Engine.Errors.Add(Convert.ToString(message));
        }

        public static void LogError(object message, Object context)
        {
            LogError(message);
        }

        public static void LogException(Exception exception)
        {
            LogError(exception);
        }

        public static void LogException(Exception exception, Object context)
        {
            LogError(exception);
        }
    }

    public class Screen
    {
        public static int width
        {
            get { return 1280; }
        }

        public static int height
        {
            get { return 720; }
        }
    }
}

namespace UnityEngine.Android
{
    public class PermissionCallbacks
    {
        public event Action<string> PermissionGranted;

        public event Action<string> PermissionDenied;

        internal void Answer(string permission, bool granted)
        {
            var answer = granted ? PermissionGranted : PermissionDenied;
            if (answer != null)
            {
                answer(permission);
            }
        }
    }

    public struct Permission
    {
        public const string Microphone = "android.permission.RECORD_AUDIO";

        public static bool HasUserAuthorizedPermission(string permission)
        {
            return Engine.MicrophoneAllowed;
        }

        public static void RequestUserPermission(string permission, PermissionCallbacks callbacks)
        {
            Engine.MicrophoneAllowed = Engine.AnswerToPermission;
            callbacks.Answer(permission, Engine.AnswerToPermission);
        }
    }
}

namespace Unity.Profiling
{
    public struct ProfilerCategory
    {
        public static ProfilerCategory Memory
        {
            get { return default(ProfilerCategory); }
        }
    }

    public struct ProfilerRecorder : IDisposable
    {
        public bool Valid
        {
            get { return false; }
        }

        public long LastValue
        {
            get { return 0; }
        }

        public static ProfilerRecorder StartNew(ProfilerCategory category, string statName, int capacity = 1, ProfilerRecorderOptions options = ProfilerRecorderOptions.Default)
        {
            return default(ProfilerRecorder);
        }

        public void Dispose()
        {
        }
    }

    [Flags]
    public enum ProfilerRecorderOptions
    {
        None = 0,
        Default = 24,
    }

    public struct ProfilerMarker
    {
        public ProfilerMarker(string name)
        {
        }

        public struct AutoScope : IDisposable
        {
            public void Dispose()
            {
            }
        }
    }
}
