using System;

namespace Frametalk.Unity.Editor
{
    /// <summary>How a check of the setup came out.</summary>
    public enum Health
    {
        /// <summary>Nothing to do.</summary>
        Good,

        /// <summary>It works, but not as well as it could.</summary>
        Warning,

        /// <summary>It will not work.</summary>
        Bad,

        /// <summary>Not known yet.</summary>
        Unknown,
    }

    /// <summary>One line of the setup-health window.</summary>
    public sealed class HealthCheck
    {
        /// <summary>What was checked.</summary>
        public string Title { get; private set; }

        /// <summary>How it came out.</summary>
        public Health Health { get; private set; }

        /// <summary>What was found, and what to do.</summary>
        public string Text { get; private set; }

        /// <summary>Mends it; null: the user has to.</summary>
        public Action Fix { get; private set; }

        /// <summary>Makes a line.</summary>
        public HealthCheck(string title, Health health, string text, Action fix = null)
        {
            Title = title;
            Health = health;
            Text = text;
            Fix = fix;
        }
    }
}
