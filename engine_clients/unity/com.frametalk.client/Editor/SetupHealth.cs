using System.Collections.Generic;
using UnityEditor;
using UnityEngine;

namespace Frametalk.Unity.Editor
{
    /// <summary>Checks a project and the open scene for what a conversation needs.</summary>
    public static class SetupHealth
    {
        private const string UsageText = "The microphone lets you talk with the characters.";
        private const string AudioManagerPath = "ProjectSettings/AudioManager.asset";
        private const int LowLatencySamples = 256;
        private const int LargestSamples = 512;
        private const string ResourcesFolder = "Assets/Resources";

        /// <summary>All checks but the server's, which takes time: see <see cref="ServerProbe"/>.</summary>
        public static List<HealthCheck> Checks()
        {
            var checks = new List<HealthCheck> { UsageDescription(), Background(), AudioBlock(), SettingsAsset(), Listener(), Conversation() };
            foreach (var lips in Object.FindObjectsByType<FrametalkLipSync>(FindObjectsSortMode.None)) checks.Add(FaceOf(lips));
            checks.Add(BakedTools());
            return checks;
        }

        /// <summary>iOS and macOS end a game that opens the microphone without a reason.</summary>
        public static HealthCheck UsageDescription()
        {
            const string title = "Microphone usage text";
            if (!string.IsNullOrEmpty(PlayerSettings.iOS.microphoneUsageDescription)) return new HealthCheck(title, Health.Good, "iOS and macOS have one.");
            return new HealthCheck(
                title, Health.Bad, "iOS and macOS end a game that records without saying why.",
                () => PlayerSettings.iOS.microphoneUsageDescription = UsageText);
        }

        /// <summary>A game without focus stands still, and the conversation with it.</summary>
        public static HealthCheck Background()
        {
            const string title = "Run in background";
            if (PlayerSettings.runInBackground) return new HealthCheck(title, Health.Good, "The conversation goes on without focus.");
            return new HealthCheck(
                title, Health.Warning, "Without focus the game stands still, and tools and lips with it.",
                () => PlayerSettings.runInBackground = true);
        }

        /// <summary>Large audio blocks delay each answer and make lips less exact.</summary>
        public static HealthCheck AudioBlock()
        {
            const string title = "Audio latency";
            var found = AssetDatabase.LoadAllAssetsAtPath(AudioManagerPath);
            if (found.Length == 0) return new HealthCheck(title, Health.Unknown, AudioManagerPath + " cannot be read.");
            var settings = new SerializedObject(found[0]);
            var size = settings.FindProperty("m_RequestedDSPBufferSize");
            if (size == null) return new HealthCheck(title, Health.Unknown, "This version of Unity stores it elsewhere.");
            if (size.intValue > 0 && size.intValue <= LargestSamples)
            {
                return new HealthCheck(title, Health.Good, "Blocks of " + size.intValue + " samples.");
            }

            return new HealthCheck(
                title, Health.Warning,
                "Blocks are larger than " + LargestSamples + " samples: each answer comes later. Choose Best latency.",
                () =>
                {
                    size.intValue = LowLatencySamples;
                    settings.ApplyModifiedProperties();
                });
        }

        /// <summary>Without an asset the defaults are used: a server on this machine.</summary>
        public static HealthCheck SettingsAsset()
        {
            const string title = "Settings";
            if (Resources.Load<FrametalkSettings>(FrametalkSettings.ResourceName) != null) return new HealthCheck(title, Health.Good, "The project has settings.");
            return new HealthCheck(title, Health.Warning, "The defaults are used: a server on this machine.", MakeSettings);
        }

        /// <summary>Without a listener nothing is heard.</summary>
        public static HealthCheck Listener()
        {
            const string title = "Audio listener";
            if (Object.FindFirstObjectByType<AudioListener>() != null) return new HealthCheck(title, Health.Good, "The scene has one.");
            return new HealthCheck(title, Health.Bad, "The scene has no AudioListener: add one to the camera.");
        }

        /// <summary>A session, a voice and a microphone.</summary>
        public static HealthCheck Conversation()
        {
            const string title = "Conversation";
            var missing = new List<string>();
            if (Object.FindFirstObjectByType<FrametalkSession>() == null) missing.Add("FrametalkSession");
            if (Object.FindFirstObjectByType<FrametalkCharacter>() == null) missing.Add("FrametalkCharacter");
            if (Object.FindFirstObjectByType<FrametalkMicrophone>() == null) missing.Add("FrametalkMicrophone");
            if (missing.Count == 0) return new HealthCheck(title, Health.Good, "Session, character and microphone are there.");
            return new HealthCheck(
                title, Health.Bad, "The scene lacks " + string.Join(", ", missing.ToArray()) + ".",
                () => TalkingCharacterMenu.Create(null));
        }

        /// <summary>Whether a face has all shapes.</summary>
        public static HealthCheck FaceOf(FrametalkLipSync lips)
        {
            var title = "Mouth of " + lips.gameObject.name;
            var faces = lips.Faces.Length > 0 ? lips.Faces : lips.GetComponentsInChildren<SkinnedMeshRenderer>();
            var best = FaceKind.None;
            var missing = new List<string>();
            foreach (var face in faces)
            {
                var map = face == null ? null : FrametalkLipSync.MapOf(face.sharedMesh, lips.ShapeNames);
                if (map == null || map.Kind == FaceKind.None || best != FaceKind.None) continue;
                best = map.Kind;
                missing = Missing(map);
            }

            if (best == FaceKind.None) return new HealthCheck(title, Health.Bad, "No mesh has mouth shapes that are known. Enter their names in Shape Names.");
            if (missing.Count == 0) return new HealthCheck(title, Health.Good, "All shapes are mapped, by " + best + ".");
            return new HealthCheck(title, Health.Warning, "Without effect: " + string.Join(" ", missing.ToArray()) + ".");
        }

        /// <summary>Whether the baked code is what the methods are.</summary>
        public static HealthCheck BakedTools()
        {
            const string title = "Baked tools";
            if (!BakeToolsMenu.Stale()) return new HealthCheck(title, Health.Good, "They are as in code.");
            return new HealthCheck(title, Health.Bad, "A [FrametalkTool] method is not baked, or has changed.", BakeToolsMenu.Bake);
        }

        private static List<string> Missing(FaceMap map)
        {
            var missing = new List<string>();
            var weights = new float[Visemes.Count];
            for (var v = 1; v < Visemes.Count; v++)
            {
                System.Array.Clear(weights, 0, weights.Length);
                weights[v] = 1f;
                map.Apply(weights);
                var moves = false;
                foreach (var value in map.Values) moves |= value > 0f;
                if (!moves) missing.Add(Visemes.Names[v]);
            }

            return missing;
        }

        private static void MakeSettings()
        {
            if (!AssetDatabase.IsValidFolder(ResourcesFolder)) AssetDatabase.CreateFolder("Assets", "Resources");
            AssetDatabase.CreateAsset(
                ScriptableObject.CreateInstance<FrametalkSettings>(), ResourcesFolder + "/" + FrametalkSettings.ResourceName + ".asset");
            AssetDatabase.SaveAssets();
        }
    }
}
