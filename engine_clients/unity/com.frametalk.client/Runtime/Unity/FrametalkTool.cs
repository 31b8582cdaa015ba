using System.Collections.Generic;
using UnityEngine;

namespace Frametalk.Unity
{
    /// <summary>
    /// Offers the methods with <see cref="FrametalkToolAttribute"/> of the components beside it as tools, while it is
    /// enabled. Tools are declared when the session connects: objects that appear later can only offer tools that were
    /// declared then, see <see cref="FrametalkSession.DeclareAllBakedTools"/>.
    /// </summary>
    [AddComponentMenu("Frametalk/Frametalk Tool")]
    [DefaultExecutionOrder(-65)]
    public sealed class FrametalkTool : MonoBehaviour
    {
        [SerializeField, Tooltip("Empty: the session above this object, or all sessions.")]
        private FrametalkSession session;

        [SerializeField, Tooltip("The components whose methods are tools. Empty: all on this object that have some.")]
        private MonoBehaviour[] hosts = new MonoBehaviour[0];

        private static readonly List<FrametalkTool> Enabled = new List<FrametalkTool>();
        private MonoBehaviour[] offered = new MonoBehaviour[0];

        /// <summary>The only session whose character can use them; null: all can. Set it before the component is enabled.</summary>
        public FrametalkSession Session
        {
            get { return session; }
            set { session = value; }
        }

        /// <summary>The components whose methods are tools; empty: all on this object that have some.</summary>
        public MonoBehaviour[] Hosts
        {
            get { return hosts; }
            set { hosts = value; }
        }

        /// <summary>A session has begun: it gets all tools that it shall offer.</summary>
        internal static void OfferAll(FrametalkSession to)
        {
            foreach (var tool in Enabled) tool.OfferTo(to);
        }

        [RuntimeInitializeOnLoadMethod(RuntimeInitializeLoadType.SubsystemRegistration)]
        private static void Forget()
        {
            Enabled.Clear();
        }

        private void OnEnable()
        {
            if (session == null) session = GetComponentInParent<FrametalkSession>();
            if (FrametalkToolRegistry.Empty)
            {
                Debug.LogWarning("frametalk: no tools are baked; choose Frametalk > Bake Tools", this);
                return;
            }

            var all = hosts.Length == 0;
            var found = new List<MonoBehaviour>();
            foreach (var host in all ? GetComponents<MonoBehaviour>() : hosts)
            {
                if (host != null && (!all || HasTools(host))) found.Add(host);
            }

            offered = found.ToArray();
            Enabled.Add(this);
            foreach (var living in FrametalkSession.All) OfferTo(living);
        }

        private void OnDisable()
        {
            Enabled.Remove(this);
            foreach (var living in FrametalkSession.All)
            {
                foreach (var host in offered) living.RemoveTools(host);
            }
        }

        private void OfferTo(FrametalkSession to)
        {
            if (session != null && session != to) return;
            foreach (var host in offered) to.AddTools(host);
        }

        private static bool HasTools(MonoBehaviour host)
        {
            foreach (var tool in FrametalkToolRegistry.Of(host.GetType())) return tool != null;
            return false;
        }
    }
}
