using System;
using System.Collections.Generic;
using UnityEngine;

namespace Frametalk.Unity
{
    /// <summary>A value of an object's state, as it is entered in the inspector.</summary>
    [Serializable]
    public sealed class FrametalkStateValue
    {
        /// <summary>The types of values.</summary>
        public enum ValueType
        {
            /// <summary>True or false.</summary>
            Flag,

            /// <summary>A number.</summary>
            Number,

            /// <summary>A text.</summary>
            Text,
        }

        /// <summary>`open`, `locked`, `holder`, ...</summary>
        public string Key = "";

        /// <summary>Which of the values counts.</summary>
        public ValueType Type;

        /// <summary>The value of a flag.</summary>
        public bool Flag;

        /// <summary>The value of a number.</summary>
        public float Number;

        /// <summary>The value of a text.</summary>
        public string Text = "";

        /// <summary>The value itself.</summary>
        public object Value
        {
            get { return Type == ValueType.Flag ? Flag : Type == ValueType.Number ? (object)(double)Number : Text; }
        }
    }

    /// <summary>
    /// Something in the scene that characters know: while this component is enabled, it is there. Its position follows the
    /// transform. With a session of its own, or one above it, only that one's character knows it; else all do.
    /// </summary>
    [AddComponentMenu("Frametalk/Frametalk Scene Object")]
    [DefaultExecutionOrder(-70)]
    public sealed class FrametalkSceneObject : MonoBehaviour
    {
        private static readonly Dictionary<string, FrametalkSceneObject> ById = new Dictionary<string, FrametalkSceneObject>();

        [SerializeField, Tooltip("Empty: the session above this object, or all sessions.")]
        private FrametalkSession session;

        [SerializeField, Tooltip("Unique; never shown or spoken. Empty: the game object's name.")]
        private string id = "";

        [SerializeField, Tooltip("What people call it. Empty: the game object's name.")]
        private string displayName = "";

        [SerializeField, Tooltip("door, container, player, ...")]
        private string kind = "";

        [SerializeField, Tooltip("Other names that people use for it.")]
        private string[] aliases = new string[0];

        [SerializeField, Tooltip("Names of the tools that apply to it. Empty: any.")]
        private string[] affordances = new string[0];

        [SerializeField]
        private FrametalkStateValue[] state = new FrametalkStateValue[0];

        [SerializeField, Tooltip("Tell the character where it is.")]
        private bool sendPosition = true;

        [SerializeField, Min(0.01f), Tooltip("How far it moves before its position is sent again, in metres.")]
        private float moveThreshold = 0.25f;

        private readonly Dictionary<string, object> values = new Dictionary<string, object>();
        private Vector3 sent;
        private string known; // the id while it is present: reading a name allocates
        private bool entered;
        private bool present;

        /// <summary>The only session that knows it; null: all do. Set it before the component is enabled.</summary>
        public FrametalkSession Session
        {
            get { return session; }
            set { session = value; }
        }

        /// <summary>Its id in the scene. Set it before the component is enabled.</summary>
        public string Id
        {
            get { return string.IsNullOrEmpty(id) ? gameObject.name : id; }
            set { id = value; }
        }

        /// <summary>What people call it.</summary>
        public string DisplayName
        {
            get { return string.IsNullOrEmpty(displayName) ? gameObject.name : displayName; }

            set
            {
                displayName = value;
                Put();
            }
        }

        /// <summary>`door`, `container`, `player`, ...</summary>
        public string Kind
        {
            get { return kind; }

            set
            {
                kind = value;
                Put();
            }
        }

        /// <summary>Other names for it.</summary>
        public string[] Aliases
        {
            get { return aliases; }

            set
            {
                aliases = value;
                Put();
            }
        }

        /// <summary>Names of the tools that apply to it; empty: any.</summary>
        public string[] Affordances
        {
            get { return affordances; }

            set
            {
                affordances = value;
                Put();
            }
        }

        /// <summary>Whether the character is told where it is.</summary>
        public bool SendPosition
        {
            get { return sendPosition; }

            set
            {
                sendPosition = value;
                Put();
            }
        }

        /// <summary>The object with this id; null: there is none.</summary>
        public static FrametalkSceneObject Find(string id)
        {
            FrametalkSceneObject found;
            return id != null && ById.TryGetValue(id, out found) ? found : null;
        }

        /// <summary>Sets a key of its state: text, number or bool; null deletes the key.</summary>
        public void Set(string key, object value)
        {
            Enter();
            values[key] = value;
            if (!present) return;
            foreach (var knower in FrametalkSession.All)
            {
                if (IsKnownTo(knower)) knower.Core.Scene.Set(known, key, value);
            }
        }

        /// <summary>The value of a key of its state; null: there is none.</summary>
        public object Get(string key)
        {
            Enter();
            object value;
            return values.TryGetValue(key, out value) ? value : null;
        }

        /// <summary>Whether a key of its state is true.</summary>
        public bool Is(string key)
        {
            var value = Get(key);
            return value is bool && (bool)value;
        }

        /// <summary>The text of a key of its state; empty: there is none.</summary>
        public string Text(string key)
        {
            return Get(key) as string ?? "";
        }

        [RuntimeInitializeOnLoadMethod(RuntimeInitializeLoadType.SubsystemRegistration)]
        private static void Forget()
        {
            ById.Clear();
        }

        /// <summary>A session has begun: it gets all objects that it shall know.</summary>
        internal static void PutAll(FrametalkSession into)
        {
            foreach (var thing in ById.Values) if (thing.IsKnownTo(into)) thing.PutInto(into);
        }

        private void OnEnable()
        {
            Enter();
            if (session == null) session = GetComponentInParent<FrametalkSession>();
            if (Find(Id) != null && Find(Id) != this)
            {
                Debug.LogError("frametalk: two scene objects have the id \"" + Id + "\"; give one another id", this);
                return;
            }

            known = Id;
            ById[known] = this;
            present = true;
            Put();
        }

        private void OnDisable()
        {
            if (!present) return;
            present = false;
            ById.Remove(known);
            foreach (var knower in FrametalkSession.All)
            {
                if (IsKnownTo(knower) && knower.Core.Scene.Get(known) != null) knower.Core.Scene.Remove(known);
            }
        }

        private void Update()
        {
            if (!present || !sendPosition) return;
            var began = FrametalkCost.Now;
            var at = transform.position;
            if ((at - sent).sqrMagnitude > moveThreshold * moveThreshold)
            {
                sent = at;
                var position = new Position(at.x, at.y, at.z);
                for (var i = 0; i < FrametalkSession.All.Count; i++)
                {
                    if (IsKnownTo(FrametalkSession.All[i])) FrametalkSession.All[i].Core.Scene.Move(known, position);
                }
            }

            FrametalkCost.Add(began);
        }

        /// <summary>Takes the inspector's values, once.</summary>
        private void Enter()
        {
            if (entered) return;
            entered = true;
            foreach (var value in state) values[value.Key] = value.Value;
        }

        private void Put()
        {
            if (!present) return;
            sent = transform.position;
            foreach (var knower in FrametalkSession.All) if (IsKnownTo(knower)) PutInto(knower);
        }

        private bool IsKnownTo(FrametalkSession other)
        {
            return session == null || session == other;
        }

        private void PutInto(FrametalkSession into)
        {
            var at = transform.position;
            into.Core.Scene.Put(new Entity
            {
                Id = known,
                Name = DisplayName,
                Kind = kind,
                Aliases = aliases,
                Affordances = affordances,
                Position = sendPosition ? new Position(at.x, at.y, at.z) : (Position?)null,
                State = new Dictionary<string, object>(values),
            });
        }
    }
}
