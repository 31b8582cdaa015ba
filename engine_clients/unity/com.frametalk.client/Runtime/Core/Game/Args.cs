using System;
using System.Collections.Generic;

namespace Frametalk
{
    /// <summary>
    /// Free data by name: a call's arguments. Values are null, bool, long, double, string, List&lt;object&gt; and
    /// Dictionary&lt;string, object&gt;.
    /// </summary>
    public sealed class Args
    {
        private static readonly Dictionary<string, object> None = new Dictionary<string, object>();

        /// <summary>All values by name.</summary>
        public IReadOnlyDictionary<string, object> Values { get; private set; }

        /// <summary>Wraps values.</summary>
        public Args(Dictionary<string, object> values)
        {
            Values = values ?? None;
        }

        /// <summary>The value of this name; null if there is none.</summary>
        public object this[string name]
        {
            get
            {
                object value;
                return Values.TryGetValue(name, out value) ? value : null;
            }
        }

        /// <summary>The text of this name; `otherwise` if there is none.</summary>
        public string Text(string name, string otherwise = "")
        {
            return this[name] as string ?? otherwise;
        }

        /// <summary>The number of this name; `otherwise` if there is none.</summary>
        public double Number(string name, double otherwise = 0)
        {
            var value = this[name];
            if (value is double) return (double)value;
            return value is long ? (long)value : otherwise;
        }

        /// <summary>The whole number of this name, rounded; `otherwise` if there is none.</summary>
        public long Whole(string name, long otherwise = 0)
        {
            var value = this[name];
            if (value is long) return (long)value;
            return value is double ? (long)Math.Round((double)value) : otherwise;
        }

        /// <summary>Whether the value of this name is true; `otherwise` if there is none.</summary>
        public bool Flag(string name, bool otherwise = false)
        {
            var value = this[name];
            return value is bool ? (bool)value : otherwise;
        }

        /// <summary>The list of this name; empty if there is none.</summary>
        public IReadOnlyList<object> List(string name)
        {
            return this[name] as List<object> ?? new List<object>();
        }

        /// <summary>The map of this name; empty if there is none.</summary>
        public Args Map(string name)
        {
            return new Args(this[name] as Dictionary<string, object>);
        }
    }
}
