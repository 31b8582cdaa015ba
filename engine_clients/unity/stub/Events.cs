// UnityEngine.Events and SceneManagement, as far as the package uses them.
using System;
using System.Collections.Generic;

namespace UnityEngine.Events
{
    public delegate void UnityAction();

    public delegate void UnityAction<T0>(T0 arg0);

    public delegate void UnityAction<T0, T1>(T0 arg0, T1 arg1);

    [Serializable]
    public abstract class UnityEventBase
    {
    }

    [Serializable]
    public class UnityEvent : UnityEventBase
    {
        private readonly List<UnityAction> _calls = new List<UnityAction>();

        public void AddListener(UnityAction call)
        {
            _calls.Add(call);
        }

        public void Invoke()
        {
            for (var i = 0; i < _calls.Count; i++)
            {
                _calls[i]();
            }
        }
    }

    [Serializable]
    public class UnityEvent<T0> : UnityEventBase
    {
        private readonly List<UnityAction<T0>> _calls = new List<UnityAction<T0>>();

        public void AddListener(UnityAction<T0> call)
        {
            _calls.Add(call);
        }

        public void RemoveListener(UnityAction<T0> call)
        {
            _calls.Remove(call);
        }

        public void Invoke(T0 arg0)
        {
            for (var i = 0; i < _calls.Count; i++)
            {
                _calls[i](arg0);
            }
        }
    }

    [Serializable]
    public class UnityEvent<T0, T1> : UnityEventBase
    {
        private readonly List<UnityAction<T0, T1>> _calls = new List<UnityAction<T0, T1>>();

        public void AddListener(UnityAction<T0, T1> call)
        {
            _calls.Add(call);
        }

        public void Invoke(T0 arg0, T1 arg1)
        {
            for (var i = 0; i < _calls.Count; i++)
            {
                _calls[i](arg0, arg1);
            }
        }
    }
}

namespace UnityEngine.SceneManagement
{
    public struct Scene
    {
        public string name { get; internal set; }
    }

    public enum LoadSceneMode
    {
        Single = 0,
        Additive = 1,
    }

    public class SceneManager
    {
        public static event Events.UnityAction<Scene, LoadSceneMode> sceneLoaded;

        internal static void Loaded(string name)
        {
            if (sceneLoaded != null)
            {
                sceneLoaded(new Scene { name = name }, LoadSceneMode.Single);
            }
        }
    }
}
