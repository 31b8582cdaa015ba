using System.Collections.Generic;

namespace Frametalk
{
    /// <summary>
    /// The scene that the character knows; it belongs to the game. It may be changed without a connection: the session sends it
    /// after each connect, and whenever the server asks for it. Changes are sent together at the end of
    /// <see cref="Session.Update"/>, or earlier before anything else that is sent. For the game's thread.
    /// </summary>
    public sealed class Scene
    {
        private const long MovesEveryUs = 200000; // changes of position alone

        private readonly Session session;
        private readonly ScenePending pending = new ScenePending();
        private Dictionary<string, Entity> things = new Dictionary<string, Entity>();
        private readonly HashSet<string> atServer = new HashSet<string>();
        private long sentRev;
        private long movedUs = long.MinValue / 2;
        private long awaited = -1; // the snapshot that answers every resync before it
        private bool whole; // a snapshot is due

        internal Scene(Session session)
        {
            this.session = session;
        }

        /// <summary>The scene's revision, which grows with each change.</summary>
        public long Rev { get; private set; }

        /// <summary>All entities, which must not be changed directly.</summary>
        public IReadOnlyCollection<Entity> Entities
        {
            get { return things.Values; }
        }

        /// <summary>The entity with this id, which must not be changed directly; null: there is none.</summary>
        public Entity Get(string id)
        {
            Entity found;
            return id != null && things.TryGetValue(id, out found) ? found : null;
        }

        /// <summary>The value of a key of an entity's state; null: there is none.</summary>
        public object State(string id, string key)
        {
            object value;
            var thing = Get(id);
            return thing != null && thing.State.TryGetValue(key, out value) ? value : null;
        }

        /// <summary>Replace the whole scene. Throws `scene_invalid`; then nothing has changed.</summary>
        public void Snapshot(IEnumerable<Entity> entities)
        {
            var fresh = new Dictionary<string, Entity>();
            foreach (var entity in entities)
            {
                Check(entity);
                if (fresh.ContainsKey(entity.Id)) throw Invalid("two entities have the id \"" + entity.Id + "\"");
                fresh[entity.Id] = entity.Copy();
            }
            things = fresh;
            Rev++;
            whole = true;
        }

        /// <summary>
        /// Change the scene, as a whole or not at all. Throws `scene_unknown_entity` and `scene_invalid`.
        /// </summary>
        public void Patch(SceneChange change)
        {
            CheckAll(change);
            foreach (var id in change.Remove) Drop(id);
            foreach (var entity in change.Put) Keep(entity);
            foreach (var state in change.State) foreach (var key in state.Value) Write(state.Key, key.Key, key.Value);
            foreach (var move in change.Move) Place(move.Key, move.Value);
            Rev++;
        }

        /// <summary>Add an entity, or replace it as a whole. Throws `scene_invalid`.</summary>
        public void Put(Entity entity)
        {
            Check(entity);
            Keep(entity);
            Rev++;
        }

        /// <summary>An entity is gone. Throws `scene_unknown_entity`.</summary>
        public void Remove(string id)
        {
            Known(id);
            Drop(id);
            Rev++;
        }

        /// <summary>
        /// Set a key of an entity's state: text, number, bool, or null, which deletes the key. The same value again changes
        /// nothing. Throws `scene_unknown_entity` and `scene_invalid`.
        /// </summary>
        public void Set(string id, string key, object value)
        {
            var thing = Known(id);
            CheckValue(key, value);
            object before;
            thing.State.TryGetValue(key, out before);
            if (Equals(before, value)) return;
            Write(id, key, value);
            Rev++;
        }

        /// <summary>Place an entity. Positions alone are sent five times a second at most. Throws `scene_unknown_entity`.</summary>
        public void Move(string id, Position position)
        {
            var thing = Known(id);
            var before = thing.Position;
            if (before.HasValue && before.Value.X == position.X && before.Value.Y == position.Y
                && before.Value.Z == position.Z) return;
            CheckPosition(position);
            Place(id, position);
            Rev++;
        }

        /// <summary>
        /// Report that something happened; on `player_entered` the character greets, once a session. `entity`: the entity it
        /// concerns, or empty. `text`: for a language model. `data`: free data (see <see cref="Args"/>).
        /// </summary>
        public void Event(string name, string entity = "", string text = "", Dictionary<string, object> data = null)
        {
            session.SendSceneEvent(name, entity ?? "", text ?? "", data);
        }

        /// <summary>Send what has changed now, and not only at the end of <see cref="Session.Update"/>.</summary>
        public void Flush()
        {
            if (!session.CanSend) return;
            if (whole) SendWhole();
            else if (!pending.Empty) SendPending();
        }

        internal void EndOfFrame()
        {
            if (!whole && (pending.Empty || (pending.OnlyMoves && session.NowUs - movedUs < MovesEveryUs))) return;
            Flush();
        }

        /// <summary>A new session begins: send everything.</summary>
        internal void Resend()
        {
            awaited = -1;
            whole = Rev > 0;
        }

        internal void Acked(long rev)
        {
            if (rev >= awaited) awaited = -1;
        }

        /// <summary>The server asks for a snapshot; one under way answers this too.</summary>
        internal void Resync()
        {
            if (awaited < 0) whole = true;
        }

        private void SendPending()
        {
            if (!pending.Fits(things))
            {
                SendWhole();
                return;
            }
            session.SendPatch(sentRev, Rev, pending, things);
            foreach (var id in pending.Removed) atServer.Remove(id);
            foreach (var id in pending.Replaced) atServer.Add(id);
            sentRev = Rev;
            if (pending.Moves) movedUs = session.NowUs;
            pending.Clear();
        }

        /// <summary>A scene that does not fit into one message: a snapshot, then patches.</summary>
        private void SendWhole()
        {
            var parts = SceneParts.Of(things.Values);
            awaited = Rev;
            session.SendSnapshot(Rev, parts.Count > 0 ? parts[0] : new List<Entity>());
            for (var i = 1; i < parts.Count; i++)
            {
                session.SendPut(Rev, Rev + 1, parts[i]);
                Rev++;
            }
            sentRev = Rev;
            whole = false;
            pending.Clear();
            atServer.Clear();
            atServer.UnionWith(things.Keys);
        }

        private void Drop(string id)
        {
            things.Remove(id);
            pending.Remove(id, atServer.Contains(id));
        }

        private void Keep(Entity entity)
        {
            things[entity.Id] = entity.Copy();
            pending.Put(entity.Id);
        }

        private void Write(string id, string key, object value)
        {
            var state = things[id].State;
            if (value == null) state.Remove(key);
            else state[key] = value;
            pending.Set(id, key, value);
        }

        private void Place(string id, Position position)
        {
            things[id].Position = position;
            pending.Move(id);
        }

        private void CheckAll(SceneChange change)
        {
            var there = new HashSet<string>(things.Keys);
            foreach (var id in change.Remove) if (!there.Remove(id)) throw Unknown(id);
            foreach (var entity in change.Put)
            {
                Check(entity);
                there.Add(entity.Id);
            }
            foreach (var state in change.State)
            {
                if (!there.Contains(state.Key)) throw Unknown(state.Key);
                foreach (var key in state.Value) CheckValue(key.Key, key.Value);
            }
            foreach (var move in change.Move)
            {
                if (!there.Contains(move.Key)) throw Unknown(move.Key);
                CheckPosition(move.Value);
            }
        }

        private Entity Known(string id)
        {
            var thing = Get(id);
            if (thing == null) throw Unknown(id);
            return thing;
        }

        private static void Check(Entity entity)
        {
            if (string.IsNullOrEmpty(entity.Id)) throw Invalid("an entity without an id");
            if (string.IsNullOrEmpty(entity.Name)) throw Invalid("the entity \"" + entity.Id + "\" has no name");
            foreach (var key in entity.State) CheckValue(key.Key, key.Value);
            if (entity.Position.HasValue) CheckPosition(entity.Position.Value);
        }

        private static void CheckValue(string key, object value)
        {
            if (value == null || value is string || value is bool) return;
            double number;
            if (!Free.TryNumber(value, out number))
            {
                throw Invalid("the state \"" + key + "\" is a " + value.GetType().Name + ", not text, a number or a bool");
            }
            if (double.IsNaN(number) || double.IsInfinity(number)) throw Invalid("the state \"" + key + "\" is not finite");
        }

        private static void CheckPosition(Position position)
        {
            var sum = position.X + position.Y + position.Z;
            if (double.IsNaN(sum) || double.IsInfinity(sum)) throw Invalid("a position that is not finite");
        }

        private static FrametalkException Unknown(string id)
        {
            return new FrametalkException(
                "scene_unknown_entity", "there is no entity \"" + id + "\"", "scene", "add it with Put first");
        }

        private static FrametalkException Invalid(string text)
        {
            return new FrametalkException("scene_invalid", text, "scene");
        }
    }
}
