using UnityEngine;
#if UNITY_ANDROID
using UnityEngine.Android;
#endif

namespace Frametalk.Unity
{
    internal enum PermissionAnswer
    {
        Asking,
        Granted,
        Denied,
    }

    /// <summary>The system's permission to record. Android and iOS ask the player once; other systems give it with the device.</summary>
    internal sealed class MicrophonePermission
    {
        private bool asked;
#if UNITY_ANDROID
        private bool denied;
        private PermissionCallbacks callbacks;
#else
        private AsyncOperation asking;
#endif

        /// <summary>Asks if that was not done yet; call it until it is no longer `Asking`.</summary>
        public PermissionAnswer Ask()
        {
#if UNITY_ANDROID
            if (Permission.HasUserAuthorizedPermission(Permission.Microphone)) return PermissionAnswer.Granted;
            if (asked) return denied ? PermissionAnswer.Denied : PermissionAnswer.Asking;
            asked = true;
            callbacks = new PermissionCallbacks();
            callbacks.PermissionDenied += name => denied = true;
            Permission.RequestUserPermission(Permission.Microphone, callbacks);
            return PermissionAnswer.Asking;
#else
            if (Application.HasUserAuthorization(UserAuthorization.Microphone)) return PermissionAnswer.Granted;
            if (asked && asking.isDone) return PermissionAnswer.Denied;
            if (!asked) asking = Application.RequestUserAuthorization(UserAuthorization.Microphone);
            asked = true;
            return PermissionAnswer.Asking;
#endif
        }
    }
}
