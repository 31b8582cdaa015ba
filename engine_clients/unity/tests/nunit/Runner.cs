using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Reflection;
using System.Threading;
using NUnit.Framework;

/// <summary>
/// Runs the tests of this program: `PROGRAM [PART-OF-A-NAME...]`. Prints what fails, and at the end `N passed, N failed`.
/// </summary>
public static class Runner
{
    public static int Main(string[] filters)
    {
        Thread.CurrentThread.CurrentCulture = CultureInfo.InvariantCulture;
        var passed = 0;
        var failed = 0;
        foreach (var type in typeof(Runner).Assembly.GetTypes().OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            if (type.GetCustomAttribute<TestFixtureAttribute>() == null) continue;
            foreach (var method in type.GetMethods())
            {
                foreach (var arguments in Cases(type, method))
                {
                    var name = type.Name + "." + method.Name + Shown(arguments);
                    if (filters.Length > 0 && !filters.Any(filter => name.Contains(filter))) continue;
                    var failure = Run(type, method, arguments);
                    if (failure == null)
                    {
                        passed++;
                        continue;
                    }
                    if (failure is IgnoreException)
                    {
                        Console.WriteLine("skipped " + name + ": " + failure.Message);
                        continue;
                    }
                    failed++;
                    var known = failure is AssertionException;
                    Console.WriteLine("FAIL " + name + ": " + (known ? failure.Message + Place(failure) : failure.ToString()));
                }
            }
        }
        Console.WriteLine(passed + " passed, " + failed + " failed");
        return failed == 0 ? 0 : 1;
    }

    private static IEnumerable<object[]> Cases(Type type, MethodInfo method)
    {
        if (method.GetCustomAttribute<TestAttribute>() != null) return new[] { new object[0] };
        var source = method.GetCustomAttribute<TestCaseSourceAttribute>();
        if (source == null) return method.GetCustomAttributes<TestCaseAttribute>().Select(test => test.Arguments);
        var member = type.GetMethod(source.SourceName, BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic);
        return ((IEnumerable)member.Invoke(null, null)).Cast<object>().Select(test => test as object[] ?? new[] { test });
    }

    private static Exception Run(Type type, MethodInfo method, object[] arguments)
    {
        try
        {
            var fixture = Activator.CreateInstance(type);
            Call<SetUpAttribute>(fixture);
            try
            {
                method.Invoke(fixture, arguments);
            }
            finally
            {
                Call<TearDownAttribute>(fixture);
            }
            return null;
        }
        catch (TargetInvocationException error)
        {
            return error.InnerException;
        }
    }

    private static void Call<T>(object fixture) where T : Attribute
    {
        foreach (var method in fixture.GetType().GetMethods())
        {
            if (method.GetCustomAttribute<T>() != null) method.Invoke(fixture, null);
        }
    }

    private static string Shown(object[] arguments)
    {
        if (arguments.Length == 0) return "";
        return "(" + string.Join(", ", arguments.Select(value => value == null ? "null" : value.ToString())) + ")";
    }

    /// <summary>The line of the test, from the trace.</summary>
    private static string Place(Exception failure)
    {
        var line = (failure.StackTrace ?? "").Split('\n').FirstOrDefault(text => text.Contains("Tests.") && text.Contains(".cs:"));
        return line == null ? "" : " [" + line.Substring(line.LastIndexOf('/') + 1).Trim() + "]";
    }
}
