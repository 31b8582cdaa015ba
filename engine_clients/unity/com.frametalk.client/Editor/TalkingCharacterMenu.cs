using UnityEditor;
using UnityEngine;

namespace Frametalk.Unity.Editor
{
    /// <summary>The menus that make objects.</summary>
    public static class TalkingCharacterMenu
    {
        private const string CharacterName = "Talking Character";
        private const string PlayerName = "Frametalk Player";

        /// <summary>
        /// Makes the selected object, or a new one, a talking character: voice, lip-sync and scene object; and a session with
        /// microphone for the player if the scene has none.
        /// </summary>
        [MenuItem("GameObject/Frametalk/Create Talking Character", false, 10)]
        public static void Create()
        {
            Create(Selection.activeGameObject);
        }

        /// <summary>The same for a given object; null: a new one. Returns the character.</summary>
        public static FrametalkCharacter Create(GameObject body)
        {
            var session = Object.FindFirstObjectByType<FrametalkSession>();
            if (session == null) session = Player();
            if (body == null)
            {
                body = new GameObject(CharacterName);
                Undo.RegisterCreatedObjectUndo(body, "Create Talking Character");
            }

            var character = Have<FrametalkCharacter>(body);
            var source = body.GetComponent<AudioSource>();
            source.spatialBlend = 1f;
            source.minDistance = 1.5f;
            source.dopplerLevel = 0f;
            source.playOnAwake = false;
            character.Session = session;
            Have<FrametalkLipSync>(body).Session = session;
            var thing = Have<FrametalkSceneObject>(body);
            thing.Session = session;
            thing.Kind = "character";
            EditorUtility.SetDirty(body);
            Selection.activeGameObject = body;
            return character;
        }

        private static FrametalkSession Player()
        {
            var player = new GameObject(PlayerName);
            Undo.RegisterCreatedObjectUndo(player, "Create Talking Character");
            var session = player.AddComponent<FrametalkSession>();
            player.AddComponent<FrametalkMicrophone>().Session = session;
            player.AddComponent<FrametalkOverlay>().Session = session;
            return session;
        }

        private static T Have<T>(GameObject of) where T : Component
        {
            var found = of.GetComponent<T>();
            return found != null ? found : of.AddComponent<T>();
        }
    }
}
