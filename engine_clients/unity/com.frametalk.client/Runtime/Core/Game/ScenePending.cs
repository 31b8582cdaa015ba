using System.Collections.Generic;

namespace Frametalk
{
    /// <summary>What of the scene has changed since it was sent: every change counts once.</summary>
    internal sealed class ScenePending
    {
        private const int MostBytes = Wire.MaxMessageBytes / 2;

        public readonly List<string> Removed = new List<string>();
        public readonly List<string> Replaced = new List<string>();
        public readonly Dictionary<string, Dictionary<string, object>> States =
            new Dictionary<string, Dictionary<string, object>>();
        public readonly List<string> Moved = new List<string>();

        public bool Empty
        {
            get { return Removed.Count == 0 && Replaced.Count == 0 && States.Count == 0 && Moved.Count == 0; }
        }

        public bool OnlyMoves
        {
            get { return Removed.Count == 0 && Replaced.Count == 0 && States.Count == 0; }
        }

        public bool Moves
        {
            get { return Moved.Count > 0; }
        }

        /// <summary>`atServer`: the server has it.</summary>
        public void Remove(string id, bool atServer)
        {
            Forget(id);
            if (atServer) Removed.Add(id);
        }

        public void Put(string id)
        {
            Forget(id);
            Replaced.Add(id);
        }

        public void Set(string id, string key, object value)
        {
            if (Replaced.Contains(id)) return; // the entity is sent as it is then
            Dictionary<string, object> keys;
            if (!States.TryGetValue(id, out keys)) States[id] = keys = new Dictionary<string, object>();
            keys[key] = value;
        }

        public void Move(string id)
        {
            if (!Replaced.Contains(id) && !Moved.Contains(id)) Moved.Add(id);
        }

        public void Clear()
        {
            Removed.Clear();
            Replaced.Clear();
            States.Clear();
            Moved.Clear();
        }

        /// <summary>Whether it surely fits into one message.</summary>
        public bool Fits(Dictionary<string, Entity> things)
        {
            var bytes = 0;
            foreach (var id in Removed) bytes += SceneParts.Bytes(id);
            foreach (var id in Replaced) bytes += SceneParts.Bytes(things[id]);
            foreach (var id in Moved) bytes += SceneParts.Bytes(id) + 32;
            foreach (var state in States) bytes += SceneParts.Bytes(state.Key) + SceneParts.Bytes(state.Value);
            return bytes <= MostBytes;
        }

        private void Forget(string id)
        {
            Replaced.Remove(id);
            States.Remove(id);
            Moved.Remove(id);
            Removed.Remove(id);
        }
    }

    /// <summary>Divides a scene into messages.</summary>
    internal static class SceneParts
    {
        private const int RoomBytes = Wire.MaxMessageBytes / 2;

        public static List<List<Entity>> Of(IEnumerable<Entity> entities)
        {
            var parts = new List<List<Entity>>();
            var room = 0;
            foreach (var entity in entities)
            {
                var bytes = Bytes(entity);
                if (room < bytes)
                {
                    parts.Add(new List<Entity>());
                    room = RoomBytes;
                }
                parts[parts.Count - 1].Add(entity);
                room -= bytes;
            }
            return parts;
        }

        /// <summary>No fewer bytes than the entity takes on the wire.</summary>
        public static int Bytes(Entity entity)
        {
            var bytes = 128 + Bytes(entity.Id) + Bytes(entity.Name) + Bytes(entity.Kind) + Bytes(entity.State);
            foreach (var alias in entity.Aliases) bytes += Bytes(alias);
            foreach (var name in entity.Affordances) bytes += Bytes(name);
            return bytes;
        }

        public static int Bytes(Dictionary<string, object> state)
        {
            var bytes = 8;
            foreach (var key in state) bytes += Bytes(key.Key) + (key.Value is string ? Bytes((string)key.Value) : 9);
            return bytes;
        }

        public static int Bytes(string text)
        {
            return 5 + 3 * text.Length;
        }
    }
}
