// One MonoBehaviour and the messages it understands. Delegates are made once, so that frames allocate nothing.
using System;
using System.Reflection;

namespace UnityEngine.Stub
{
    internal sealed class Script
    {
        internal readonly MonoBehaviour Behaviour;
        internal readonly int Order;
        internal readonly Action Update;
        internal readonly Action LateUpdate;
        internal readonly Action OnGui;
        internal readonly Action<float[], int> Filter;
        private bool _awake;
        private bool _on;
        private bool _started;

        internal Script(MonoBehaviour behaviour)
        {
            Behaviour = behaviour;
            var order = (DefaultExecutionOrder)Attribute.GetCustomAttribute(behaviour.GetType(), typeof(DefaultExecutionOrder));
            Order = order == null ? 0 : order.order;
            Update = Message("Update");
            LateUpdate = Message("LateUpdate");
            OnGui = Message("OnGUI");
            var filter = Method("OnAudioFilterRead");
            Filter = filter == null ? null : (Action<float[], int>)Delegate.CreateDelegate(typeof(Action<float[], int>), behaviour, filter);
        }

        /// <summary>Awake and OnEnable when it becomes active, OnDisable when it no longer is.</summary>
        internal void Refresh()
        {
            var active = Behaviour.gameObject.activeInHierarchy;
            if (active && !_awake)
            {
                _awake = true;
                Call("Awake");
            }

            var on = active && Behaviour.enabled;
            if (on != _on)
            {
                _on = on;
                Call(on ? "OnEnable" : "OnDisable");
            }
        }

        internal void Begin()
        {
            if (_on && !_started)
            {
                _started = true;
                Call("Start");
            }
        }

        internal void End()
        {
            if (_on)
            {
                _on = false;
                Call("OnDisable");
            }

            if (_awake)
            {
                Call("OnDestroy");
            }
        }

        internal void Send(Action message)
        {
            if (message == null || !_on)
            {
                return;
            }

            try
            {
                message();
            }
            catch (Exception e)
            {
                Engine.Errors.Add(e.ToString());
            }
        }

        internal void Send(string name, bool value)
        {
            var method = Method(name);
            if (method != null && _on)
            {
                method.Invoke(Behaviour, new object[] { value });
            }
        }

        internal void Call(string name)
        {
            var message = Message(name);
            if (message != null)
            {
                try
                {
                    message();
                }
                catch (Exception e)
                {
                    Engine.Errors.Add(e.ToString());
                }
            }
        }

        private Action Message(string name)
        {
            var method = Method(name);
            return method == null ? null : (Action)Delegate.CreateDelegate(typeof(Action), Behaviour, method);
        }

        private MethodInfo Method(string name)
        {
            for (var type = Behaviour.GetType(); type != typeof(MonoBehaviour); type = type.BaseType)
            {
                var method = type.GetMethod(name, BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly);
                if (method != null)
                {
                    return method;
                }
            }

            return null;
        }
    }
}
