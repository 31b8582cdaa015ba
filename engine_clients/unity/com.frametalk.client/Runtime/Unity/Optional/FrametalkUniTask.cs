#if FRAMETALK_UNITASK
using System;
using Cysharp.Threading.Tasks;

namespace Frametalk.Unity
{
    /// <summary>Tools with UniTask, for projects that have it.</summary>
    public static class FrametalkUniTask
    {
        /// <summary>Declares a tool whose handler returns the value later. Otherwise as <see cref="FrametalkSession.AddTool"/>.</summary>
        public static void AddToolAsync(this FrametalkSession session, ToolSpec spec, Func<Call, UniTask<object>> handler)
        {
            session.AddToolLater(spec, call => Answer(call, handler));
        }

        private static async void Answer(Call call, Func<Call, UniTask<object>> handler)
        {
            try
            {
                call.Done(await handler(call));
            }
            catch (Refusal refusal)
            {
                call.Refuse(refusal.Message);
            }
            catch (Exception e)
            {
                call.Fail(e.Message);
            }
        }
    }
}
#endif
