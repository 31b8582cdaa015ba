using Frametalk.Unity;
using UnityEngine;

namespace Frametalk.Samples
{
    /// <summary>
    /// A whole conversation from one component: put it on an empty object of an empty scene, start `frametalk serve`, and
    /// press Play. Speak, or type and press Send.
    /// </summary>
    public sealed class BasicConversation : MonoBehaviour
    {
        [SerializeField] private string url = "ws://localhost:8765";

        private FrametalkSession session;
        private string caption = "";
        private string heard = "";
        private string problem = "";
        private string typed = "";

        /// <summary>The server's address.</summary>
        public string Url
        {
            get { return url; }
            set { url = value; }
        }

        private void Awake()
        {
            session = gameObject.AddComponent<FrametalkSession>();
            session.Overrides.Url = url;
            gameObject.AddComponent<FrametalkMicrophone>();
            gameObject.AddComponent<FrametalkOverlay>();
            MakeCharacter();
            session.Caption += e => caption = e.Text;
            session.Transcript += e => heard = e.Text;
            session.Error += e => problem = e.ToString();
            session.Welcomed += OnWelcomed;
        }

        private void OnWelcomed(Welcome welcome)
        {
            problem = welcome.Disclosure; // the player has a right to know that a machine speaks
            if (!welcome.Resumed) session.Happened("player_entered");
        }

        private void MakeCharacter()
        {
            var body = new GameObject("Character");
            body.transform.position = new Vector3(0f, 1.5f, 1.5f);
            body.transform.rotation = Quaternion.Euler(0f, 180f, 0f);
            ProceduralHead.Make(body.transform);
            body.AddComponent<AudioSource>().spatialBlend = 1f;
            body.AddComponent<FrametalkCharacter>().Session = session;
            body.AddComponent<FrametalkLipSync>().Session = session;
        }

        private void OnGUI()
        {
            GUI.Label(new Rect(20f, Screen.height - 110f, Screen.width - 40f, 22f), problem);
            GUI.Label(new Rect(20f, Screen.height - 88f, Screen.width - 40f, 22f), heard);
            GUI.Label(new Rect(20f, Screen.height - 66f, Screen.width - 40f, 22f), caption);
            typed = GUI.TextField(new Rect(20f, Screen.height - 40f, Screen.width - 140f, 24f), typed);
            if (GUI.Button(new Rect(Screen.width - 110f, Screen.height - 40f, 90f, 24f), "Send"))
            {
                session.Say(typed);
                typed = "";
            }
        }
    }
}
