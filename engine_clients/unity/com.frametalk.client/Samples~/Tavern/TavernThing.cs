using Frametalk.Unity;
using UnityEngine;

namespace Frametalk.Samples
{
    /// <summary>
    /// A thing of the tavern and what can be done with it. Each method is a tool that the character can use; the state of
    /// the scene object beside it says whether it works.
    /// </summary>
    [RequireComponent(typeof(FrametalkSceneObject))]
    public sealed class TavernThing : MonoBehaviour
    {
        private const string Player = "player";
        private const string Blacksmith = "blacksmith";

        private FrametalkSceneObject Thing
        {
            get { return GetComponent<FrametalkSceneObject>(); }
        }

        private string Label
        {
            get { return Thing.DisplayName; }
        }

        /// <summary>Opens it.</summary>
        [FrametalkTool("open", Description = "Open a door or a container.", Verbs = new[] { "open" }, OnTarget = true)]
        public void Open()
        {
            Refuse(Thing.Is("locked"), "the " + Label + " is locked");
            Refuse(Thing.Is("open"), "the " + Label + " is already open");
            Thing.Set("open", true);
        }

        /// <summary>Closes it.</summary>
        [FrametalkTool("close", Description = "Close a door or a container.", Verbs = new[] { "close", "shut" }, OnTarget = true)]
        public void Close()
        {
            Refuse(!Thing.Is("open"), "the " + Label + " is already closed");
            Thing.Set("open", false);
        }

        /// <summary>Unlocks it, if the iron key was found.</summary>
        [FrametalkTool("unlock", Description = "Unlock a door or a container with the iron key.", Verbs = new[] { "unlock" }, OnTarget = true)]
        public void Unlock()
        {
            Refuse(!Thing.Is("locked"), "the " + Label + " is not locked");
            var key = FrametalkSceneObject.Find("iron_key");
            Refuse(key == null || key.Text("holder").Length == 0, "the iron key is missing");
            Thing.Set("locked", false);
        }

        /// <summary>The blacksmith hands it over.</summary>
        [FrametalkTool("give", Description = "The blacksmith hands a thing that he has to the player.", Verbs = new[] { "give", "bring", "hand", "get", "fetch" }, OnTarget = true)]
        public void Give()
        {
            Refuse(Thing.Text("holder") == Player, "you already have the " + Label);
            Thing.Set("holder", Player);
        }

        /// <summary>The player takes it.</summary>
        [FrametalkTool("take", Description = "The player takes a thing that lies about.", Verbs = new[] { "take", "grab" }, OnTarget = true)]
        public void Take()
        {
            Refuse(Thing.Text("holder") == Player, "you already have the " + Label);
            Refuse(Thing.Text("holder") == Blacksmith, "the blacksmith has the " + Label);
            Thing.Set("holder", Player);
        }

        /// <summary>Lights it.</summary>
        [FrametalkTool("light", Description = "Light something that burns.", Verbs = new[] { "light", "ignite" }, OnTarget = true)]
        public void Light()
        {
            Refuse(Thing.Is("lit"), "the " + Label + " is already lit");
            Thing.Set("lit", true);
        }

        /// <summary>Puts it out.</summary>
        [FrametalkTool("extinguish", Description = "Put out something that burns.", Verbs = new[] { "extinguish" }, OnTarget = true)]
        public void Extinguish()
        {
            Refuse(!Thing.Is("lit"), "the " + Label + " is not lit");
            Thing.Set("lit", false);
        }

        /// <summary>Pulls it.</summary>
        [FrametalkTool("pull", Description = "Pull a lever or the like.", Verbs = new[] { "pull" }, OnTarget = true)]
        public void Pull()
        {
            Refuse(Thing.Is("pulled"), "the " + Label + " is already pulled");
            Thing.Set("pulled", true);
        }

        /// <summary>What is written on it.</summary>
        [FrametalkTool("read", Description = "Read what is written on something; gives its text.", Verbs = new[] { "read" }, OnTarget = true, ChangesWorld = false)]
        public string Read()
        {
            return Thing.Text("text");
        }

        /// <summary>Puts it on something.</summary>
        [FrametalkTool("put", Description = "Put a thing somewhere.", Verbs = new[] { "put", "place" }, OnTarget = true)]
        public void Put(FrametalkSceneObject place)
        {
            Thing.Set("holder", "");
            Thing.Set("place", place.Id);
        }

        private static void Refuse(bool when, string reason)
        {
            if (when) throw new Refusal(reason);
        }
    }
}
