using System;
using UnityEngine;
#if FRAMETALK_INPUT_SYSTEM
using UnityEngine.InputSystem;
#endif

namespace Frametalk.Unity
{
    /// <summary>What the microphone component is doing.</summary>
    public enum MicrophoneState
    {
        /// <summary>The component is off.</summary>
        Off,

        /// <summary>The system asks the player for permission.</summary>
        Asking,

        /// <summary>The player has not given permission.</summary>
        Denied,

        /// <summary>There is no microphone; it is opened when one is plugged in.</summary>
        Absent,

        /// <summary>The device is recording.</summary>
        Running,
    }

    /// <summary>
    /// The player's microphone. The device records from the start on, so that neither an open microphone nor push-to-talk
    /// loses a first word.
    /// </summary>
    [AddComponentMenu("Frametalk/Frametalk Microphone")]
    [DefaultExecutionOrder(-60)]
    [DisallowMultipleComponent]
    public sealed class FrametalkMicrophone : MonoBehaviour
    {
        private const float LookEverySeconds = 1f;

        [SerializeField, Tooltip("Empty: the session above this object, or the scene's only one.")]
        private FrametalkSession session;

        [SerializeField, Tooltip("Open: the server finds turns in the sound. Ptt: push-to-talk.")]
        private MicMode mode = MicMode.Open;

        [SerializeField, Tooltip("Part of the device's name. Empty: the system's microphone.")]
        private string device = "";

        [SerializeField, Tooltip("Ask for permission and record at the start. Otherwise call StartMicrophone().")]
        private bool startOnEnable = true;

#if FRAMETALK_INPUT_SYSTEM
        [SerializeField, Tooltip("Push-to-talk: sound is sent while this action's button is held.")]
        private InputActionReference pushToTalk;
#endif

        private readonly MicrophonePermission permission = new MicrophonePermission();
        private readonly MicrophoneReader reader = new MicrophoneReader();
        private IEchoCanceller echoCanceller;
        private float lookAt;
        private bool wished;
        private bool background;

        /// <summary>The state changed.</summary>
        public event Action<MicrophoneState> Changed;

        /// <summary>What the microphone is doing.</summary>
        public MicrophoneState State { get; private set; }

        /// <summary>
        /// The session that hears it. With several characters, set it to that of the one whom the player addresses; what was
        /// being said to the other is complete then.
        /// </summary>
        public FrametalkSession Session
        {
            get { return session; }

            set
            {
                if (session == value) return;
                if (isActiveAndEnabled && session != null)
                {
                    session.Renewed -= OnRenewed;
                    if (session.Core.Mic.Started) session.Core.Mic.Stop();
                }

                session = value;
                if (!isActiveAndEnabled || session == null) return;
                session.Renewed += OnRenewed;
                if (State == MicrophoneState.Running) StartCore();
            }
        }

        /// <summary>Open, or push-to-talk.</summary>
        public MicMode Mode
        {
            get { return mode; }

            set
            {
                if (mode == value) return;
                mode = value;
                if (State == MicrophoneState.Running) StartCore();
            }
        }

        /// <summary>Part of the device's name; empty: the system's microphone.</summary>
        public string Device
        {
            get { return device; }

            set
            {
                if (device == value) return;
                device = value;
                if (State == MicrophoneState.Running) Reopen();
            }
        }

        /// <summary>Whether it records at the start.</summary>
        public bool StartOnEnable
        {
            get { return startOnEnable; }
            set { startOnEnable = value; }
        }

        /// <summary>Whether silence is sent in place of sound.</summary>
        public bool Muted
        {
            get { return session != null && session.Core.Mic.Muted; }
            set { session.Core.Mic.Muted = value; }
        }

        /// <summary>The level of the newest sound, in dB of full scale, -96 to 0.</summary>
        public float LevelDb
        {
            get { return session == null ? -96f : session.Core.Mic.LevelDb; }
        }

        /// <summary>The device that records; empty while none does, or for the system's own.</summary>
        public string OpenDevice
        {
            get { return reader.Device ?? ""; }
        }

        /// <summary>Removes the reply's echo from the microphone's sound; none is shipped.</summary>
        public IEchoCanceller EchoCanceller
        {
            get { return echoCanceller; }

            set
            {
                echoCanceller = value;
                if (State == MicrophoneState.Running) session.Core.Mic.EchoCanceller = value;
            }
        }

#if FRAMETALK_INPUT_SYSTEM
        /// <summary>The action whose button is held to talk; set it before the component is enabled.</summary>
        public InputActionReference PushToTalk
        {
            get { return pushToTalk; }
            set { pushToTalk = value; }
        }
#endif

        /// <summary>Asks for permission if needed, and records from then on.</summary>
        public void StartMicrophone()
        {
            wished = true;
            if (State == MicrophoneState.Off || State == MicrophoneState.Denied) Begin();
        }

        /// <summary>Stops recording.</summary>
        public void StopMicrophone()
        {
            wished = false;
            Close(MicrophoneState.Off);
        }

        /// <summary>The push-to-talk button goes down; a reply under way is interrupted.</summary>
        public void Press()
        {
            if (mode == MicMode.Ptt && session != null) session.Core.Mic.Press();
        }

        /// <summary>The push-to-talk button goes up; sound is sent for 250 ms more.</summary>
        public void Release()
        {
            if (mode == MicMode.Ptt && session != null) session.Core.Mic.Release();
        }

        private void OnEnable()
        {
            session = FrametalkSession.For(this, session);
            if (session == null)
            {
                Debug.LogError("frametalk: no FrametalkSession in the scene; add one", this);
                enabled = false;
                return;
            }

            session.Renewed += OnRenewed;
            Listen(true);
            if (startOnEnable || wished) StartMicrophone();
        }

        private void OnDisable()
        {
            if (session != null) session.Renewed -= OnRenewed;
            Listen(false);
            Close(MicrophoneState.Off);
        }

        private void Update()
        {
            var began = FrametalkCost.Now;
            if (State == MicrophoneState.Running) ReadDevice();
            else if (wished && !background && Time.unscaledTime >= lookAt) Begin();
            FrametalkCost.Add(began);
        }

        private void OnApplicationPause(bool isPaused)
        {
            // Phones give a microphone to the application in front alone, and show when it records.
            background = isPaused;
            if (isPaused && State == MicrophoneState.Running) Close(MicrophoneState.Off);
            else if (!isPaused) lookAt = 0f;
        }

        private void ReadDevice()
        {
            if (reader.Read(session.Core)) return;
            Debug.LogWarning("frametalk: the microphone was lost; it is opened again when there is one", this);
            Close(MicrophoneState.Absent);
            lookAt = Time.unscaledTime + LookEverySeconds;
        }

        private void Begin()
        {
            lookAt = Time.unscaledTime + LookEverySeconds;
            var answer = permission.Ask();
            if (answer == PermissionAnswer.Asking) Set(MicrophoneState.Asking);
            else if (answer == PermissionAnswer.Denied) Set(MicrophoneState.Denied);
            else if (!reader.Open(device)) Set(MicrophoneState.Absent);
            else StartCore();
        }

        private void StartCore()
        {
            session.Core.Mic.EchoCanceller = echoCanceller;
            session.Core.Mic.Start(mode, reader.RateHz);
            Set(MicrophoneState.Running);
        }

        private void Reopen()
        {
            Close(MicrophoneState.Off);
            Begin();
        }

        private void Close(MicrophoneState state)
        {
            reader.Close();
            if (session != null && session.Core.Mic.Started) session.Core.Mic.Stop();
            Set(state);
        }

        private void OnRenewed()
        {
            if (State == MicrophoneState.Running) StartCore();
        }

        private void Set(MicrophoneState state)
        {
            if (State == state) return;
            State = state;
            if (Changed != null) Changed(state);
        }

        private void Listen(bool on)
        {
#if FRAMETALK_INPUT_SYSTEM
            if (pushToTalk == null || pushToTalk.action == null) return;
            if (on)
            {
                pushToTalk.action.started += OnPressed;
                pushToTalk.action.canceled += OnReleased;
                pushToTalk.action.Enable();
            }
            else
            {
                pushToTalk.action.started -= OnPressed;
                pushToTalk.action.canceled -= OnReleased;
            }
#endif
        }

#if FRAMETALK_INPUT_SYSTEM
        private void OnPressed(InputAction.CallbackContext context)
        {
            Press();
        }

        private void OnReleased(InputAction.CallbackContext context)
        {
            Release();
        }
#endif
    }
}
