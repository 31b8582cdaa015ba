using System.Collections.Generic;

namespace Frametalk
{
    // What the session's parts (scene, microphone, tools, focus) send and report.
    public sealed partial class Session
    {
        internal IEchoCanceller EchoCanceller
        {
            get { return capture.EchoCanceller; }
            set { capture.EchoCanceller = value; }
        }

        /// <summary>Whether what is sent now arrives, now or when the session is resumed.</summary>
        internal bool CanSend
        {
            get { return State == ConnectionState.Open || resumable; }
        }

        internal double? InputMs
        {
            get { using (hub.Hold()) return hub.InputMs; }
            set { using (hub.Hold()) hub.InputMs = value; }
        }

        internal double? OutputMs
        {
            get { using (hub.Hold()) return hub.OutputMs; }
            set { using (hub.Hold()) hub.OutputMs = value; }
        }

        internal void SetMic(MicMode? mode)
        {
            using (hub.Hold()) hub.SetMic(mode);
            MicChanged();
        }

        internal void MicChanged()
        {
            Put(HubEventKind.Mic, null);
        }

        internal void Press(bool down)
        {
            using (hub.Hold()) hub.Press(down);
        }

        internal void Push(float[] samples, int offset, int count, long capturedAtUs)
        {
            capture.Push(samples, offset, count, capturedAtUs);
        }

        internal bool SendFocus(string entity)
        {
            if (!CanSend) return false;
            Scene.Flush();
            using (hub.Hold()) hub.Focus(entity);
            return true;
        }

        internal void SendSceneEvent(string name, string entity, string text, Dictionary<string, object> data)
        {
            Scene.Flush();
            using (hub.Hold()) hub.SceneEvent(name, entity, text, data);
        }

        internal void SendSnapshot(long rev, IReadOnlyList<Entity> entities)
        {
            using (hub.Hold()) hub.SceneSnapshot(rev, entities);
        }

        internal void SendPut(long from, long rev, IReadOnlyList<Entity> entities)
        {
            using (hub.Hold()) hub.ScenePut(from, rev, entities);
        }

        internal void SendPatch(long from, long rev, ScenePending changes, Dictionary<string, Entity> things)
        {
            using (hub.Hold()) hub.ScenePatch(from, rev, changes, things);
        }

        /// <summary>Send a call's answer after the scene's changes; another thread's in the next Update.</summary>
        internal bool SendAnswer(Call call)
        {
            if (!host.IsGameThread)
            {
                Put(HubEventKind.Answer, call);
                return true;
            }
            Scene.Flush();
            using (hub.Hold()) return hub.Answer(call);
        }

        internal void ReportTool(ToolEvent tool)
        {
            Put(HubEventKind.Tool, tool);
        }

        /// <summary>The audio thread does not read any more.</summary>
        internal void Stall()
        {
            using (hub.Hold()) hub.Stall();
        }

        private void Put(HubEventKind kind, object payload)
        {
            var what = new HubEvent { Kind = kind, Payload = payload };
            events.Put(ref what);
        }
    }
}
