using System.Collections.Generic;

namespace Frametalk
{
    /// <summary>One thing or person of the scene; see `Entity` of protocols/wire.md.</summary>
    public sealed class Entity
    {
        /// <summary>A unique id, which is never shown or spoken.</summary>
        public string Id = "";

        /// <summary>What people call it.</summary>
        public string Name = "";

        /// <summary>`door`, `container`, `player`, ...</summary>
        public string Kind = "";

        /// <summary>Other names for it.</summary>
        public string[] Aliases = new string[0];

        /// <summary>Where it is; null: not given.</summary>
        public Position? Position;

        /// <summary>`open`, `locked`, `holder`, ...: values are text, numbers, bool or null.</summary>
        public Dictionary<string, object> State = new Dictionary<string, object>();

        /// <summary>Names of the tools that apply to it.</summary>
        public string[] Affordances = new string[0];

        internal Entity Copy()
        {
            return new Entity
            {
                Id = Id,
                Name = Name,
                Kind = Kind,
                Aliases = (string[])Aliases.Clone(),
                Position = Position,
                State = new Dictionary<string, object>(State),
                Affordances = (string[])Affordances.Clone(),
            };
        }
    }

    /// <summary>A place in metres, in the game's own axes.</summary>
    public struct Position
    {
        /// <summary>The first axis.</summary>
        public double X;

        /// <summary>The second axis.</summary>
        public double Y;

        /// <summary>The third axis.</summary>
        public double Z;

        /// <summary>Makes a position.</summary>
        public Position(double x, double y, double z)
        {
            X = x;
            Y = y;
            Z = z;
        }
    }

    /// <summary>Changes of the scene that are made together, in the order remove, put, state, move.</summary>
    public sealed class SceneChange
    {
        /// <summary>Ids of entities that are gone.</summary>
        public readonly List<string> Remove = new List<string>();

        /// <summary>Entities to add, or to replace as a whole.</summary>
        public readonly List<Entity> Put = new List<Entity>();

        /// <summary>Entity id -> keys to set in its state; null deletes a key.</summary>
        public readonly Dictionary<string, Dictionary<string, object>> State =
            new Dictionary<string, Dictionary<string, object>>();

        /// <summary>Entity id -> position.</summary>
        public readonly Dictionary<string, Position> Move = new Dictionary<string, Position>();
    }
}
