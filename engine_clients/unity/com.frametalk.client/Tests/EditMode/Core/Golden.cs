using System;
using System.Collections.Generic;
using System.IO;
using NUnit.Framework;

namespace Frametalk.Tests
{
    /// <summary>The golden files of protocols/; a package without the repository around it has none.</summary>
    internal static class Golden
    {
        public static object Json(string name)
        {
            return Tests.Json.Parse(File.ReadAllText(PathOf(name)));
        }

        public static byte[] Bytes(string name)
        {
            return File.ReadAllBytes(PathOf(name));
        }

        /// <summary>Names of the messages in `full` or `least`.</summary>
        public static List<string> Messages(string folder)
        {
            var names = new List<string>();
            if (Folder() == null) return names;
            foreach (var path in Directory.GetFiles(PathOf(folder), "*.json")) names.Add(Path.GetFileNameWithoutExtension(path));
            names.Sort(StringComparer.Ordinal);
            return names;
        }

        public static byte[] Hex(string hex)
        {
            var bytes = new byte[hex.Length / 2];
            for (var i = 0; i < bytes.Length; i++) bytes[i] = Convert.ToByte(hex.Substring(2 * i, 2), 16);
            return bytes;
        }

        public static string Hex(byte[] bytes, int count)
        {
            return BitConverter.ToString(bytes, 0, count).Replace("-", "").ToLowerInvariant();
        }

        /// <summary>Whether there are golden files; else the test's source has no cases.</summary>
        public static string Folder()
        {
            var given = Environment.GetEnvironmentVariable("FRAMETALK_PROTOCOLS");
            if (!string.IsNullOrEmpty(given)) return Path.Combine(given, "golden");
            for (var folder = Directory.GetCurrentDirectory(); folder != null; folder = Path.GetDirectoryName(folder))
            {
                var found = Path.Combine(Path.Combine(folder, "protocols"), "golden");
                if (Directory.Exists(found)) return found;
            }
            return null;
        }

        private static string PathOf(string name)
        {
            var folder = Folder();
            if (folder == null) Assert.Ignore("no golden files here: set FRAMETALK_PROTOCOLS");
            return Path.Combine(folder, name);
        }
    }
}
