using System;
using System.Collections.Generic;
using System.Reflection;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using UnityEngine;

namespace Frametalk.Unity.Editor
{
    /// <summary>
    /// Writes C# that declares and calls the methods with <see cref="FrametalkToolAttribute"/>. Reflection happens here, in
    /// the editor; the game only runs what is written, so it needs no reflection under IL2CPP and survives stripping.
    /// </summary>
    public static class ToolBaker
    {
        /// <summary>The name of the file with the baked tools of an assembly.</summary>
        public const string FileName = "FrametalkBakedTools.g.cs";

        /// <summary>
        /// The source for the methods of one assembly. `problems` gets a sentence for each method that cannot be a tool;
        /// it is left out.
        /// </summary>
        public static string Source(IEnumerable<MethodInfo> methods, ICollection<string> problems)
        {
            var sorted = new List<MethodInfo>(methods);
            sorted.Sort((a, b) => string.CompareOrdinal(Key(a), Key(b)));
            var text = new StringBuilder();
            text.Append("// Written by Frametalk > Bake Tools. Do not edit; bake again after a change of a tool.\n");
            text.Append("using Frametalk;\nusing Frametalk.Unity;\nusing UnityEngine;\n\n");
            text.Append("internal static class FrametalkBakedTools\n{\n");
            text.Append("    [RuntimeInitializeOnLoadMethod(RuntimeInitializeLoadType.BeforeSceneLoad)]\n");
            text.Append("    internal static void Register()\n    {\n");
            foreach (var method in sorted)
            {
                var problem = Problem(method);
                if (problem == null) Write(text, method);
                else problems.Add(method.DeclaringType.FullName + "." + method.Name + ": " + problem);
            }

            return text.Append("    }\n}\n").ToString();
        }

        /// <summary>Why a method cannot be a tool; null: it can.</summary>
        public static string Problem(MethodInfo method)
        {
            if (method.IsStatic) return "a tool is not static; put it on a component";
            if (method.IsPrivate || method.IsFamily) return "make the method public or internal, so that baked code can call it";
            for (var type = method.DeclaringType; type != null; type = type.DeclaringType)
            {
                if (type.IsNestedPrivate || type.IsNestedFamily) return "make the class public or internal, so that baked code can call it";
            }

            if (!typeof(MonoBehaviour).IsAssignableFrom(method.DeclaringType)) return "a tool belongs to a MonoBehaviour";
            if (method.DeclaringType.ContainsGenericParameters || method.ContainsGenericParameters) return "a tool is not generic";
            foreach (var parameter in method.GetParameters())
            {
                if (Argument(parameter) == null)
                {
                    return "the parameter " + parameter.Name + " is a " + parameter.ParameterType.Name
                        + "; use text, bool, a number, an enum or FrametalkSceneObject";
                }
            }

            return null;
        }

        private static string Key(MethodInfo method)
        {
            return Attribute(method).Name + " " + method.DeclaringType.FullName;
        }

        private static FrametalkToolAttribute Attribute(MethodInfo method)
        {
            return (FrametalkToolAttribute)System.Attribute.GetCustomAttribute(method, typeof(FrametalkToolAttribute));
        }

        private static void Write(StringBuilder text, MethodInfo method)
        {
            var tool = Attribute(method);
            var host = TypeName(method.DeclaringType);
            text.Append("        FrametalkToolRegistry.Add(\n            typeof(").Append(host).Append("),\n            ");
            text.Append(tool.OnTarget ? "true" : "false").Append(",\n            () => new ToolSpec(");
            text.Append(Quote(tool.Name)).Append(", ").Append(Quote(tool.Description));
            foreach (var verb in tool.Verbs) text.Append(", ").Append(Quote(verb));
            text.Append(")\n            {\n                ChangesWorld = ").Append(tool.ChangesWorld ? "true" : "false");
            text.Append(",\n                DeadlineMs = ").Append(tool.DeadlineMs);
            text.Append(",\n                Scope = ").Append(Quote(tool.Scope)).Append(",\n            }");
            if (tool.OnTarget) text.Append("\n            .Entity(\"target\")");
            foreach (var parameter in method.GetParameters()) text.Append(Schema(parameter));
            text.Append(",\n            (host, call) =>").Append(Run(method, host)).Append(");\n");
        }

        private static string Run(MethodInfo method, string host)
        {
            var arguments = new List<string>();
            foreach (var parameter in method.GetParameters()) arguments.Add(Argument(parameter));
            var called = "((" + host + ")host)." + method.Name + "(" + string.Join(", ", arguments.ToArray()) + ")";
            if (method.ReturnType == typeof(void)) return "\n            {\n                " + called + ";\n                call.Done();\n            }";
            if (typeof(Task).IsAssignableFrom(method.ReturnType)) return " FrametalkToolRegistry.Answer(call, " + called + ")";
            return " call.Done(" + called + ")";
        }

        private static string Schema(ParameterInfo parameter)
        {
            var type = parameter.ParameterType;
            if (type == typeof(Call) || type == typeof(CancellationToken)) return "";
            var begin = "\n            ";
            var name = Quote(parameter.Name);
            if (type == typeof(FrametalkSceneObject)) return begin + ".Entity(" + name + ")";
            if (type.IsEnum)
            {
                var names = new List<string>();
                foreach (var value in Enum.GetNames(type)) names.Add(Quote(value.ToLowerInvariant()));
                return begin + ".Parameter(" + name + ", FrametalkToolRegistry.OneOf(" + string.Join(", ", names.ToArray()) + "))";
            }

            var json = type == typeof(string) ? "string" : type == typeof(bool) ? "boolean"
                : type == typeof(int) || type == typeof(long) ? "integer" : "number";
            return begin + ".Parameter(" + name + ", \"" + json + "\", " + (parameter.IsOptional ? "false" : "true") + ")";
        }

        /// <summary>The expression that gives a parameter its value; null: its type is not supported.</summary>
        private static string Argument(ParameterInfo parameter)
        {
            var type = parameter.ParameterType;
            var name = Quote(parameter.Name);
            if (type == typeof(Call)) return "call";
            if (type == typeof(CancellationToken)) return "call.Cancellation";
            if (type == typeof(FrametalkSceneObject)) return "FrametalkToolRegistry.Object(call, " + name + ")";
            if (type == typeof(string)) return "call.Args.Text(" + name + ")";
            if (type == typeof(bool)) return "call.Args.Flag(" + name + ")";
            if (type == typeof(double)) return "call.Args.Number(" + name + ")";
            if (type == typeof(float)) return "(float)call.Args.Number(" + name + ")";
            if (type == typeof(long)) return "call.Args.Whole(" + name + ")";
            if (type == typeof(int)) return "(int)call.Args.Whole(" + name + ")";
            if (type.IsEnum) return EnumArgument(type, name);
            return null;
        }

        private static string EnumArgument(Type type, string name)
        {
            var text = new StringBuilder();
            var names = Enum.GetNames(type);
            for (var i = 0; i + 1 < names.Length; i++)
            {
                text.Append("call.Args.Text(").Append(name).Append(") == ").Append(Quote(names[i].ToLowerInvariant()));
                text.Append(" ? ").Append(TypeName(type)).Append('.').Append(names[i]).Append(" : ");
            }

            return text.Append(TypeName(type)).Append('.').Append(names[names.Length - 1]).ToString();
        }

        private static string TypeName(Type type)
        {
            return "global::" + type.FullName.Replace('+', '.');
        }

        private static string Quote(string text)
        {
            return "\"" + text.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n") + "\"";
        }
    }
}
