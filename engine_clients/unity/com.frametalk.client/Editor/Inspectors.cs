using UnityEditor;
using UnityEngine;

namespace Frametalk.Unity.Editor
{
    /// <summary>The session with its live state.</summary>
    [CustomEditor(typeof(FrametalkSession))]
    public sealed class SessionInspector : LiveInspector
    {
        /// <summary>Connection, turn, error, and a field for typed turns.</summary>
        protected override void DrawLive()
        {
            var session = (FrametalkSession)target;
            EditorGUILayout.LabelField("Connection", session.State.ToString());
            if (session.LastTurn != null) EditorGUILayout.LabelField("Character", session.LastTurn.State.ToString());
            if (session.LastError != null) EditorGUILayout.HelpBox(session.LastError.ToString(), MessageType.Warning);
            if (session.LastLatency != null && session.LastLatency.MouthToEarMs.HasValue)
            {
                EditorGUILayout.LabelField("Mouth to ear", session.LastLatency.MouthToEarMs.Value.ToString("F0") + " ms");
            }

            DrawTyping(session);
        }

        private string typed = "";

        private void DrawTyping(FrametalkSession session)
        {
            if (session.State != ConnectionState.Open)
            {
                if (GUILayout.Button("Connect")) session.Connect();
                return;
            }

            typed = EditorGUILayout.TextField("Say", typed);
            if (GUILayout.Button("Send") && typed.Length > 0)
            {
                session.Say(typed);
                typed = "";
            }

            if (GUILayout.Button("Interrupt")) session.Interrupt();
        }
    }

    /// <summary>The microphone with its live state.</summary>
    [CustomEditor(typeof(FrametalkMicrophone))]
    public sealed class MicrophoneInspector : LiveInspector
    {
        /// <summary>State, device and level.</summary>
        protected override void DrawLive()
        {
            var microphone = (FrametalkMicrophone)target;
            EditorGUILayout.LabelField("State", microphone.State.ToString());
            if (microphone.State != MicrophoneState.Running) return;
            EditorGUILayout.LabelField("Device", microphone.OpenDevice.Length > 0 ? microphone.OpenDevice : "the system's");
            EditorGUILayout.LabelField("Level", microphone.LevelDb.ToString("F0") + " dB");
        }
    }

    /// <summary>The voice with its live state.</summary>
    [CustomEditor(typeof(FrametalkCharacter))]
    public sealed class CharacterInspector : LiveInspector
    {
        /// <summary>Whether it sounds, and its clocks.</summary>
        protected override void DrawLive()
        {
            var character = (FrametalkCharacter)target;
            if (character.Session == null) return;
            EditorGUILayout.LabelField("Sounding", character.Session.Speaking ? "yes" : "no");
            EditorGUILayout.LabelField("Output delay", character.OutputDelayMs.ToString("F0") + " ms");
            EditorGUILayout.LabelField("Lip drift", character.LipDriftMs.ToString("F1") + " ms");
        }
    }

    /// <summary>The mouth: how it is mapped, and its live shapes.</summary>
    [CustomEditor(typeof(FrametalkLipSync))]
    public sealed class LipSyncInspector : LiveInspector
    {
        /// <summary>The mapping, also outside play mode.</summary>
        protected override void DrawAlways()
        {
            var check = SetupHealth.FaceOf((FrametalkLipSync)target);
            EditorGUILayout.HelpBox(check.Text, check.Health == Health.Good ? MessageType.Info : MessageType.Warning);
        }

        /// <summary>The strongest shape.</summary>
        protected override void DrawLive()
        {
            var lips = (FrametalkLipSync)target;
            var strongest = 0;
            for (var v = 1; v < Visemes.Count; v++) if (lips.Weights[v] > lips.Weights[strongest]) strongest = v;
            EditorGUILayout.LabelField("Shape", lips.Moving ? Visemes.Names[strongest] : "at rest");
        }
    }

    /// <summary>An inspector with the usual fields, and below them what is so at present.</summary>
    public abstract class LiveInspector : UnityEditor.Editor
    {
        /// <summary>Draws the inspector.</summary>
        public override void OnInspectorGUI()
        {
            DrawDefaultInspector();
            DrawAlways();
            if (EditorApplication.isPlaying) DrawLive();
        }

        /// <summary>In play mode it is drawn all the time.</summary>
        public override bool RequiresConstantRepaint()
        {
            return EditorApplication.isPlaying;
        }

        /// <summary>What is drawn in play mode.</summary>
        protected abstract void DrawLive();

        /// <summary>What is drawn always.</summary>
        protected virtual void DrawAlways()
        {
        }
    }
}
