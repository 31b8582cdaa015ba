using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using Frametalk;
using Frametalk.Tests;

/// <summary>
/// Plays a scenario (engine_clients/parity) with the C# core in real time: `PLAYER URL SCENARIO SOUNDS TRANSCRIPT`. Prints CUT
/// where the connection is to be cut.
/// </summary>
internal sealed class Player
{
    private const int FrameMs = 11; // a headset's frames
    private const int StepWithinMs = 60000;
    private const int SettleMs = 300;

    private readonly Session session;
    private readonly Device device;
    private readonly TranscriptLog log;
    private readonly string sounds;
    private readonly List<string> problems = new List<string>();
    private bool idle = true;

    public static int Main(string[] args)
    {
        var scenario = new Args((Dictionary<string, object>)Json.Parse(File.ReadAllText(args[1])));
        var world = Path.Combine(Path.GetDirectoryName(args[1]), scenario.Text("world"));
        var player = new Player(args[0], args[2], (Dictionary<string, object>)Json.Parse(File.ReadAllText(world)));
        var failure = player.Play(scenario.List("steps"));
        File.WriteAllText(args[3], player.log.Written(failure));
        Console.WriteLine(failure == "" ? "ok " + args[3] : "FAIL " + failure);
        return failure == "" ? 0 : 1;
    }

    private Player(string url, string soundFolder, Dictionary<string, object> world)
    {
        sounds = soundFolder;
        session = new Session(new SessionOptions
        {
            Url = url, Echo = EchoPolicy.None, OutputRateHz = Device.OutHz, ClientName = "parity", ClientVersion = "1",
        });
        device = new Device(session);
        log = new TranscriptLog(session);
        new TavernWorld(session, world);
        session.OnError += error => problems.Add(error.ToString());
        session.OnTurn += turn => idle = turn.State == TurnPhase.Idle;
        session.OnReply += CheckPlayed;
    }

    /// <summary>Every sample of a reply that is reported as played must have left the device, and no other.</summary>
    private void CheckPlayed(ReplyEvent happened)
    {
        if (happened.Phase == ReplyPhase.Begin) device.Audible = 0;
        if (happened.Phase != ReplyPhase.Ended || Environment.GetEnvironmentVariable("PLAYED") == null) return;
        Console.WriteLine("played " + happened.Reply + " " + happened.How + " " + happened.Sample + " audible " + device.Audible);
    }

    private string Play(IReadOnlyList<object> steps)
    {
        try
        {
            var joining = session.ConnectAsync();
            device.Start();
            session.Mic.Start(MicMode.Open, Device.MicHz);
            Until(() => joining.IsCompleted, "joining");
            if (joining.IsFaulted) return joining.Exception.InnerException.Message;
            var expected = 0;
            for (var i = 0; i < steps.Count; i++)
            {
                var step = new Args((Dictionary<string, object>)steps[i]);
                expected += (int)step.Whole("replies", 1);
                Begin(step);
                if (step["at_word"] != null) AtWord(step);
                var replies = expected;
                Until(() => log.Ended >= replies && idle && log.Answered == log.Called, "step " + (i + 1));
                Rest(SettleMs);
            }
            session.Close("played");
            device.Stop();
            return string.Join("; ", problems.ToArray());
        }
        catch (TimeoutException late)
        {
            return late.Message + "; " + string.Join("; ", problems.ToArray());
        }
    }

    private void Begin(Args step)
    {
        if (step["event"] != null) session.Scene.Event(step.Text("event"));
        if (step["say"] != null) session.Say(step.Text("say"));
        if (step["speak"] != null) device.Speak(Recording(step.Text("speak")));
        if (step["press"] != null) Press(step.Text("press"));
    }

    private void AtWord(Args step)
    {
        var before = log.NewestReply;
        var word = step.Whole("at_word");
        Until(() => log.NewestReply > before && log.WordsOfNewest >= word, "word " + word);
        var then = step.Map("then");
        if (then["interrupt"] != null) session.Interrupt();
        if (then["speak"] != null) device.Speak(Recording(then.Text("speak")));
        if (then["cut"] != null) Console.WriteLine("CUT");
    }

    /// <summary>Push-to-talk: the button is held while the words are said.</summary>
    private void Press(string text)
    {
        session.Mic.Start(MicMode.Ptt, Device.MicHz);
        session.Mic.Press();
        device.Speak(Recording(text));
        Until(() => !device.Talking, "speaking");
        session.Mic.Release();
        Rest(400);
        session.Mic.Start(MicMode.Open, Device.MicHz);
    }

    private float[] Recording(string text)
    {
        var bytes = File.ReadAllBytes(Path.Combine(sounds, text.Replace(' ', '_') + ".wav"));
        var samples = new float[(bytes.Length - 44) / 2];
        for (var i = 0; i < samples.Length; i++) samples[i] = (short)(bytes[44 + 2 * i] | bytes[45 + 2 * i] << 8) / 32768f;
        return samples;
    }

    private void Until(Func<bool> reached, string what)
    {
        var deadline = session.NowUs + StepWithinMs * 1000L;
        while (!reached())
        {
            if (session.NowUs > deadline) throw new TimeoutException(what + " did not end");
            if (session.State == ConnectionState.Closed) throw new TimeoutException(what + ": the session was closed");
            Frame();
        }
    }

    private void Rest(int ms)
    {
        var until = session.NowUs + ms * 1000L;
        while (session.NowUs < until) Frame();
    }

    private void Frame()
    {
        session.Update();
        Thread.Sleep(FrameMs);
    }
}
