using System.Collections.Generic;
using UnityEditor;
using UnityEngine;

namespace Frametalk.Unity.Editor
{
    /// <summary>Shows what the project and the open scene lack, and mends it.</summary>
    public sealed class SetupHealthWindow : EditorWindow
    {
        private List<HealthCheck> checks;
        private ServerProbe server;
        private Vector2 scroll;

        /// <summary>Opens the window.</summary>
        [MenuItem("Frametalk/Setup Health")]
        public static void Open()
        {
            GetWindow<SetupHealthWindow>("Setup Health").Check();
        }

        /// <summary>Checks everything again.</summary>
        public void Check()
        {
            checks = SetupHealth.Checks();
            server = new ServerProbe(FrametalkSettings.Project().Url);
        }

        /// <summary>Draws the window.</summary>
        public void OnGUI()
        {
            if (checks == null) Check();
            if (GUILayout.Button("Check again")) Check();
            scroll = GUILayout.BeginScrollView(scroll);
            Draw(server.Check);
            foreach (var check in checks)
            {
                if (!Draw(check)) continue;
                Check();
                break;
            }

            GUILayout.EndScrollView();
            if (server.Check.Health == Health.Unknown) Repaint();
        }

        /// <summary>Draws a line; whether it was mended.</summary>
        private static bool Draw(HealthCheck check)
        {
            EditorGUILayout.HelpBox(check.Title + ": " + check.Text, TypeOf(check.Health));
            if (check.Health == Health.Good || check.Fix == null || !GUILayout.Button("Fix: " + check.Title)) return false;
            check.Fix();
            return true;
        }

        private static MessageType TypeOf(Health health)
        {
            return health == Health.Bad ? MessageType.Error : health == Health.Warning ? MessageType.Warning
                : health == Health.Good ? MessageType.Info : MessageType.None;
        }
    }
}
