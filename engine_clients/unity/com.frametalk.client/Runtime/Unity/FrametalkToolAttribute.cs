using System;

namespace Frametalk.Unity
{
    /// <summary>
    /// Makes a public or internal method of a MonoBehaviour a tool that the character can use. The editor finds these
    /// methods and bakes calls of them into C# (menu *Frametalk > Bake Tools*), so that nothing is looked up at run time.
    /// Put a <see cref="FrametalkTool"/> beside the component.
    /// </summary>
    /// <remarks>
    /// Parameters: text, bool, numbers, enums and <see cref="FrametalkSceneObject"/> are arguments; <see cref="Call"/> and
    /// CancellationToken are not. The method returns nothing, a value, a Task or a Task of a value. It throws
    /// <see cref="Refusal"/> to refuse.
    /// </remarks>
    [AttributeUsage(AttributeTargets.Method)]
    public sealed class FrametalkToolAttribute : Attribute
    {
        /// <summary>`name`: 1 to 64 letters, digits, `_` or `-`.</summary>
        public FrametalkToolAttribute(string name)
        {
            Name = name;
            Description = "";
            Verbs = new string[0];
            ChangesWorld = true;
            DeadlineMs = 2000;
            Scope = "";
        }

        /// <summary>The tool's name.</summary>
        public string Name { get; private set; }

        /// <summary>What it does, for a language model.</summary>
        public string Description { get; set; }

        /// <summary>Words that players use for it.</summary>
        public string[] Verbs { get; set; }

        /// <summary>
        /// The tool gets an argument `target`, and is called on the component beside the scene object with that id. So each
        /// door has the method `Open`, and there is one tool `open`.
        /// </summary>
        public bool OnTarget { get; set; }

        /// <summary>Whether a call changes the world; if not, it may be called for a draft.</summary>
        public bool ChangesWorld { get; set; }

        /// <summary>How long a call may take, in milliseconds.</summary>
        public int DeadlineMs { get; set; }

        /// <summary>The scope that the session must grant; empty: none is needed.</summary>
        public string Scope { get; set; }
    }
}
