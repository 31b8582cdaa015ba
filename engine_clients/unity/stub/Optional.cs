// Packages that a project may have: only what the package uses of them.
using System;
using System.Runtime.CompilerServices;
using System.Threading.Tasks;

namespace UnityEngine.InputSystem
{
    public sealed class InputAction
    {
        public event Action<CallbackContext> started;

        public event Action<CallbackContext> canceled;

        public bool enabled { get; private set; }

        public void Enable()
        {
            enabled = true;
        }

        public void Disable()
        {
            enabled = false;
        }

        public void Stub(bool pressed)
        {
            var called = pressed ? started : canceled;
            if (enabled && called != null)
            {
                called(default(CallbackContext));
            }
        }

        public struct CallbackContext
        {
        }
    }

    public class InputActionReference : ScriptableObject
    {
        private readonly InputAction _action = new InputAction();

        public InputAction action
        {
            get { return _action; }
        }
    }
}
