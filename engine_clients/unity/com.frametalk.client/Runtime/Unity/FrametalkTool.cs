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
        [SerializeField, Tooltip("Empty: the session above this object, or the scene's only one.")]
        private FrametalkSession session;

        [SerializeField, Tooltip("The components whose methods are tools. Empty: all on this object that have some.")]
        private MonoBehaviour[] hosts = new MonoBehaviour[0];

        private MonoBehaviour[] offered = new MonoBehaviour[0];

        /// <summary>The session whose character can use them.</summary>
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

        private void OnEnable()
        {
            session = FrametalkSession.For(this, session);
            if (session == null)
            {
                Debug.LogError("frametalk: no FrametalkSession in the scene; add one", this);
                return;
            }

            if (FrametalkToolRegistry.Empty)
            {
                Debug.LogWarning("frametalk: no tools are baked; choose Frametalk > Bake Tools", this);
                return;
            }

            var all = hosts.Length == 0;
            offered = all ? GetComponents<MonoBehaviour>() : hosts;
            foreach (var host in offered)
            {
                if (host != null && (!all || HasTools(host))) session.AddTools(host);
            }
        }

        private void OnDisable()
        {
            if (session == null) return;
            foreach (var host in offered) session.RemoveTools(host);
            offered = new MonoBehaviour[0];
        }

        private static bool HasTools(MonoBehaviour host)
        {
            foreach (var tool in FrametalkToolRegistry.Of(host.GetType())) return tool != null;
            return false;
        }
    }
}
