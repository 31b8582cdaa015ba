using System;
using System.Collections.Generic;
using System.Text.RegularExpressions;
using Frametalk;

/// <summary>A world with rules for its tools, as `frametalk demo` exports it (tavern.json), on a session's scene.</summary>
internal sealed class TavernWorld
{
    private static readonly Regex Slot = new Regex(@"\{(\w+)(?:\.(\w+))?\}");
    private readonly Scene scene;

    public TavernWorld(Session session, Dictionary<string, object> file)
    {
        scene = session.Scene;
        var entities = new List<Entity>();
        foreach (Dictionary<string, object> entry in (List<object>)file["entity"]) entities.Add(EntityOf(new Args(entry)));
        scene.Snapshot(entities);
        foreach (Dictionary<string, object> entry in (List<object>)file["tool"])
        {
            var tool = new Args(entry);
            var rules = tool.List("rules");
            session.Tools.Define(SpecOf(tool), call => Decide(call, rules));
        }
    }

    private static Entity EntityOf(Args m)
    {
        var place = m["position"] as List<object>;
        return new Entity
        {
            Id = m.Text("id"), Name = m.Text("name"), Kind = m.Text("kind"), Aliases = Texts(m.List("aliases")),
            Affordances = Texts(m.List("affordances")), State = (Dictionary<string, object>)m["state"],
            Position = place == null ? (Position?)null : new Position((double)place[0], (double)place[1], (double)place[2]),
        };
    }

    private static ToolSpec SpecOf(Args m)
    {
        return new ToolSpec
        {
            Name = m.Text("name"), Description = m.Text("description"), Verbs = Texts(m.List("verbs")),
            Parameters = (Dictionary<string, object>)m["parameters"], ChangesWorld = m.Flag("changes_world", true),
            DeadlineMs = (int)m.Whole("deadline_ms", 2000), Scope = m.Text("scope"),
        };
    }

    private object Decide(Call call, IReadOnlyList<object> rules)
    {
        foreach (Dictionary<string, object> entry in rules)
        {
            var rule = new Args(entry);
            if (!Holds(call, rule.Map("if"))) continue;
            if (rule.Text("refuse") != "") throw new Refusal(Fill(call, rule.Text("refuse")));
            foreach (var change in rule.Map("set").Values)
            {
                var path = change.Key.Split('.');
                var value = change.Value is string ? Fill(call, (string)change.Value) : change.Value;
                scene.Set(Named(call, path[0]), path[1], value);
            }
            if (rule.Text("walk") != "") Walk(rule.Text("walk"), call);
            var said = Fill(call, rule.Text("value"));
            return said == "" ? null : said;
        }
        throw new Refusal("nobody here can " + call.Name + " that");
    }

    private bool Holds(Call call, Args conditions)
    {
        foreach (var condition in conditions.Values)
        {
            var path = condition.Key.Split('.');
            if (!Equals(scene.State(Named(call, path[0]), path[1]), condition.Value)) return false;
        }
        return true;
    }

    private void Walk(string who, Call call)
    {
        var place = scene.Get(who).Position.Value;
        var metres = call.Args.Number("metres");
        var x = call.Args.Text("direction") == "right" ? 1 : call.Args.Text("direction") == "left" ? -1 : 0;
        var z = call.Args.Text("direction") == "back" ? 1 : call.Args.Text("direction") == "forward" ? -1 : 0;
        scene.Move(who, new Position(place.X + x * metres, place.Y, place.Z + z * metres));
    }

    /// <summary>The id of an argument's entity, or the id itself.</summary>
    private static string Named(Call call, string name)
    {
        return call.Args.Text(name, name);
    }

    private string Fill(Call call, string text)
    {
        return Slot.Replace(text, match =>
        {
            var entity = scene.Get(Named(call, match.Groups[1].Value));
            if (entity == null) return match.Value;
            var key = match.Groups[2].Value;
            if (key == "") return entity.Name;
            return key == "id" ? entity.Id : Convert.ToString(scene.State(entity.Id, key) ?? "");
        });
    }

    private static string[] Texts(IReadOnlyList<object> list)
    {
        var texts = new string[list.Count];
        for (var i = 0; i < texts.Length; i++) texts[i] = (string)list[i];
        return texts;
    }
}
