// Runs the messages that Unity would send, frame by frame, on a clock that a test drives.
using System;
using System.Collections;
using System.Collections.Generic;
using System.Reflection;

namespace UnityEngine.Stub
{
    /// <summary>The stub's game loop. Everything runs on the calling thread.</summary>
    public static class Engine
    {
        public static readonly List<string> Log = new List<string>();
        public static readonly List<string> Warnings = new List<string>();
        public static readonly List<string> Errors = new List<string>();
        public static readonly List<string> Drawn = new List<string>();
        public static readonly Dictionary<string, Object> Assets = new Dictionary<string, Object>();
        public static readonly HashSet<string> Pressed = new HashSet<string>();

        private static readonly List<GameObject> Objects = new List<GameObject>();
        private static readonly List<Script> Scripts = new List<Script>();
        private static readonly List<Coroutine> Routines = new List<Coroutine>();
        private static bool _unsorted;

        static Engine()
        {
            Reset();
        }

        /// <summary>Seconds since the start: what Time gives.</summary>
        public static double Now { get; private set; }

        public static float DeltaTime { get; private set; }

        public static int FrameCount { get; private set; }

        public static bool Playing { get; set; }

        public static RuntimePlatform Platform { get; set; }

        public static bool MicrophoneAllowed { get; set; }

        public static bool AnswerToPermission { get; set; }

        public static AudioDevice Device { get; private set; }

        public static StubMicrophone Microphone { get; private set; }

        /// <summary>What the animation system does in a frame: after Update, before LateUpdate.</summary>
        public static Action Animation { get; set; }

        /// <summary>A new, empty game.</summary>
        public static void Reset()
        {
            foreach (var made in Objects.ToArray())
            {
                Destroy(made);
            }

            Objects.Clear();
            Scripts.Clear();
            Routines.Clear();
            Log.Clear();
            Warnings.Clear();
            Errors.Clear();
            Drawn.Clear();
            Assets.Clear();
            Pressed.Clear();
            Now = 0;
            FrameCount = 0;
            Playing = true;
            Platform = RuntimePlatform.LinuxPlayer;
            MicrophoneAllowed = true;
            AnswerToPermission = true;
            Animation = null;
            Device = new AudioDevice();
            Microphone = new StubMicrophone();
        }

        /// <summary>Runs what an assembly wants to be run before the first scene.</summary>
        public static void Load(Assembly assembly)
        {
            foreach (var order in new[] { RuntimeInitializeLoadType.SubsystemRegistration, RuntimeInitializeLoadType.BeforeSceneLoad })
            {
                foreach (var type in assembly.GetTypes())
                {
                    foreach (var method in type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
                    {
                        var wish = (RuntimeInitializeOnLoadMethodAttribute)Attribute.GetCustomAttribute(method, typeof(RuntimeInitializeOnLoadMethodAttribute));
                        if (wish != null && wish.loadType == order)
                        {
                            method.Invoke(null, null);
                        }
                    }
                }
            }
        }

        /// <summary>One frame, that begins at `now` seconds: Start, Update, coroutines, animation, LateUpdate.</summary>
        public static void Frame(double now)
        {
            DeltaTime = (float)(now - Now);
            Now = now;
            FrameCount++;
            Microphone.Capture(now);
            Sort();
            for (var i = 0; i < Scripts.Count; i++)
            {
                Scripts[i].Begin();
            }

            for (var i = 0; i < Scripts.Count; i++)
            {
                Scripts[i].Send(Scripts[i].Update);
            }

            Resume();
            if (Animation != null)
            {
                Animation();
            }

            for (var i = 0; i < Scripts.Count; i++)
            {
                Scripts[i].Send(Scripts[i].LateUpdate);
            }
        }

        /// <summary>Draws the immediate-mode interface of all scripts.</summary>
        public static void Gui()
        {
            Drawn.Clear();
            for (var i = 0; i < Scripts.Count; i++)
            {
                Scripts[i].Send(Scripts[i].OnGui);
            }
        }

        public static void Background(bool away)
        {
            foreach (var script in Scripts.ToArray())
            {
                script.Send("OnApplicationPause", away);
            }
        }

        public static void Quit()
        {
            Application.Quit();
            foreach (var made in Objects.ToArray())
            {
                Destroy(made);
            }
        }

        /// <summary>Another scene: what is not kept is destroyed.</summary>
        public static void LoadScene(string name)
        {
            foreach (var made in Objects.ToArray())
            {
                if (!made.Kept && made.transform.parent == null)
                {
                    Destroy(made);
                }
            }

            SceneManagement.SceneManager.Loaded(name);
        }

        internal static bool Press(string text)
        {
            Drawn.Add(text);
            return Pressed.Remove(text);
        }

        internal static void Created(GameObject made)
        {
            Objects.Add(made);
        }

        internal static void Added(Component part)
        {
            var behaviour = part as MonoBehaviour;
            if (behaviour != null)
            {
                var script = new Script(behaviour);
                Scripts.Add(script);
                _unsorted = true;
                script.Call("Reset");
                script.Refresh();
            }
        }

        internal static void EnabledChanged(Behaviour behaviour)
        {
            foreach (var script in Scripts.ToArray())
            {
                if (ReferenceEquals(script.Behaviour, behaviour))
                {
                    script.Refresh();
                }
            }
        }

        internal static void ActiveChanged(GameObject changed)
        {
            foreach (var script in Scripts.ToArray())
            {
                script.Refresh();
            }
        }

        internal static void Destroy(Object value)
        {
            var made = value as GameObject;
            var script = Scripts.Find(s => ReferenceEquals(s.Behaviour, value));
            if (made != null)
            {
                foreach (var part in made.Parts.ToArray())
                {
                    if (part is Transform)
                    {
                        for (var i = part.transform.childCount - 1; i >= 0; i--)
                        {
                            Destroy(part.transform.GetChild(i).gameObject);
                        }
                    }
                    else
                    {
                        Destroy(part);
                    }
                }

                made.transform.SetParent(null);
                Objects.Remove(made);
            }
            else if (script != null)
            {
                script.End();
                Scripts.Remove(script);
                Routines.RemoveAll(r => ReferenceEquals(r.Owner, value));
            }

            if (!ReferenceEquals(value, null))
            {
                value.MarkGone();
            }
        }

        internal static T Find<T>(bool any) where T : Object
        {
            var all = FindAll<T>();
            return all.Length > 0 ? all[0] : null;
        }

        internal static T[] FindAll<T>() where T : Object
        {
            var found = new List<T>();
            foreach (var made in Objects)
            {
                foreach (var part in made.Parts)
                {
                    if (made.activeInHierarchy && part is T)
                    {
                        found.Add((T)(Object)part);
                    }
                }
            }

            return found.ToArray();
        }

        internal static Coroutine Start(MonoBehaviour owner, IEnumerator routine)
        {
            var started = new Coroutine { Owner = owner, Routine = routine };
            if (routine.MoveNext())
            {
                Routines.Add(started);
            }

            return started;
        }

        internal static void StopCoroutines(MonoBehaviour owner)
        {
            Routines.RemoveAll(r => ReferenceEquals(r.Owner, owner));
        }

        /// <summary>The callback of a game object's filter on the audio thread; null: it has none.</summary>
        internal static Action<float[], int> FilterOf(GameObject owner)
        {
            foreach (var script in Scripts)
            {
                if (ReferenceEquals(script.Behaviour.gameObject, owner) && script.Filter != null && script.Behaviour.isActiveAndEnabled)
                {
                    return script.Filter;
                }
            }

            return null;
        }

        private static void Resume()
        {
            for (var i = Routines.Count - 1; i >= 0; i--)
            {
                if (!Routines[i].Routine.MoveNext())
                {
                    Routines.RemoveAt(i);
                }
            }
        }

        private static void Sort()
        {
            if (_unsorted)
            {
                _unsorted = false;
                var order = new List<Script>(Scripts);
                Scripts.Sort((a, b) => a.Order != b.Order ? a.Order.CompareTo(b.Order) : order.IndexOf(a).CompareTo(order.IndexOf(b)));
            }
        }
    }
}
