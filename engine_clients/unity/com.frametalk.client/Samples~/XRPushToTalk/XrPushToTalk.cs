using Frametalk.Unity;
using UnityEngine;
using UnityEngine.InputSystem;

namespace Frametalk.Samples
{
    /// <summary>
    /// Push-to-talk with a controller's button, and the gaze as focus, so that "open that" is understood. Put it beside a
    /// FrametalkSession; give it an action such as `&lt;XRController&gt;{RightHand}/triggerPressed`.
    /// </summary>
    [RequireComponent(typeof(FrametalkSession))]
    public sealed class XrPushToTalk : MonoBehaviour
    {
        [SerializeField] private InputActionReference talk;
        [SerializeField] private Transform head;
        [SerializeField, Range(1f, 45f)] private float gazeDegrees = 12f;

        private FrametalkSession session;
        private FrametalkSceneObject[] things = new FrametalkSceneObject[0];
        private float lookAgainAt;

        /// <summary>The action whose button is held to talk.</summary>
        public InputActionReference Talk
        {
            get { return talk; }
            set { talk = value; }
        }

        /// <summary>The player's head; null: the main camera.</summary>
        public Transform Head
        {
            get { return head; }
            set { head = value; }
        }

        private void Start()
        {
            session = GetComponent<FrametalkSession>();
            if (head == null && Camera.main != null) head = Camera.main.transform;
            var microphone = gameObject.AddComponent<FrametalkMicrophone>();
            microphone.enabled = false;
            microphone.Mode = MicMode.Ptt;
            microphone.PushToTalk = talk;
            microphone.enabled = true;
        }

        private void Update()
        {
            if (head == null) return;
            if (Time.unscaledTime >= lookAgainAt)
            {
                lookAgainAt = Time.unscaledTime + 1f;
                things = FindObjectsByType<FrametalkSceneObject>(FindObjectsSortMode.None);
            }

            var seen = Nearest();
            session.Core.Focus.Gaze(seen == null ? null : seen.Id);
        }

        /// <summary>The object nearest to where the head points; null: none is near enough.</summary>
        private FrametalkSceneObject Nearest()
        {
            FrametalkSceneObject nearest = null;
            var best = Mathf.Cos(gazeDegrees * Mathf.PI / 180f);
            foreach (var thing in things)
            {
                if (thing == null) continue;
                var straight = Vector3.Dot((thing.transform.position - head.position).normalized, head.forward);
                if (straight <= best) continue;
                best = straight;
                nearest = thing;
            }

            return nearest;
        }
    }
}
