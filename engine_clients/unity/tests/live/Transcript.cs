using System.Collections.Generic;
using System.Globalization;
using System.Text;
using Frametalk;

/// <summary>What happened in a session, as every client writes it down: see engine_clients/parity/README.md.</summary>
internal sealed class TranscriptLog
{
    private sealed class Reply
    {
        public long Id;
        public long Turn;
        public string How = "";
        public long Sample;
        public readonly List<string> Captions = new List<string>();
        public readonly List<string> Words = new List<string>();
        public readonly List<string> Gestures = new List<string>();
    }

    private readonly SortedDictionary<long, string> turns = new SortedDictionary<long, string>();
    private readonly List<Reply> replies = new List<Reply>();
    private readonly SortedDictionary<long, string> tools = new SortedDictionary<long, string>();
    private readonly List<string> order = new List<string>();

    public int Ended { get; private set; }

    public int Called { get; private set; }

    public int Answered { get; private set; }

    public TranscriptLog(Session session)
    {
        session.OnTranscript += transcript =>
        {
            if (transcript.Final) turns[transcript.Turn] = transcript.Text;
        };
        session.OnReply += Replied;
        session.OnCaption += caption => Find(caption.Reply).Captions.Add(caption.Text);
        session.OnMark += Marked;
        session.OnTool += Tooled;
    }

    /// <summary>How many words of the newest reply were heard.</summary>
    public int WordsOfNewest
    {
        get { return replies.Count == 0 ? 0 : replies[replies.Count - 1].Words.Count; }
    }

    public long NewestReply
    {
        get { return replies.Count == 0 ? 0 : replies[replies.Count - 1].Id; }
    }

    private Reply Find(long id)
    {
        foreach (var reply in replies) if (reply.Id == id) return reply;
        return new Reply();
    }

    private void Replied(ReplyEvent happened)
    {
        if (happened.Phase == ReplyPhase.Begin) replies.Add(new Reply { Id = happened.Reply, Turn = happened.Turn });
        var label = happened.Phase.ToString().ToLowerInvariant();
        order.Add("reply " + happened.Reply + " " + label);
        if (happened.Phase != ReplyPhase.Ended) return;
        Ended++;
        var reply = Find(happened.Reply);
        reply.How = happened.How.ToString().ToLowerInvariant();
        reply.Sample = happened.Sample;
    }

    private void Marked(MarkEvent happened)
    {
        var reply = Find(happened.Reply);
        if (happened.Mark.Kind == MarkKind.Word) reply.Words.Add(happened.Mark.Name);
        else reply.Gestures.Add(happened.Mark.Kind.ToString().ToLowerInvariant() + " " + happened.Mark.Name);
    }

    private void Tooled(ToolEvent happened)
    {
        if (happened.State == ToolState.Called)
        {
            Called++;
            return;
        }
        Answered++;
        var state = happened.State.ToString().ToLowerInvariant();
        order.Add("call " + happened.Call + " " + state);
        var text = new StringBuilder("{\"call\": " + happened.Call + ", \"name\": " + Quoted(happened.Name) + ", \"args\": ");
        Write(text, happened.Args.Values);
        text.Append(", \"state\": " + Quoted(state) + ", \"reason\": " + Quoted(happened.Reason) + ", \"value\": ");
        Write(text, happened.Value);
        tools[happened.Call] = text.Append("}").ToString();
    }

    /// <summary>As JSON.</summary>
    public string Written(string failure)
    {
        var text = new StringBuilder("{\"client\": \"csharp\", \"failure\": " + Quoted(failure) + ",\n \"turns\": [");
        var first = true;
        foreach (var turn in turns)
        {
            text.Append(first ? "\n" : ",\n").Append("  {\"turn\": " + turn.Key + ", \"text\": " + Quoted(turn.Value) + "}");
            first = false;
        }
        text.Append("],\n \"replies\": [");
        for (var i = 0; i < replies.Count; i++)
        {
            var reply = replies[i];
            text.Append(i == 0 ? "\n" : ",\n").Append("  {\"reply\": " + reply.Id + ", \"turn\": " + reply.Turn);
            text.Append(", \"how\": " + Quoted(reply.How) + ", \"sample\": " + reply.Sample + ", \"captions\": ");
            Write(text, reply.Captions);
            text.Append(", \"words\": ");
            Write(text, reply.Words);
            text.Append(", \"gestures\": ");
            Write(text, reply.Gestures);
            text.Append("}");
        }
        text.Append("],\n \"tools\": [");
        first = true;
        foreach (var tool in tools.Values)
        {
            text.Append(first ? "\n  " : ",\n  ").Append(tool);
            first = false;
        }
        text.Append("],\n \"order\": ");
        Write(text, order);
        return text.Append("}\n").ToString();
    }

    private static void Write(StringBuilder text, object value)
    {
        var map = value as IEnumerable<KeyValuePair<string, object>>;
        var list = value as System.Collections.IList;
        if (value == null) text.Append("null");
        else if (value is string) text.Append(Quoted((string)value));
        else if (value is bool) text.Append((bool)value ? "true" : "false");
        else if (map != null) WriteMap(text, map);
        else if (list != null) WriteList(text, list);
        else text.Append(System.Convert.ToString(value, CultureInfo.InvariantCulture));
    }

    private static void WriteMap(StringBuilder text, IEnumerable<KeyValuePair<string, object>> map)
    {
        text.Append("{");
        var first = true;
        foreach (var entry in map)
        {
            text.Append(first ? "" : ", ").Append(Quoted(entry.Key)).Append(": ");
            Write(text, entry.Value);
            first = false;
        }
        text.Append("}");
    }

    private static void WriteList(StringBuilder text, System.Collections.IList list)
    {
        text.Append("[");
        for (var i = 0; i < list.Count; i++)
        {
            if (i > 0) text.Append(", ");
            Write(text, list[i]);
        }
        text.Append("]");
    }

    private static string Quoted(string text)
    {
        var built = new StringBuilder("\"");
        foreach (var c in text)
        {
            if (c == '"' || c == '\\') built.Append('\\').Append(c);
            else if (c < ' ') built.Append("\\u" + ((int)c).ToString("x4"));
            else built.Append(c);
        }
        return built.Append('"').ToString();
    }
}
