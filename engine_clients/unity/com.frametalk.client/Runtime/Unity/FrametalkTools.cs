using System;
using System.Collections.Generic;
using UnityEngine;

namespace Frametalk.Unity
{
    /// <summary>A session's tools: those of code, and those of the components that offer baked ones.</summary>
    internal sealed class FrametalkTools
    {
        private const string NotHere = "that is not possible here";
        private const string Target = "target";

        private readonly Dictionary<string, Action<Call>> handlers = new Dictionary<string, Action<Call>>();
        private readonly List<ToolSpec> specs = new List<ToolSpec>();
        private readonly List<Host> hosts = new List<Host>();

        /// <summary>A tool of code; another one with its name replaces it.</summary>
        public void Add(ToolSpec spec, Action<Call> handler)
        {
            handlers[spec.Name] = handler;
            specs.RemoveAll(known => known.Name == spec.Name);
            specs.Add(spec);
        }

        /// <summary>The baked tools of a component.</summary>
        public void AddHost(MonoBehaviour host)
        {
            var found = false;
            foreach (var tool in FrametalkToolRegistry.Of(host.GetType()))
            {
                found = true;
                hosts.Add(new Host { Component = host, Tool = tool });
                Declare(tool);
            }

            if (!found)
            {
                Debug.LogWarning("frametalk: " + host.GetType().Name + " has no baked tools; choose Frametalk > Bake Tools", host);
            }
        }

        public void RemoveHost(MonoBehaviour host)
        {
            hosts.RemoveAll(known => known.Component == host);
        }

        /// <summary>Declares all tools at a session that is about to connect.</summary>
        public void Define(Session core, bool allBaked)
        {
            if (allBaked) foreach (var tool in FrametalkToolRegistry.Everything()) Declare(tool);
            foreach (var spec in specs)
            {
                var name = spec.Name;
                core.Tools.DefineLater(spec, call => handlers[name](call));
            }
        }

        private void Declare(BakedTool tool)
        {
            if (handlers.ContainsKey(tool.Spec.Name)) return;
            var name = tool.Spec.Name;
            Add(tool.Spec, call => Run(name, call));
        }

        private void Run(string name, Call call)
        {
            var target = FrametalkSceneObject.Find(call.Args.Text(Target));
            foreach (var host in hosts)
            {
                if (host.Tool.Spec.Name != name || host.Component == null || !host.Component.isActiveAndEnabled) continue;
                if (host.Tool.OnTarget && (target == null || host.Component.gameObject != target.gameObject)) continue;
                host.Tool.Run(host.Component, call);
                return;
            }

            throw new Refusal(NotHere);
        }

        private struct Host
        {
            public MonoBehaviour Component;
            public BakedTool Tool;
        }
    }
}
