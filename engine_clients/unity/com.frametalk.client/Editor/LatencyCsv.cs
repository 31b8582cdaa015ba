using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace Frametalk.Unity.Editor
{
    /// <summary>Waterfalls as CSV (RFC 4180): a row for each turn, a column for each stage that occurs.</summary>
    public static class LatencyCsv
    {
        /// <summary>The whole file. Times are milliseconds; empty: not measured, or the stage did not occur.</summary>
        public static string Of(IReadOnlyList<Waterfall> turns)
        {
            var stages = new List<string>();
            foreach (var turn in turns)
            {
                foreach (var stage in turn.Stages) if (!stages.Contains(stage.Stage)) stages.Add(stage.Stage);
            }

            var text = new StringBuilder("turn,reply,mouth_to_ear_ms,ready,discarded,unmeasured");
            foreach (var stage in stages) text.Append(',').Append(Quote(stage + "_ms"));
            text.Append("\r\n");
            foreach (var turn in turns) Row(text, turn, stages);
            return text.ToString();
        }

        private static void Row(StringBuilder text, Waterfall turn, List<string> stages)
        {
            text.Append(turn.Turn).Append(',').Append(turn.Reply).Append(',');
            if (turn.MouthToEarMs.HasValue) text.Append(Number(turn.MouthToEarMs.Value));
            text.Append(',').Append(turn.Ready ? "true" : "false").Append(',').Append(turn.Discarded).Append(',');
            text.Append(Quote(turn.Unmeasured ?? ""));
            foreach (var name in stages)
            {
                text.Append(',');
                foreach (var stage in turn.Stages) if (stage.Stage == name) text.Append(Number(stage.Ms));
            }

            text.Append("\r\n");
        }

        private static string Number(double value)
        {
            return value.ToString("0.###", CultureInfo.InvariantCulture);
        }

        private static string Quote(string text)
        {
            return text.IndexOfAny(new[] { ',', '"', '\r', '\n' }) < 0 ? text : "\"" + text.Replace("\"", "\"\"") + "\"";
        }
    }
}
