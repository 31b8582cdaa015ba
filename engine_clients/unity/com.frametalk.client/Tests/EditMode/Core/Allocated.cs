using System;
using NUnit.Framework;

namespace Frametalk.Tests
{
    /// <summary>What this thread has allocated. Unity's reference assemblies lack the method, which its runtime may have.</summary>
    internal static class Allocated
    {
        private static readonly Func<long> Read = Find();

        public static long Bytes()
        {
            if (Read == null) Assert.Ignore("this runtime does not count allocations");
            return Read();
        }

        private static Func<long> Find()
        {
            var method = typeof(GC).GetMethod("GetAllocatedBytesForCurrentThread");
            return method == null ? null : (Func<long>)Delegate.CreateDelegate(typeof(Func<long>), method);
        }
    }
}
