using System;
using System.Collections.Generic;
using System.Threading;
using Frametalk;

/// <summary>
/// A loudspeaker and a microphone in real time: 10 ms blocks on a thread of their own, as a sound card asks for them.
/// </summary>
internal sealed class Device
{
    public const int OutHz = 22050; // the voice's own rate, so that each sample played is one of the reply
    public const int MicHz = 16000;
    private const int BlockMs = 10;

    private readonly Session session;
    private readonly OutputClock clock = new OutputClock(OutHz);
    private readonly float[] block = new float[OutHz * BlockMs / 1000];
    private readonly float[] piece = new float[MicHz * BlockMs / 1000];
    private readonly Queue<float[]> speech = new Queue<float[]>();
    private readonly object gate = new object();
    private float[] speaking;
    private int spoken;
    private volatile bool stopping;
    private volatile bool talking;

    /// <summary>Samples that were not silent since it was set to 0.</summary>
    public long Audible;

    public Device(Session session)
    {
        this.session = session;
    }

    /// <summary>Whether the player speaks.</summary>
    public bool Talking
    {
        get { return talking; }
    }

    public void Start()
    {
        new Thread(Run) { IsBackground = true, Name = "device", Priority = ThreadPriority.Highest }.Start();
    }

    public void Stop()
    {
        stopping = true;
    }

    /// <summary>Say a recording of 16 kHz.</summary>
    public void Speak(float[] recording)
    {
        lock (gate) speech.Enqueue(recording);
        talking = true;
    }

    private void Run()
    {
        var nextUs = session.NowUs;
        while (!stopping)
        {
            var waitUs = nextUs - session.NowUs;
            if (waitUs > 0)
            {
                Thread.Sleep((int)Math.Max(1, waitUs / 1000));
                continue;
            }
            nextUs += BlockMs * 1000;
            session.Voice.Read(block, block.Length, clock.Block(block.Length, session.NowUs));
            foreach (var sample in block) if (sample != 0) Audible++;
            Listen();
            session.Mic.Push(piece, 0, piece.Length, session.NowUs);
        }
    }

    private void Listen()
    {
        Array.Clear(piece, 0, piece.Length);
        if (speaking == null || spoken >= speaking.Length)
        {
            lock (gate) speaking = speech.Count > 0 ? speech.Dequeue() : null;
            spoken = 0;
            talking = speaking != null;
            if (speaking == null) return;
        }
        var count = Math.Min(piece.Length, speaking.Length - spoken);
        Array.Copy(speaking, spoken, piece, 0, count);
        spoken += count;
    }
}
