using System.Globalization;
using System.IO;
using UnityEditor;
using UnityEngine;

namespace Frametalk.Unity.Editor
{
    /// <summary>The times of the newest turns in play mode, and their export as CSV.</summary>
    public sealed class LatencyWindow : EditorWindow
    {
        private const int BarCharacters = 40;
        private Vector2 scroll;

        /// <summary>Opens the window.</summary>
        [MenuItem("Frametalk/Latency")]
        public static void Open()
        {
            GetWindow<LatencyWindow>("Latency");
        }

        /// <summary>Draws the window.</summary>
        public void OnGUI()
        {
            var session = Object.FindFirstObjectByType<FrametalkSession>();
            if (!EditorApplication.isPlaying || session == null)
            {
                EditorGUILayout.HelpBox("Enter play mode in a scene with a FrametalkSession.", MessageType.Info);
                return;
            }

            var latency = session.Core.Latency;
            EditorGUILayout.LabelField("Mouth to ear, median", Ms(latency.MouthToEarMs));
            if (GUILayout.Button("Export CSV")) Export(latency);
            scroll = GUILayout.BeginScrollView(scroll);
            for (var i = latency.History.Count - 1; i >= 0; i--) Draw(latency.History[i]);
            GUILayout.EndScrollView();
            Repaint();
        }

        private static void Export(Latency latency)
        {
            var path = EditorUtility.SaveFilePanel("Export latency", "", "latency", "csv");
            if (!string.IsNullOrEmpty(path)) File.WriteAllText(path, LatencyCsv.Of(latency.History));
        }

        private static void Draw(Waterfall turn)
        {
            EditorGUILayout.LabelField("Turn " + turn.Turn, turn.MouthToEarMs.HasValue ? Ms(turn.MouthToEarMs) : turn.Unmeasured);
            foreach (var stage in turn.Stages)
            {
                var share = turn.MouthToEarMs.HasValue && turn.MouthToEarMs.Value > 0 ? stage.Ms / turn.MouthToEarMs.Value : 0;
                var bar = new string('#', Mathf.Clamp((int)(share * BarCharacters), 0, BarCharacters));
                var flag = stage.Estimated ? ", estimated" : "";
                EditorGUILayout.LabelField("  " + stage.Stage, Ms(stage.Ms) + flag + "  " + bar);
            }

            foreach (var stage in turn.Unseen) EditorGUILayout.LabelField("  " + stage, "unknown, comes on top");
        }

        private static string Ms(double? value)
        {
            return value.HasValue ? value.Value.ToString("F0", CultureInfo.InvariantCulture) + " ms" : "not measured";
        }
    }
}
