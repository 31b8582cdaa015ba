using System.Threading;

namespace Frametalk
{
    /// <summary>
    /// A bounded queue of values from one thread to another, without locks and without garbage. When it is full,
    /// <see cref="TryPush"/> refuses.
    /// </summary>
    internal sealed class SpscRing<T> where T : struct
    {
        private readonly T[] items;
        private readonly int mask;
        private int head; // the consumer's
        private int tail; // the producer's

        /// <summary>`capacity`: a power of two.</summary>
        public SpscRing(int capacity)
        {
            items = new T[capacity];
            mask = capacity - 1;
        }

        public bool TryPush(ref T item)
        {
            var at = tail;
            if (at - Volatile.Read(ref head) > mask) return false;
            items[at & mask] = item;
            Volatile.Write(ref tail, at + 1);
            return true;
        }

        public bool TryPop(out T item)
        {
            var at = head;
            if (at == Volatile.Read(ref tail))
            {
                item = default(T);
                return false;
            }
            item = items[at & mask];
            items[at & mask] = default(T);
            Volatile.Write(ref head, at + 1);
            return true;
        }

        public bool TryPeek(out T item)
        {
            var at = head;
            var there = at != Volatile.Read(ref tail);
            item = there ? items[at & mask] : default(T);
            return there;
        }
    }
}
