// The part of NUnit 3 that the tests use, for mono without NuGet. In Unity and under `dotnet test` NUnit itself is used.
using System;
using System.Collections;
using System.Collections.Generic;

namespace NUnit.Framework
{
    [AttributeUsage(AttributeTargets.Class)]
    public sealed class TestFixtureAttribute : Attribute
    {
    }

    [AttributeUsage(AttributeTargets.Method)]
    public sealed class TestAttribute : Attribute
    {
    }

    [AttributeUsage(AttributeTargets.Method)]
    public sealed class SetUpAttribute : Attribute
    {
    }

    [AttributeUsage(AttributeTargets.Method)]
    public sealed class TearDownAttribute : Attribute
    {
    }

    [AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
    public sealed class TestCaseAttribute : Attribute
    {
        public readonly object[] Arguments;

        public TestCaseAttribute(params object[] arguments)
        {
            Arguments = arguments ?? new object[] { null };
        }
    }

    [AttributeUsage(AttributeTargets.Method)]
    public sealed class TestCaseSourceAttribute : Attribute
    {
        public readonly string SourceName;

        public TestCaseSourceAttribute(string sourceName)
        {
            SourceName = sourceName;
        }
    }

    public class AssertionException : Exception
    {
        public AssertionException(string message) : base(message)
        {
        }
    }

    public class IgnoreException : Exception
    {
        public IgnoreException(string message) : base(message)
        {
        }
    }

    public delegate void TestDelegate();

    public static class Assert
    {
        public static void AreEqual(object expected, object actual, string message = "")
        {
            if (!Same(expected, actual)) Fail(message + " expected " + Show(expected) + ", was " + Show(actual));
        }

        public static void AreEqual(double expected, double actual, double delta, string message = "")
        {
            if (!(Math.Abs(expected - actual) <= delta)) Fail(message + " expected " + expected + ", was " + actual);
        }

        public static void AreNotEqual(object expected, object actual, string message = "")
        {
            if (Same(expected, actual)) Fail(message + " was " + Show(actual));
        }

        public static void AreSame(object expected, object actual, string message = "")
        {
            if (!ReferenceEquals(expected, actual)) Fail(message + " not the same object");
        }

        public static void IsTrue(bool condition, string message = "")
        {
            if (!condition) Fail(message + " expected true");
        }

        public static void IsFalse(bool condition, string message = "")
        {
            if (condition) Fail(message + " expected false");
        }

        public static void IsNull(object value, string message = "")
        {
            if (value != null) Fail(message + " expected null, was " + Show(value));
        }

        public static void IsNotNull(object value, string message = "")
        {
            if (value == null) Fail(message + " expected a value");
        }

        public static void Greater(double value, double than, string message = "")
        {
            if (!(value > than)) Fail(message + " expected more than " + than + ", was " + value);
        }

        public static void GreaterOrEqual(double value, double than, string message = "")
        {
            if (!(value >= than)) Fail(message + " expected at least " + than + ", was " + value);
        }

        public static void Less(double value, double than, string message = "")
        {
            if (!(value < than)) Fail(message + " expected less than " + than + ", was " + value);
        }

        public static void LessOrEqual(double value, double than, string message = "")
        {
            if (!(value <= than)) Fail(message + " expected at most " + than + ", was " + value);
        }

        public static T Throws<T>(TestDelegate act, string message = "") where T : Exception
        {
            try
            {
                act();
            }
            catch (T expected)
            {
                return expected;
            }
            Fail(message + " expected " + typeof(T).Name);
            return null;
        }

        public static void Fail(string message)
        {
            throw new AssertionException(message.Trim());
        }

        public static void Ignore(string message)
        {
            throw new IgnoreException(message);
        }

        internal static bool Same(object a, object b)
        {
            if (a == null || b == null) return a == null && b == null;
            if (IsNumber(a) && IsNumber(b)) return Convert.ToDouble(a) == Convert.ToDouble(b);
            var list = a as IList;
            var other = b as IList;
            if (list == null || other == null) return a.Equals(b);
            if (list.Count != other.Count) return false;
            for (var i = 0; i < list.Count; i++) if (!Same(list[i], other[i])) return false;
            return true;
        }

        internal static string Show(object value)
        {
            if (value == null) return "null";
            if (value is string) return "\"" + value + "\"";
            var list = value as IList;
            if (list == null) return value.ToString();
            var parts = new List<string>();
            foreach (var item in list) parts.Add(Show(item));
            return "[" + string.Join(", ", parts.ToArray()) + "]";
        }

        private static bool IsNumber(object value)
        {
            return value is int || value is long || value is double || value is float || value is short || value is byte;
        }
    }

    public static class StringAssert
    {
        public static void Contains(string part, string text, string message = "")
        {
            if (text == null || !text.Contains(part)) Assert.Fail(message + " \"" + part + "\" is not in \"" + text + "\"");
        }
    }

    public static class CollectionAssert
    {
        public static void AreEqual(IEnumerable expected, IEnumerable actual, string message = "")
        {
            Assert.AreEqual(List(expected), List(actual), message);
        }

        private static List<object> List(IEnumerable values)
        {
            var list = new List<object>();
            foreach (var value in values) list.Add(value);
            return list;
        }
    }
}
