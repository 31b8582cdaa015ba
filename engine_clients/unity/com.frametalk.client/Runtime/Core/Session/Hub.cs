using System;
using System.Collections.Generic;
namespace Frametalk
{
    internal struct Outbound { public IFrametalkSocket Socket; public PooledBytes Bytes; }
    internal sealed class PooledBytes { public byte[] Data = new byte[1]; public int Count = 0; }
    internal static class Wire { public const int MaxMessageBytes = 61440; }
    internal static class Free { public static bool TryNumber(object v, out double n) { n = 0; if (v is double) { n = (double)v; return true; } if (v is long) { n = (long)v; return true; } if (v is int) { n = (int)v; return true; } if (v is float) { n = (float)v; return true; } return false; } }
    internal sealed class Hub
    {
        public readonly object Gate = new object();
        public Action Wake;
        private readonly Func<long> clock;
        public Hub(Func<long> clock, Playout playout, EventQueue events, SessionOptions options) { this.clock = clock; }
        public long NowUs() { return clock(); }
        public void Connect(Uri url, IReadOnlyList<ToolSpec> tools) { }
        public void Recycle(MarkBatch b) { }
        public void Say(string t) { }
        public void Interrupt() { }
        public void Floor(FloorMode m, double? u) { }
        public void Hint(long t, TurnHint h) { }
        public void Pause(bool p, double? m) { }
        public void Retry() { }
        public void Disconnect(string r) { }
        public void SetMic(MicMode? m, int r) { }
        public void Press(bool d) { }
        public void Focus(string e) { }
        public void SceneEvent(string n, string e, string t, Dictionary<string, object> d) { }
        public void SceneSnapshot(long r, IReadOnlyList<Entity> e) { }
        public void ScenePut(long f, long r, IReadOnlyList<Entity> e) { }
        public void ScenePatch(long f, long r, ScenePending p, Dictionary<string, Entity> t) { }
        public bool Answer(Call c) { return true; }
        public void CopyStats(Stats s) { }
        public void Step() { }
        public int WaitMs(int most) { return most; }
        public bool TryNext(out Outbound o) { o = default(Outbound); return false; }
        public void Sent(ref Outbound o) { }
        public void CloseSocket() { }
    }
}
