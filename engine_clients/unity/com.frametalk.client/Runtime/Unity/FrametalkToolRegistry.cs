using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using UnityEngine;

namespace Frametalk.Unity
{
    /// <summary>The baked tools of all types. Baked code fills it before the first scene loads; games need not use it.</summary>
    public static class FrametalkToolRegistry
    {
        private static readonly List<BakedTool> All = new List<BakedTool>();

        /// <summary>Whether any tool is baked.</summary>
        public static bool Empty
        {
            get { return All.Count == 0; }
        }

        /// <summary>
        /// Registers a tool of the components of type `host`. `spec` makes its declaration, `run` carries a call out on a
        /// component. Called again for the same type and name it replaces.
        /// </summary>
        public static void Add(Type host, bool onTarget, Func<ToolSpec> spec, Action<MonoBehaviour, Call> run)
        {
            var tool = new BakedTool { Host = host, OnTarget = onTarget, Spec = spec(), Run = run };
            All.RemoveAll(known => known.Host == host && known.Spec.Name == tool.Spec.Name);
            All.Add(tool);
        }

        /// <summary>Answers a call with what a task comes to.</summary>
        public static async void Answer(Call call, Task task)
        {
            try
            {
                await task;
                call.Done();
            }
            catch (Exception e)
            {
                Fail(call, e);
            }
        }

        /// <summary>Answers a call with the value that a task comes to.</summary>
        public static async void Answer<T>(Call call, Task<T> task)
        {
            try
            {
                call.Done(await task);
            }
            catch (Exception e)
            {
                Fail(call, e);
            }
        }

        /// <summary>The scene object that an argument names. Throws <see cref="Refusal"/> if it is gone.</summary>
        public static FrametalkSceneObject Object(Call call, string argument)
        {
            var found = FrametalkSceneObject.Find(call.Args.Text(argument));
            if (found == null) throw new Refusal("there is no such thing here");
            return found;
        }

        /// <summary>The schema of a text that is one of these.</summary>
        public static Dictionary<string, object> OneOf(params string[] texts)
        {
            return new Dictionary<string, object> { { "enum", new List<object>(texts) } };
        }

        internal static IEnumerable<BakedTool> Of(Type host)
        {
            foreach (var tool in All) if (tool.Host.IsAssignableFrom(host)) yield return tool;
        }

        internal static IEnumerable<BakedTool> Everything()
        {
            return All;
        }

        private static void Fail(Call call, Exception e)
        {
            if (e is Refusal) call.Refuse(e.Message);
            else call.Fail(e.Message);
        }
    }

    internal sealed class BakedTool
    {
        public Type Host;
        public bool OnTarget;
        public ToolSpec Spec;
        public Action<MonoBehaviour, Call> Run;
    }
}
