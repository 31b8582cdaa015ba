// The part of UnityEditor that the package's windows and inspectors use.
using System;
using System.Collections;
using System.Collections.Generic;
using System.Reflection;
using UnityEngine;
using Object = UnityEngine.Object;

namespace UnityEditor
{
    [AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
    public sealed class MenuItem : Attribute
    {
        public MenuItem(string itemName)
        {
        }

        public MenuItem(string itemName, bool isValidateFunction, int priority)
        {
        }
    }

    [AttributeUsage(AttributeTargets.Class)]
    public sealed class CustomEditor : Attribute
    {
        public CustomEditor(Type inspectedType)
        {
        }

        public CustomEditor(Type inspectedType, bool editorForChildClasses)
        {
        }
    }

    [AttributeUsage(AttributeTargets.Class)]
    public class InitializeOnLoadAttribute : Attribute
    {
    }

    public class Editor : ScriptableObject
    {
        public Object target { get; set; }

        public virtual void OnInspectorGUI()
        {
        }

        public virtual bool RequiresConstantRepaint()
        {
            return false;
        }

        public bool DrawDefaultInspector()
        {
            return false;
        }
    }

    public class EditorWindow : ScriptableObject
    {
        public GUIContent titleContent { get; set; }

        public static T GetWindow<T>(string title) where T : EditorWindow
        {
            var window = CreateInstance<T>();
            window.titleContent = new GUIContent(title);
            return window;
        }

        public void Repaint()
        {
        }
    }

    public enum MessageType
    {
        None,
        Info,
        Warning,
        Error,
    }

    public sealed class EditorGUILayout
    {
        public static void LabelField(string label, params GUILayoutOption[] options)
        {
            UnityEngine.Stub.Engine.Drawn.Add(label);
        }

        public static void LabelField(string label, string label2, params GUILayoutOption[] options)
        {
            UnityEngine.Stub.Engine.Drawn.Add(label + ": " + label2);
        }

        public static void HelpBox(string message, MessageType type)
        {
            UnityEngine.Stub.Engine.Drawn.Add(message);
        }

        public static void Space()
        {
        }

        public static string TextField(string label, string text, params GUILayoutOption[] options)
        {
            return text;
        }
    }

    public sealed class SerializedObject : IDisposable
    {
        private readonly Object _of;

        public SerializedObject(Object obj)
        {
            _of = obj;
        }

        public void Update()
        {
        }

        public SerializedProperty FindProperty(string propertyPath)
        {
            return StubEditor.Property(_of, propertyPath);
        }

        public bool ApplyModifiedProperties()
        {
            return true;
        }

        public void Dispose()
        {
        }
    }

    public class SerializedProperty
    {
        public int intValue { get; set; }
    }

    public sealed class AssetDatabase
    {
        public static void CreateAsset(Object asset, string path)
        {
            StubEditor.Assets[path] = asset;
        }

        public static void SaveAssets()
        {
        }

        public static void Refresh()
        {
        }

        public static bool IsValidFolder(string path)
        {
            return StubEditor.Folders.Contains(path);
        }

        public static string CreateFolder(string parentFolder, string newFolderName)
        {
            StubEditor.Folders.Add(parentFolder + "/" + newFolderName);
            return "guid";
        }

        public static Object[] LoadAllAssetsAtPath(string assetPath)
        {
            Object found;
            return StubEditor.Assets.TryGetValue(assetPath, out found) ? new[] { found } : new Object[0];
        }
    }

    public sealed class EditorUtility
    {
        public static string SaveFilePanel(string title, string directory, string defaultName, string extension)
        {
            return StubEditor.SavePath;
        }

        public static void SetDirty(Object target)
        {
        }
    }

    public sealed class Undo
    {
        public static void RegisterCreatedObjectUndo(Object objectToUndo, string name)
        {
        }
    }

    public sealed class Selection
    {
        public static GameObject activeGameObject { get; set; }
    }

    public enum PlayModeStateChange
    {
        EnteredEditMode,
        ExitingEditMode,
        EnteredPlayMode,
        ExitingPlayMode,
    }

    public class EditorApplication
    {
        public static event Action<PlayModeStateChange> playModeStateChanged;

        public static bool isPlaying
        {
            get { return UnityEngine.Stub.Engine.Playing; }
            set { UnityEngine.Stub.Engine.Playing = value; }
        }

        internal static void Change(PlayModeStateChange change)
        {
            if (playModeStateChanged != null)
            {
                playModeStateChanged(change);
            }
        }
    }

    public static class AssemblyReloadEvents
    {
        public delegate void AssemblyReloadCallback();

        public static event AssemblyReloadCallback beforeAssemblyReload;

        internal static void Reload()
        {
            if (beforeAssemblyReload != null)
            {
                beforeAssemblyReload();
            }
        }
    }

    public sealed class PlayerSettings
    {
        public static bool runInBackground { get; set; }

        public sealed class iOS
        {
            public static string microphoneUsageDescription { get; set; }
        }

    }

    public static class TypeCache
    {
        public static MethodCollection GetMethodsWithAttribute<T>() where T : Attribute
        {
            return new MethodCollection(StubEditor.MethodsWith(typeof(T)));
        }

        public struct MethodCollection : IEnumerable<MethodInfo>
        {
            private readonly List<MethodInfo> _methods;

            internal MethodCollection(List<MethodInfo> methods)
            {
                _methods = methods;
            }

            public int Count
            {
                get { return _methods.Count; }
            }

            IEnumerator<MethodInfo> IEnumerable<MethodInfo>.GetEnumerator()
            {
                return _methods.GetEnumerator();
            }

            IEnumerator IEnumerable.GetEnumerator()
            {
                return _methods.GetEnumerator();
            }
        }
    }

    /// <summary>What a test sets up of the editor.</summary>
    public static class StubEditor
    {
        public static readonly Dictionary<string, Object> Assets = new Dictionary<string, Object>();
        public static readonly HashSet<string> Folders = new HashSet<string> { "Assets" };
        public static readonly List<Assembly> Assemblies = new List<Assembly>();
        private static readonly Dictionary<string, SerializedProperty> Properties = new Dictionary<string, SerializedProperty>();

        public static string SavePath { get; set; }

        public static SerializedProperty Property(Object of, string path)
        {
            SerializedProperty property;
            var key = (of == null ? 0 : of.GetInstanceID()) + "/" + path;
            if (!Properties.TryGetValue(key, out property))
            {
                Properties[key] = property = new SerializedProperty();
            }

            return property;
        }

        public static void Reload()
        {
            AssemblyReloadEvents.Reload();
        }

        public static void Change(PlayModeStateChange change)
        {
            EditorApplication.Change(change);
        }

        internal static List<MethodInfo> MethodsWith(Type attribute)
        {
            var found = new List<MethodInfo>();
            foreach (var assembly in Assemblies)
            {
                foreach (var type in assembly.GetTypes())
                {
                    foreach (var method in type.GetMethods(BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
                    {
                        if (method.IsDefined(attribute, true))
                        {
                            found.Add(method);
                        }
                    }
                }
            }

            return found;
        }
    }
}

namespace UnityEditor.Compilation
{
    public static class CompilationPipeline
    {
        public static string GetAssemblyDefinitionFilePathFromAssemblyName(string assemblyName)
        {
            return null;
        }
    }
}

namespace UnityEditor.Callbacks
{
    [AttributeUsage(AttributeTargets.Method)]
    public sealed class DidReloadScripts : Attribute
    {
    }
}
