using Frametalk.Unity;
using UnityEngine;

namespace Frametalk.Samples
{
    /// <summary>
    /// Builds the blacksmith's tavern from primitives. Put it on an empty object, start `frametalk serve`, and press Play:
    /// "open the red door and bring me the iron key".
    /// </summary>
    public sealed class Tavern : MonoBehaviour
    {
        private static readonly string[] Openable = { "open", "close", "unlock" };
        private static readonly string[] Portable = { "give", "take", "put" };

        [SerializeField] private string url = "ws://localhost:8765";

        private FrametalkSession session;

        /// <summary>The server's address.</summary>
        public string Url
        {
            get { return url; }
            set { url = value; }
        }

        /// <summary>The conversation.</summary>
        public FrametalkSession Session
        {
            get { return session; }
        }

        private void Awake()
        {
            session = gameObject.AddComponent<FrametalkSession>();
            session.Overrides.Url = url;
            gameObject.AddComponent<FrametalkMicrophone>();
            gameObject.AddComponent<FrametalkOverlay>();
            session.Welcomed += welcome =>
            {
                if (!welcome.Resumed) session.Happened("player_entered");
            };
            MakePlayer();
            MakeBlacksmith();
            MakeThings();
        }

        private void MakePlayer()
        {
            var player = Make("player", "player", "player", Vector3.zero);
            player.gameObject.AddComponent<TavernPlayer>();
            player.gameObject.AddComponent<FrametalkTool>().Session = session;
        }

        private void MakeBlacksmith()
        {
            var smith = Make("blacksmith", "blacksmith", "character", new Vector3(0f, 0f, 2f), "smith");
            smith.gameObject.AddComponent<AudioSource>().spatialBlend = 1f;
            smith.gameObject.AddComponent<FrametalkCharacter>().Session = session;
        }

        private void MakeThings()
        {
            State(Thing("door", "red door", "door", new Vector3(-3f, 0f, 1f), Openable, "door", "front door"), "open", false, "locked", false);
            State(Thing("chest", "chest", "container", new Vector3(2f, 0f, 3f), Openable, "box"), "open", false, "locked", true);
            State(Carried("iron_key", "iron key", "key", "key"), "holder", "blacksmith");
            State(Carried("golden_key", "golden key", "key"), "holder", "blacksmith");
            State(Thing("torch", "torch", "light", new Vector3(1.5f, 1.8f, 2f), new[] { "light", "extinguish" }), "lit", false);
            State(Thing("lever", "lever", "mechanism", new Vector3(3f, 1.2f, 1f), new[] { "pull" }), "pulled", false);
            State(Carried("sword", "sword", "weapon", "new sword", "blade"), "holder", "blacksmith");
            State(Thing("map", "map", "item", new Vector3(0.6f, 0.9f, 1.4f), Portable), "holder", "");
            State(Thing("rope", "rope", "item", new Vector3(0.8f, 0.9f, 1.4f), Portable), "holder", "");
            var letter = Thing("letter", "letter", "item", new Vector3(0.4f, 0.9f, 1.4f), new[] { "read", "give", "take", "put" });
            State(letter, "holder", "", "text", "Meet me at the old bridge at midnight.");
            Make("table", "table", "furniture", new Vector3(0.6f, 0f, 1.4f));
        }

        private FrametalkSceneObject Carried(string id, string called, string kind, params string[] aliases)
        {
            var thing = Thing(id, called, kind, Vector3.zero, Portable, aliases);
            thing.SendPosition = false;
            return thing;
        }

        private FrametalkSceneObject Thing(string id, string called, string kind, Vector3 at, string[] affordances, params string[] aliases)
        {
            var thing = Make(id, called, kind, at, aliases);
            thing.Affordances = affordances;
            thing.gameObject.AddComponent<TavernThing>();
            thing.gameObject.AddComponent<FrametalkTool>().Session = session;
            return thing;
        }

        private FrametalkSceneObject Make(string id, string called, string kind, Vector3 at, params string[] aliases)
        {
            var made = GameObject.CreatePrimitive(PrimitiveType.Cube);
            made.name = id; // a scene object without an id of its own has its game object's name
            made.transform.position = at;
            made.transform.localScale = Vector3.one * 0.3f;
            var thing = made.AddComponent<FrametalkSceneObject>();
            thing.DisplayName = called;
            thing.Kind = kind;
            thing.Aliases = aliases;
            return thing;
        }

        private static void State(FrametalkSceneObject thing, params object[] keysAndValues)
        {
            for (var i = 0; i < keysAndValues.Length; i += 2) thing.Set((string)keysAndValues[i], keysAndValues[i + 1]);
        }
    }
}
