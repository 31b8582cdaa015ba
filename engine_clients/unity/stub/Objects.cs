// A stand-in for the part of UnityEngine that the package uses, so that it compiles and runs without
// an editor. Signatures are those of Unity 2022.3 and 6000; behaviour is what tests need. Never shipped.
using System;
using System.Collections;
using System.Collections.Generic;
using UnityEngine.Stub;

namespace UnityEngine
{
    public class Object
    {
        private static int _ids;
        private readonly int _id = ++_ids;
        private bool _gone;
        private string _name;

        public string name
        {
            get { return this is Component ? ((Component)this).gameObject.name : _name; }

            set
            {
                if (this is Component)
                {
                    ((Component)this).gameObject.name = value;
                }
                else
                {
                    _name = value;
                }
            }
        }

        public static implicit operator bool(Object exists)
        {
            return exists != null;
        }

        public static bool operator ==(Object x, Object y)
        {
            return ReferenceEquals(Alive(x), Alive(y));
        }

        public static bool operator !=(Object x, Object y)
        {
            return !(x == y);
        }

        public static void Destroy(Object obj)
        {
            Engine.Destroy(obj);
        }

        public static void DestroyImmediate(Object obj)
        {
            Engine.Destroy(obj);
        }

        public static void DontDestroyOnLoad(Object target)
        {
            var component = target as Component;
            var owner = component != null ? component.gameObject : target as GameObject;
            owner.Kept = true;
        }

        public static T FindFirstObjectByType<T>() where T : Object
        {
            return Engine.Find<T>(false);
        }

        public static T[] FindObjectsByType<T>(FindObjectsSortMode sortMode) where T : Object
        {
            return Engine.FindAll<T>();
        }

        public int GetInstanceID()
        {
            return _id;
        }

        public override bool Equals(object other)
        {
            return this == other as Object;
        }

        public override int GetHashCode()
        {
            return _id;
        }

        public override string ToString()
        {
            return name ?? base.ToString();
        }

        internal void MarkGone()
        {
            _gone = true;
        }

        private static Object Alive(Object value)
        {
            return ReferenceEquals(value, null) || value._gone ? null : value;
        }
    }

    public class ScriptableObject : Object
    {
        public static T CreateInstance<T>() where T : ScriptableObject
        {
            return (T)Activator.CreateInstance(typeof(T), true);
        }
    }

    public class Component : Object
    {
        public GameObject gameObject { get; internal set; }

        public Transform transform
        {
            get { return gameObject.transform; }
        }

        public T GetComponent<T>()
        {
            return gameObject.GetComponent<T>();
        }

        public T GetComponentInParent<T>()
        {
            for (var at = transform; at != null; at = at.parent)
            {
                var found = at.gameObject.GetComponent<T>();
                if (found != null)
                {
                    return found;
                }
            }

            return default(T);
        }

        public T[] GetComponentsInChildren<T>()
        {
            return gameObject.GetComponentsInChildren<T>();
        }

        public T[] GetComponents<T>()
        {
            return gameObject.GetComponents<T>();
        }
    }

    public class Behaviour : Component
    {
        private bool _enabled = true;

        public bool enabled
        {
            get { return _enabled; }

            set
            {
                if (_enabled != value)
                {
                    _enabled = value;
                    Engine.EnabledChanged(this);
                }
            }
        }

        public bool isActiveAndEnabled
        {
            get { return _enabled && gameObject != null && gameObject.activeInHierarchy; }
        }
    }

    public class MonoBehaviour : Behaviour
    {
        public bool useGUILayout { get; set; }
    }

    public sealed class Coroutine
    {
        internal IEnumerator Routine;
        internal MonoBehaviour Owner;
    }

    public class Transform : Component
    {
        private readonly List<Transform> _children = new List<Transform>();
        private Transform _parent;

        public Transform parent
        {
            get { return _parent; }
            set { SetParent(value, true); }
        }

        public Vector3 position { get; set; }

        public Quaternion rotation { get; set; }

        public Vector3 localScale { get; set; }

        public Vector3 forward
        {
            get { return Vector3.forward; }
        }

        public int childCount
        {
            get { return _children.Count; }
        }

        public Transform GetChild(int index)
        {
            return _children[index];
        }

        public void SetParent(Transform parent)
        {
            SetParent(parent, true);
        }

        public void SetParent(Transform parent, bool worldPositionStays)
        {
            if (_parent != null)
            {
                _parent._children.Remove(this);
            }

            _parent = parent;
            if (parent != null)
            {
                parent._children.Add(this);
            }
        }

        public void Translate(Vector3 translation)
        {
            position += translation;
        }
    }

    public sealed class GameObject : Object
    {
        internal readonly List<Component> Parts = new List<Component>();
        internal bool Kept;
        private bool _active = true;

        public GameObject()
            : this("New Game Object")
        {
        }

        public GameObject(string name)
        {
            this.name = name;
            transform = new Transform { gameObject = this, localScale = Vector3.one };
            Parts.Add(transform);
            Engine.Created(this);
        }

        public Transform transform { get; private set; }

        public bool activeInHierarchy
        {
            get { return _active && (transform.parent == null || transform.parent.gameObject.activeInHierarchy); }
        }

        public static GameObject CreatePrimitive(PrimitiveType type)
        {
            var made = new GameObject(type.ToString());
            made.AddComponent<MeshFilter>();
            made.AddComponent<MeshRenderer>();
            return made;
        }

        public void SetActive(bool value)
        {
            if (_active != value)
            {
                _active = value;
                Engine.ActiveChanged(this);
            }
        }

        public T AddComponent<T>() where T : Component
        {
            return (T)Add(typeof(T));
        }

        public Component AddComponent(Type componentType)
        {
            return Add(componentType);
        }

        public T GetComponent<T>()
        {
            foreach (var part in Parts)
            {
                if (part is T)
                {
                    return (T)(object)part;
                }
            }

            return default(T);
        }

        public T[] GetComponents<T>()
        {
            var found = new List<T>();
            foreach (var part in Parts)
            {
                if (part is T)
                {
                    found.Add((T)(object)part);
                }
            }

            return found.ToArray();
        }

        public T[] GetComponentsInChildren<T>()
        {
            var found = new List<T>(GetComponents<T>());
            for (var i = 0; i < transform.childCount; i++)
            {
                found.AddRange(transform.GetChild(i).gameObject.GetComponentsInChildren<T>());
            }

            return found.ToArray();
        }

        private Component Add(Type type)
        {
            foreach (RequireComponent need in type.GetCustomAttributes(typeof(RequireComponent), true))
            {
                if (!Parts.Exists(p => need.m_Type0.IsInstanceOfType(p)))
                {
                    Add(need.m_Type0);
                }
            }

            var part = (Component)Activator.CreateInstance(type, true);
            part.gameObject = this;
            Parts.Add(part);
            Engine.Added(part);
            return part;
        }
    }

    public enum PrimitiveType
    {
        Sphere,
        Capsule,
        Cylinder,
        Cube,
        Plane,
        Quad,
    }

    public enum FindObjectsSortMode
    {
        None,
        InstanceID,
    }

    [Flags]
    public enum HideFlags
    {
        None = 0,
        HideInHierarchy = 1,
        HideInInspector = 2,
        DontSaveInEditor = 4,
        HideAndDontSave = 61,
    }

    public static class Resources
    {
        public static T Load<T>(string path) where T : Object
        {
            Object found;
            return Engine.Assets.TryGetValue(path, out found) ? found as T : null;
        }
    }
}
