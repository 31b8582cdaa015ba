using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace Frametalk.Tests
{
    /// <summary>Reads JSON into Dictionary, List, string, long, double, bool and null.</summary>
    internal sealed class Json
    {
        private readonly string text;
        private int at;

        private Json(string text)
        {
            this.text = text;
        }

        public static object Parse(string text)
        {
            return new Json(text).Value();
        }

        private object Value()
        {
            Space();
            switch (text[at])
            {
                case '{': return Map();
                case '[': return List();
                case '"': return Text();
                case 't': at += 4; return true;
                case 'f': at += 5; return false;
                case 'n': at += 4; return null;
                default: return Number();
            }
        }

        private object Map()
        {
            var map = new Dictionary<string, object>();
            at++;
            for (Space(); text[at] != '}'; Space())
            {
                if (text[at] == ',') at++;
                Space();
                var key = Text();
                Space();
                at++;
                map[key] = Value();
            }
            at++;
            return map;
        }

        private object List()
        {
            var list = new List<object>();
            at++;
            for (Space(); text[at] != ']'; Space())
            {
                if (text[at] == ',') at++;
                list.Add(Value());
            }
            at++;
            return list;
        }

        private string Text()
        {
            var built = new StringBuilder();
            for (at++; text[at] != '"'; at++)
            {
                if (text[at] != '\\')
                {
                    built.Append(text[at]);
                    continue;
                }
                at++;
                var known = "\"\\/bfnrt".IndexOf(text[at]);
                if (known >= 0)
                {
                    built.Append("\"\\/\b\f\n\r\t"[known]);
                    continue;
                }
                built.Append((char)int.Parse(text.Substring(at + 1, 4), NumberStyles.HexNumber));
                at += 4;
            }
            at++;
            return built.ToString();
        }

        private object Number()
        {
            var from = at;
            while (at < text.Length && "+-.eE0123456789".IndexOf(text[at]) >= 0) at++;
            var number = text.Substring(from, at - from);
            if (number.IndexOfAny(new[] { '.', 'e', 'E' }) < 0) return long.Parse(number, CultureInfo.InvariantCulture);
            return double.Parse(number, CultureInfo.InvariantCulture);
        }

        private void Space()
        {
            while (at < text.Length && char.IsWhiteSpace(text[at])) at++;
        }
    }
}
