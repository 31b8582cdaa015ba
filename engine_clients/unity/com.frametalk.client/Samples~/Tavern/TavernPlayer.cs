using Frametalk.Unity;
using UnityEngine;

namespace Frametalk.Samples
{
    /// <summary>The player of the tavern, whom the character can send somewhere.</summary>
    public sealed class TavernPlayer : MonoBehaviour
    {
        /// <summary>Where the player can be sent.</summary>
        public enum Direction
        {
            /// <summary>Ahead.</summary>
            Forward,

            /// <summary>Backwards.</summary>
            Back,

            /// <summary>To the left.</summary>
            Left,

            /// <summary>To the right.</summary>
            Right,
        }

        /// <summary>Walks some metres.</summary>
        [FrametalkTool("move_player", Description = "The player walks some metres in one direction.", Verbs = new[] { "go", "move", "walk" })]
        public void Walk(Direction direction, float metres)
        {
            var along = direction == Direction.Forward ? 1f : direction == Direction.Back ? -1f : 0f;
            var across = direction == Direction.Right ? 1f : direction == Direction.Left ? -1f : 0f;
            transform.Translate(new Vector3(across * metres, 0f, along * metres));
        }
    }
}
