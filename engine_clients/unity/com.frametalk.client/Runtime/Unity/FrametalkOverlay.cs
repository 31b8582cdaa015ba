using System.Text;
using Unity.Profiling;
using UnityEngine;

namespace Frametalk.Unity
{
    /// <summary>
    /// Shows in the game view what the conversation costs and waits for: the newest turn's waterfall, the lips' drift, this
    /// package's cost per frame, the game's garbage, and the connection. It is written anew four times a second.
    /// </summary>
    [AddComponentMenu("Frametalk/Frametalk Overlay")]
    public sealed class FrametalkOverlay : MonoBehaviour
    {
        private const float EverySeconds = 0.25f;
        private const float LineHeight = 18f;
        private const float Width = 460f;
        private static readonly int[] RatesHz = { 72, 90, 120 };
        private static readonly GUIContent Nothing = new GUIContent("");

        [SerializeField, Tooltip("Empty: the session above this object, or the scene's only one.")]
        private FrametalkSession session;

        [SerializeField, Tooltip("Empty: the scene's only one.")]
        private FrametalkCharacter character;

        [SerializeField] private bool visible = true;

        private readonly StringBuilder text = new StringBuilder(1024);
        private readonly GUIContent content = new GUIContent();
        private ProfilerRecorder garbage;
        private GUIStyle style;
        private float writeAt;
        private int lines;

        /// <summary>Whether it is shown.</summary>
        public bool Visible
        {
            get { return visible; }
            set { visible = value; }
        }

        /// <summary>The session that is shown.</summary>
        public FrametalkSession Session
        {
            get { return session; }
            set { session = value; }
        }

        /// <summary>What is shown now.</summary>
        public string Text
        {
            get { return content.text ?? ""; }
        }

        private void OnEnable()
        {
            useGUILayout = false;
            session = FrametalkSession.For(this, session);
            if (character == null) character = FindFirstObjectByType<FrametalkCharacter>();
            garbage = ProfilerRecorder.StartNew(ProfilerCategory.Memory, "GC Allocated In Frame");
        }

        private void OnDisable()
        {
            garbage.Dispose();
        }

        private void Update()
        {
            if (!visible || session == null || Time.unscaledTime < writeAt) return;
            writeAt = Time.unscaledTime + EverySeconds;
            text.Length = 0;
            lines = 0;
            WriteConnection();
            WriteTurn();
            WriteCost();
            content.text = text.ToString();
        }

        private void OnGUI()
        {
            if (!visible || string.IsNullOrEmpty(content.text)) return;
            if (style == null) style = new GUIStyle(GUI.skin.label) { fontSize = 12, wordWrap = false };
            var place = new Rect(8f, 8f, Width, (lines * LineHeight) + 8f);
            GUI.Box(place, Nothing);
            GUI.Label(new Rect(14f, 12f, Width, lines * LineHeight), content, style);
        }

        private void WriteConnection()
        {
            Line("frametalk ").Append(FrametalkNames.Of(session.State));
            if (session.LastTurn != null) text.Append(", ").Append(FrametalkNames.Of(session.LastTurn.State));
            var stats = session.State == ConnectionState.Open ? session.Core.Latency.Stats : null;
            if (stats != null)
            {
                Line("round trip ").Append(stats.RoundTripMs.ToString("F1")).Append(" ms, jitter ");
                text.Append(stats.JitterMs.ToString("F1")).Append(" ms, underruns ").Append(stats.Underruns);
            }

            if (session.LastError != null) Line(session.LastError.Code).Append(": ").Append(session.LastError.Text);
        }

        private void WriteTurn()
        {
            var turn = session.LastLatency;
            if (turn == null) return;
            Line("turn ").Append(turn.Turn).Append(", mouth to ear ");
            if (!turn.MouthToEarMs.HasValue)
            {
                text.Append("not measured: ").Append(turn.Unmeasured);
                return;
            }

            text.Append(turn.MouthToEarMs.Value.ToString("F0")).Append(" ms");
            foreach (var stage in turn.Stages)
            {
                Line("  ").Append(stage.Stage).Append(' ').Append(stage.Ms.ToString("F0"));
                if (stage.Estimated) text.Append(" (estimated)");
            }

            foreach (var stage in turn.Unseen) Line("  ").Append(stage).Append(" unknown, comes on top");
        }

        private void WriteCost()
        {
            if (character != null)
            {
                Line("lips ").Append(character.LipDriftMs.ToString("F1")).Append(" ms from Unity's sound clock, output delay ");
                text.Append(character.OutputDelayMs.ToString("F0")).Append(" ms");
            }

            var p50 = FrametalkCost.QuantileMs(0.5f);
            var p99 = FrametalkCost.QuantileMs(0.99f);
            Line("our part of a frame: median ").Append(p50.ToString("F3")).Append(" ms, p99 ").Append(p99.ToString("F3"));
            text.Append(" ms;");
            foreach (var rate in RatesHz)
            {
                text.Append(' ').Append((p99 * rate / 10f).ToString("F1")).Append(" % at ").Append(rate);
            }

            if (garbage.Valid) Line("garbage of the whole game: ").Append(garbage.LastValue).Append(" bytes in a frame");
        }

        private StringBuilder Line(string begin)
        {
            if (lines++ > 0) text.Append('\n');
            return text.Append(begin);
        }
    }
}
