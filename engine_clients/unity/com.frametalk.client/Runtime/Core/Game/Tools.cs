using System;
using System.Collections.Generic;
using System.Threading.Tasks;

namespace Frametalk
{
    /// <summary>Thrown by a tool's handler to refuse a call.</summary>
    public sealed class Refusal : Exception
    {
        /// <summary>`reason`: words that the character can say: "the chest is locked".</summary>
        public Refusal(string reason) : base(reason)
        {
        }
    }

    /// <summary>The game's tools: declared before the session connects; each call is executed at most once.</summary>
    public sealed class Tools
    {
        private const int KeptCalls = 256; // so that a call that is repeated is not executed again

        private struct Tool
        {
            public ToolSpec Spec;
            public Action<Call> Handler;
        }

        private readonly object gate = new object();
        private readonly Session session;
        private readonly Dictionary<string, Tool> tools = new Dictionary<string, Tool>();
        private readonly List<string> order = new List<string>();
        private readonly Dictionary<long, Call> calls = new Dictionary<long, Call>();
        private readonly Queue<long> oldest = new Queue<long>();
        private readonly HashSet<long> cancelledEarly = new HashSet<long>();
        private bool declared;

        internal Tools(Session session)
        {
            this.session = session;
        }

        /// <summary>
        /// Declare a tool whose handler returns the call's value at once. It is called in <see cref="Session.Update"/>, when the
        /// reply's sound reaches the call. It throws <see cref="Refusal"/> to refuse; any other exception means that it failed.
        /// </summary>
        public void Define(ToolSpec spec, Func<Call, object> handler)
        {
            DefineLater(spec, call => call.Done(handler(call)));
        }

        /// <summary>The same with a handler that returns the value later.</summary>
        public void DefineAsync(ToolSpec spec, Func<Call, Task<object>> handler)
        {
            DefineLater(spec, call => Await(call, handler(call)));
        }

        /// <summary>The same with a handler that answers the call itself, then or later.</summary>
        public void DefineLater(ToolSpec spec, Action<Call> handler)
        {
            if (declared)
            {
                throw new FrametalkException(
                    "tools_declared", "the tool " + spec.Name + " was defined after Connect()", "tool",
                    "define every tool before Connect()");
            }
            if (!tools.ContainsKey(spec.Name)) order.Add(spec.Name);
            tools[spec.Name] = new Tool { Spec = spec, Handler = handler };
        }

        /// <summary>The tools that are defined.</summary>
        public IReadOnlyList<ToolSpec> Specs
        {
            get
            {
                var specs = new List<ToolSpec>();
                foreach (var name in order) specs.Add(tools[name].Spec);
                return specs;
            }
        }

        internal IReadOnlyList<ToolSpec> Declare()
        {
            declared = true;
            return Specs;
        }

        /// <summary>Execute a call that is due.</summary>
        internal void Execute(Call call)
        {
            lock (gate)
            {
                Call known;
                if (calls.TryGetValue(call.Id, out known))
                {
                    if (known.Answered != ToolState.Called) session.SendAnswer(known);
                    return;
                }
                if (cancelledEarly.Remove(call.Id)) return;
                Remember(call);
            }
            Report(call, ToolState.Called);
            try
            {
                Tool tool;
                if (!tools.TryGetValue(call.Name, out tool)) throw new Refusal("there is no such tool");
                tool.Handler(call);
            }
            catch (Refusal refusal)
            {
                call.Refuse(refusal.Message);
            }
            catch (Exception error)
            {
                call.Fail(error.Message);
            }
        }

        /// <summary>The server cancelled a call.</summary>
        internal void Cancel(long id)
        {
            Call call;
            lock (gate)
            {
                if (!calls.TryGetValue(id, out call))
                {
                    if (cancelledEarly.Count >= KeptCalls) cancelledEarly.Clear();
                    cancelledEarly.Add(id);
                    return;
                }
                if (call.Ended) return;
                call.Ended = true;
            }
            call.Cancel();
            Report(call, ToolState.Cancelled);
        }

        /// <summary>The session ended: cancel its calls.</summary>
        internal void Reset()
        {
            long[] ids;
            lock (gate)
            {
                ids = new long[calls.Count];
                calls.Keys.CopyTo(ids, 0);
            }
            foreach (var id in ids) Cancel(id);
            lock (gate)
            {
                calls.Clear();
                oldest.Clear();
                cancelledEarly.Clear();
            }
        }

        internal void Answer(Call call, ToolState state, object value, string reason)
        {
            lock (gate)
            {
                if (call.Ended) return;
                call.Ended = true;
                call.Value = value;
                call.Reason = reason ?? "";
                call.Answered = state;
            }
            if (!session.SendAnswer(call) && state == ToolState.Done)
            {
                call.Answered = ToolState.Failed;
                call.Value = null;
                call.Reason = "the result cannot be sent";
                state = ToolState.Failed;
                session.SendAnswer(call);
            }
            Report(call, state);
        }

        private static void Await(Call call, Task<object> task)
        {
            task.ContinueWith(
                done =>
                {
                    if (done.IsCanceled) call.Fail("it was cancelled");
                    else if (!done.IsFaulted) call.Done(done.Result);
                    else if (done.Exception.InnerException is Refusal) call.Refuse(done.Exception.InnerException.Message);
                    else call.Fail(done.Exception.InnerException.Message);
                },
                TaskContinuationOptions.ExecuteSynchronously);
        }

        private void Remember(Call call)
        {
            calls[call.Id] = call;
            oldest.Enqueue(call.Id);
            if (oldest.Count > KeptCalls) calls.Remove(oldest.Dequeue());
        }

        private void Report(Call call, ToolState state)
        {
            session.ReportTool(new ToolEvent
            {
                Call = call.Id,
                Name = call.Name,
                Args = call.Args,
                State = state,
                Value = state == ToolState.Done ? call.Value : null,
                Reason = call.Reason,
            });
        }
    }
}
