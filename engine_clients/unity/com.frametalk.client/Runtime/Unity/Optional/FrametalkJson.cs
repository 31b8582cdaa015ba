#if FRAMETALK_NEWTONSOFT
using System;
using System.Collections.Generic;
using Newtonsoft.Json.Linq;

namespace Frametalk.Unity
{
    /// <summary>Free data from and to Newtonsoft's tokens, for projects that have it.</summary>
    public static class FrametalkJson
    {
        /// <summary>Free data (a call's argument) as a token.</summary>
        public static JToken ToToken(object value)
        {
            return value == null ? JValue.CreateNull() : JToken.FromObject(value);
        }

        /// <summary>A token as free data (a call's result).</summary>
        public static object FromToken(JToken token)
        {
            var map = token as JObject;
            if (map != null)
            {
                var values = new Dictionary<string, object>();
                foreach (KeyValuePair<string, JToken> pair in map) values[pair.Key] = FromToken(pair.Value);
                return values;
            }

            var list = token as JArray;
            if (list != null)
            {
                var values = new List<object>();
                foreach (JToken item in list) values.Add(FromToken(item));
                return values;
            }

            var plain = token as JValue;
            return plain == null ? null : Plain(plain.Value);
        }

        /// <summary>Numbers as long or double; dates and the like as text.</summary>
        private static object Plain(object value)
        {
            if (value == null || value is string || value is bool || value is long || value is double) return value;
            return value is IFormattable ? ((IFormattable)value).ToString("o", null) : value.ToString();
        }
    }
}
#endif
