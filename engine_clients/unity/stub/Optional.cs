// Packages that a project may have: only what the package uses of them.
using System;
using System.Collections;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Threading.Tasks;

namespace UnityEngine.InputSystem
{
    public sealed class InputAction
    {
        public event Action<CallbackContext> started;

        public event Action<CallbackContext> canceled;

        public bool enabled { get; private set; }

        public void Enable()
        {
            enabled = true;
        }

        public void Disable()
        {
            enabled = false;
        }

        public void Stub(bool pressed)
        {
            var called = pressed ? started : canceled;
            if (enabled && called != null)
            {
                called(default(CallbackContext));
            }
        }

        public struct CallbackContext
        {
        }
    }

    public class InputActionReference : ScriptableObject
    {
        private readonly InputAction _action = new InputAction();

        public InputAction action
        {
            get { return _action; }
        }
    }
}

namespace Cysharp.Threading.Tasks
{
    public struct UniTask<T>
    {
        private readonly Task<T> _task;

        public UniTask(Task<T> task)
        {
            _task = task;
        }

        public TaskAwaiter<T> GetAwaiter()
        {
            return _task.GetAwaiter();
        }
    }
}

namespace Newtonsoft.Json.Linq
{
    public abstract class JToken
    {
        public static JToken FromObject(object o)
        {
            var map = o as IDictionary<string, object>;
            var list = o as IList<object>;
            if (map != null)
            {
                var made = new JObject();
                foreach (var pair in map)
                {
                    made.Add(pair.Key, pair.Value == null ? JValue.CreateNull() : FromObject(pair.Value));
                }

                return made;
            }

            return list == null ? (JToken)new JValue(o) : new JArray(list);
        }
    }

    public class JValue : JToken
    {
        public JValue(object value)
        {
            Value = value;
        }

        public object Value { get; set; }

        public static JValue CreateNull()
        {
            return new JValue((object)null);
        }
    }

    public class JObject : JToken, IEnumerable<KeyValuePair<string, JToken>>
    {
        private readonly Dictionary<string, JToken> _values = new Dictionary<string, JToken>();

        public void Add(string propertyName, JToken value)
        {
            _values.Add(propertyName, value);
        }

        public IEnumerator<KeyValuePair<string, JToken>> GetEnumerator()
        {
            return _values.GetEnumerator();
        }

        IEnumerator IEnumerable.GetEnumerator()
        {
            return GetEnumerator();
        }
    }

    public class JArray : JToken, IEnumerable<JToken>
    {
        private readonly List<JToken> _items = new List<JToken>();

        public JArray(object content)
        {
            foreach (var item in (IList<object>)content)
            {
                _items.Add(item == null ? JValue.CreateNull() : FromObject(item));
            }
        }

        public IEnumerator<JToken> GetEnumerator()
        {
            return _items.GetEnumerator();
        }

        IEnumerator IEnumerable.GetEnumerator()
        {
            return GetEnumerator();
        }
    }
}

namespace UniVRM10
{
    public struct ExpressionKey
    {
        internal readonly string Name;

        private ExpressionKey(string name)
        {
            Name = name;
        }

        public static ExpressionKey Aa
        {
            get { return new ExpressionKey("aa"); }
        }

        public static ExpressionKey Ih
        {
            get { return new ExpressionKey("ih"); }
        }

        public static ExpressionKey Ou
        {
            get { return new ExpressionKey("ou"); }
        }

        public static ExpressionKey Ee
        {
            get { return new ExpressionKey("ee"); }
        }

        public static ExpressionKey Oh
        {
            get { return new ExpressionKey("oh"); }
        }
    }

    public sealed class Vrm10RuntimeExpression
    {
        private readonly Dictionary<string, float> _weights = new Dictionary<string, float>();

        public void SetWeight(ExpressionKey expressionKey, float weight)
        {
            _weights[expressionKey.Name] = weight;
        }

        public float GetWeight(ExpressionKey expressionKey)
        {
            float weight;
            return _weights.TryGetValue(expressionKey.Name, out weight) ? weight : 0f;
        }
    }

    public class Vrm10Runtime
    {
        private readonly Vrm10RuntimeExpression _expression = new Vrm10RuntimeExpression();

        public Vrm10RuntimeExpression Expression
        {
            get { return _expression; }
        }
    }

    public class Vrm10Instance : UnityEngine.MonoBehaviour
    {
        private readonly Vrm10Runtime _runtime = new Vrm10Runtime();

        public Vrm10Runtime Runtime
        {
            get { return _runtime; }
        }
    }
}
