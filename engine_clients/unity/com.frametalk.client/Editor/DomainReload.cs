using UnityEditor;

namespace Frametalk.Unity.Editor
{
    /// <summary>Closes all sessions before scripts are loaded again: a socket's threads would outlive their code.</summary>
    [InitializeOnLoad]
    internal static class DomainReload
    {
        static DomainReload()
        {
            AssemblyReloadEvents.beforeAssemblyReload += () => FrametalkSession.CloseAll("scripts were reloaded");
            EditorApplication.playModeStateChanged += change =>
            {
                if (change == PlayModeStateChange.ExitingPlayMode) FrametalkSession.CloseAll("play mode ended");
            };
        }
    }
}
