using System;
using System.Collections.Generic;
using System.IO;
using System.Reflection;
using UnityEditor;
using UnityEditor.Callbacks;
using UnityEditor.Compilation;
using UnityEngine;

namespace Frametalk.Unity.Editor
{
    /// <summary>Finds the tools of all assemblies and bakes them: one file beside each assembly's definition.</summary>
    public static class BakeToolsMenu
    {
        private const string DefaultFolder = "Assets";
        private const string FileName = ToolBaker.FileName;

        /// <summary>Bakes the tools of all assemblies. It is done by itself after scripts were compiled.</summary>
        [MenuItem("Frametalk/Bake Tools")]
        [DidReloadScripts]
        public static void Bake()
        {
            var problems = new List<string>();
            var written = 0;
            foreach (var file in Sources(problems))
            {
                if (File.Exists(file.Key) && File.ReadAllText(file.Key) == file.Value) continue;
                File.WriteAllText(file.Key, file.Value);
                written++;
            }

            foreach (var problem in problems) Debug.LogError("frametalk: " + problem);
            if (written == 0) return;
            Debug.Log("frametalk: " + written + " files of baked tools were written");
            AssetDatabase.Refresh();
        }

        /// <summary>
        /// Deletes all baked files: what to do when one does not compile, because a tool's method was renamed or removed.
        /// When the scripts compile again, they are baked again.
        /// </summary>
        [MenuItem("Frametalk/Clear Baked Tools")]
        public static void Clear()
        {
            foreach (var file in Directory.GetFiles(DefaultFolder, FileName, SearchOption.AllDirectories)) File.Delete(file);
            AssetDatabase.Refresh();
        }

        /// <summary>Whether a file is missing or differs from the tools in code.</summary>
        public static bool Stale()
        {
            foreach (var file in Sources(new List<string>()))
            {
                if (!File.Exists(file.Key) || File.ReadAllText(file.Key) != file.Value) return true;
            }

            return false;
        }

        private static Dictionary<string, string> Sources(ICollection<string> problems)
        {
            var methods = new Dictionary<Assembly, List<MethodInfo>>();
            foreach (var method in TypeCache.GetMethodsWithAttribute<FrametalkToolAttribute>())
            {
                List<MethodInfo> of;
                var assembly = method.DeclaringType.Assembly;
                if (!methods.TryGetValue(assembly, out of)) methods[assembly] = of = new List<MethodInfo>();
                of.Add(method);
            }

            var files = new Dictionary<string, string>();
            foreach (var assembly in methods)
            {
                var path = PathOf(assembly.Key);
                if (path != null) files[path] = ToolBaker.Source(assembly.Value, problems);
            }

            return files;
        }

        /// <summary>
        /// Beside the assembly's definition; for code without one in the folder Assets. Null: the assembly is a package's,
        /// which brings its own baked tools.
        /// </summary>
        private static string PathOf(Assembly assembly)
        {
            var definition = CompilationPipeline.GetAssemblyDefinitionFilePathFromAssemblyName(assembly.GetName().Name);
            if (string.IsNullOrEmpty(definition)) return DefaultFolder + "/" + FileName;
            if (!definition.StartsWith(DefaultFolder + "/", StringComparison.Ordinal)) return null;
            return Path.GetDirectoryName(definition) + "/" + FileName;
        }
    }
}
