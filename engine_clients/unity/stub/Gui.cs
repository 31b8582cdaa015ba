// UnityEngine's immediate-mode interface, which draws nothing here.
using System;

namespace UnityEngine
{
    public class GUIContent
    {
        public GUIContent()
        {
        }

        public GUIContent(string text)
        {
            this.text = text;
        }

        public GUIContent(string text, string tooltip)
        {
            this.text = text;
            this.tooltip = tooltip;
        }

        public string text { get; set; }

        public string tooltip { get; set; }
    }

    public sealed class GUIStyle
    {
        public GUIStyle()
        {
        }

        public GUIStyle(GUIStyle other)
        {
        }

        public int fontSize { get; set; }

        public bool wordWrap { get; set; }
    }

    public class GUISkin : ScriptableObject
    {
        public GUISkin()
        {
            label = new GUIStyle();
            box = new GUIStyle();
        }

        public GUIStyle label { get; set; }

        public GUIStyle box { get; set; }
    }

    public class GUI
    {
        private static GUISkin _skin;

        public static bool enabled { get; set; }

        public static GUISkin skin
        {
            get { return _skin ?? (_skin = new GUISkin()); }
            set { _skin = value; }
        }

        public static void Label(Rect position, GUIContent content, GUIStyle style)
        {
            Stub.Engine.Drawn.Add(content.text);
        }

        public static void Label(Rect position, string text)
        {
            Stub.Engine.Drawn.Add(text);
        }

        public static void Box(Rect position, GUIContent content)
        {
        }

        public static bool Button(Rect position, string text)
        {
            return false;
        }

        public static string TextField(Rect position, string text)
        {
            return text;
        }
    }

    public class GUILayoutOption
    {
    }

    public class GUILayout
    {
        public static void Label(string text, params GUILayoutOption[] options)
        {
            Stub.Engine.Drawn.Add(text);
        }

        public static bool Button(string text, params GUILayoutOption[] options)
        {
            return Stub.Engine.Press(text);
        }

        public static string TextField(string text, params GUILayoutOption[] options)
        {
            return text;
        }

        public static Vector2 BeginScrollView(Vector2 scrollPosition, params GUILayoutOption[] options)
        {
            return scrollPosition;
        }

        public static void EndScrollView()
        {
        }

        public static void Space(float pixels)
        {
        }

        public static GUILayoutOption Width(float width)
        {
            return null;
        }
    }

    public enum EventType
    {
        MouseDown = 0,
        Repaint = 7,
        Layout = 8,
    }

    public sealed class Event
    {
        public static Event current
        {
            get { return new Event(); }
        }

        public EventType type
        {
            get { return EventType.Repaint; }
        }
    }
}
