// Written by Frametalk > Bake Tools. Do not edit; bake again after a change of a tool.
using Frametalk;
using Frametalk.Unity;
using UnityEngine;

internal static class FrametalkBakedTools
{
    [RuntimeInitializeOnLoadMethod(RuntimeInitializeLoadType.BeforeSceneLoad)]
    internal static void Register()
    {
        FrametalkToolRegistry.Add(
            typeof(global::Frametalk.Samples.TavernThing),
            true,
            () => new ToolSpec("close", "Close a door or a container.", "close", "shut")
            {
                ChangesWorld = true,
                DeadlineMs = 2000,
                Scope = "",
            }
            .Entity("target"),
            (host, call) =>
            {
                ((global::Frametalk.Samples.TavernThing)host).Close();
                call.Done();
            });
        FrametalkToolRegistry.Add(
            typeof(global::Frametalk.Samples.TavernThing),
            true,
            () => new ToolSpec("extinguish", "Put out something that burns.", "extinguish")
            {
                ChangesWorld = true,
                DeadlineMs = 2000,
                Scope = "",
            }
            .Entity("target"),
            (host, call) =>
            {
                ((global::Frametalk.Samples.TavernThing)host).Extinguish();
                call.Done();
            });
        FrametalkToolRegistry.Add(
            typeof(global::Frametalk.Samples.TavernThing),
            true,
            () => new ToolSpec("give", "The blacksmith hands a thing that he has to the player.", "give", "bring", "hand", "get", "fetch")
            {
                ChangesWorld = true,
                DeadlineMs = 2000,
                Scope = "",
            }
            .Entity("target"),
            (host, call) =>
            {
                ((global::Frametalk.Samples.TavernThing)host).Give();
                call.Done();
            });
        FrametalkToolRegistry.Add(
            typeof(global::Frametalk.Samples.TavernThing),
            true,
            () => new ToolSpec("light", "Light something that burns.", "light", "ignite")
            {
                ChangesWorld = true,
                DeadlineMs = 2000,
                Scope = "",
            }
            .Entity("target"),
            (host, call) =>
            {
                ((global::Frametalk.Samples.TavernThing)host).Light();
                call.Done();
            });
        FrametalkToolRegistry.Add(
            typeof(global::Frametalk.Samples.TavernPlayer),
            false,
            () => new ToolSpec("move_player", "The player walks some metres in one direction.", "go", "move", "walk")
            {
                ChangesWorld = true,
                DeadlineMs = 2000,
                Scope = "",
            }
            .Parameter("direction", FrametalkToolRegistry.OneOf("forward", "back", "left", "right"))
            .Parameter("metres", "number", true),
            (host, call) =>
            {
                ((global::Frametalk.Samples.TavernPlayer)host).Walk(call.Args.Text("direction") == "forward" ? global::Frametalk.Samples.TavernPlayer.Direction.Forward : call.Args.Text("direction") == "back" ? global::Frametalk.Samples.TavernPlayer.Direction.Back : call.Args.Text("direction") == "left" ? global::Frametalk.Samples.TavernPlayer.Direction.Left : global::Frametalk.Samples.TavernPlayer.Direction.Right, (float)call.Args.Number("metres"));
                call.Done();
            });
        FrametalkToolRegistry.Add(
            typeof(global::Frametalk.Samples.TavernThing),
            true,
            () => new ToolSpec("open", "Open a door or a container.", "open")
            {
                ChangesWorld = true,
                DeadlineMs = 2000,
                Scope = "",
            }
            .Entity("target"),
            (host, call) =>
            {
                ((global::Frametalk.Samples.TavernThing)host).Open();
                call.Done();
            });
        FrametalkToolRegistry.Add(
            typeof(global::Frametalk.Samples.TavernThing),
            true,
            () => new ToolSpec("pull", "Pull a lever or the like.", "pull")
            {
                ChangesWorld = true,
                DeadlineMs = 2000,
                Scope = "",
            }
            .Entity("target"),
            (host, call) =>
            {
                ((global::Frametalk.Samples.TavernThing)host).Pull();
                call.Done();
            });
        FrametalkToolRegistry.Add(
            typeof(global::Frametalk.Samples.TavernThing),
            true,
            () => new ToolSpec("put", "Put a thing somewhere.", "put", "place")
            {
                ChangesWorld = true,
                DeadlineMs = 2000,
                Scope = "",
            }
            .Entity("target")
            .Entity("place"),
            (host, call) =>
            {
                ((global::Frametalk.Samples.TavernThing)host).Put(FrametalkToolRegistry.Object(call, "place"));
                call.Done();
            });
        FrametalkToolRegistry.Add(
            typeof(global::Frametalk.Samples.TavernThing),
            true,
            () => new ToolSpec("read", "Read what is written on something; gives its text.", "read")
            {
                ChangesWorld = false,
                DeadlineMs = 2000,
                Scope = "",
            }
            .Entity("target"),
            (host, call) => call.Done(((global::Frametalk.Samples.TavernThing)host).Read()));
        FrametalkToolRegistry.Add(
            typeof(global::Frametalk.Samples.TavernThing),
            true,
            () => new ToolSpec("take", "The player takes a thing that lies about.", "take", "grab")
            {
                ChangesWorld = true,
                DeadlineMs = 2000,
                Scope = "",
            }
            .Entity("target"),
            (host, call) =>
            {
                ((global::Frametalk.Samples.TavernThing)host).Take();
                call.Done();
            });
        FrametalkToolRegistry.Add(
            typeof(global::Frametalk.Samples.TavernThing),
            true,
            () => new ToolSpec("unlock", "Unlock a door or a container with the iron key.", "unlock")
            {
                ChangesWorld = true,
                DeadlineMs = 2000,
                Scope = "",
            }
            .Entity("target"),
            (host, call) =>
            {
                ((global::Frametalk.Samples.TavernThing)host).Unlock();
                call.Done();
            });
    }
}
