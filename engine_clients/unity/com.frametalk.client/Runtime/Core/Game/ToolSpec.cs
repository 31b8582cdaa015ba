using System.Collections.Generic;

namespace Frametalk
{
    /// <summary>A tool: something that the character can do in the game; see `ToolSpec` of protocols/wire.md.</summary>
    public sealed class ToolSpec
    {
        /// <summary>1 to 64 letters, digits, `_` or `-`; unique.</summary>
        public string Name = "";

        /// <summary>What it does, for a language model.</summary>
        public string Description = "";

        /// <summary>
        /// A JSON Schema of type object, as free data (see <see cref="Args"/>); null: no arguments.
        /// The methods `Entity` and `Parameter` help to make one.
        /// </summary>
        public Dictionary<string, object> Parameters;

        /// <summary>Whether a call changes the world; if not, it may be called for a draft.</summary>
        public bool ChangesWorld = true;

        /// <summary>How long a call may take, in milliseconds.</summary>
        public int DeadlineMs = 2000;

        /// <summary>Words that players use for it; the recogniser listens for them.</summary>
        public string[] Verbs = new string[0];

        /// <summary>The scope that the session must grant; empty: none is needed.</summary>
        public string Scope = "";

        /// <summary>Makes an empty spec, for an object initialiser.</summary>
        public ToolSpec()
        {
        }

        /// <summary>Makes a spec without parameters.</summary>
        public ToolSpec(string name, string description, params string[] verbs)
        {
            Name = name;
            Description = description;
            Verbs = verbs;
        }

        /// <summary>Adds a required parameter that names an entity; `kind`: only of that kind, null: of any.</summary>
        public ToolSpec Entity(string name, string kind = null)
        {
            var schema = new Dictionary<string, object> { { "type", "string" } };
            schema["x-entity"] = kind == null ? (object)true : kind;
            return Parameter(name, schema, true);
        }

        /// <summary>Adds a parameter of a JSON type: `string`, `number`, `integer`, `boolean`.</summary>
        public ToolSpec Parameter(string name, string type, bool required = true, string description = "")
        {
            var schema = new Dictionary<string, object> { { "type", type } };
            if (description.Length > 0) schema["description"] = description;
            return Parameter(name, schema, required);
        }

        /// <summary>Adds a parameter with a JSON Schema of its own.</summary>
        public ToolSpec Parameter(string name, Dictionary<string, object> schema, bool required = true)
        {
            if (Parameters == null) Parameters = new Dictionary<string, object> { { "type", "object" } };
            Child<Dictionary<string, object>>("properties")[name] = schema;
            if (required) Child<List<object>>("required").Add(name);
            return this;
        }

        private T Child<T>(string name) where T : class, new()
        {
            object found;
            if (!Parameters.TryGetValue(name, out found)) Parameters[name] = found = new T();
            return (T)found;
        }
    }
}
