using System;

namespace Frametalk
{
    internal sealed class Capture
    {
        public Capture(Hub hub, Playout playout) { }
        public bool Open { get { return false; } }
        public float LevelDb { get { return -96; } }
        public bool Muted { get; set; }
        public IEchoCanceller EchoCanceller { get; set; }
        public void Device(int rateHz) { }
        public void Push(float[] samples, int offset, int count, long capturedAtUs) { }
    }
}
