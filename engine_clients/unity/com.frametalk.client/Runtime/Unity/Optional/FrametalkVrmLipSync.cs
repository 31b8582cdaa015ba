#if FRAMETALK_UNIVRM
using UniVRM10;
using UnityEngine;

namespace Frametalk.Unity
{
    /// <summary>Moves the mouth of a VRM 1.0 model through its expressions, for projects that have UniVRM.</summary>
    [AddComponentMenu("Frametalk/Frametalk VRM Lip Sync")]
    [DefaultExecutionOrder(1000)]
    public sealed class FrametalkVrmLipSync : MonoBehaviour
    {
        private const float Rest = 0.9999f;
        private static readonly string[] Names = { "aa", "ih", "ou", "ee", "oh" };
        private static readonly ExpressionKey[] Keys =
        {
            ExpressionKey.Aa, ExpressionKey.Ih, ExpressionKey.Ou, ExpressionKey.Ee, ExpressionKey.Oh,
        };

        [SerializeField] private FrametalkSession session;
        [SerializeField] private Vrm10Instance model;
        [SerializeField, Range(0f, 2f)] private float gain = 1f;

        private readonly float[] weights = new float[Visemes.Count];
        private readonly FaceMap map = FaceMap.Of(Names);
        private bool moving;

        /// <summary>The session whose voice moves the mouth.</summary>
        public FrametalkSession Session
        {
            get { return session; }
            set { session = value; }
        }

        /// <summary>The model; null: the one on this object.</summary>
        public Vrm10Instance Model
        {
            get { return model; }
            set { model = value; }
        }

        private void OnEnable()
        {
            session = FrametalkSession.For(this, session);
            if (model == null) model = GetComponent<Vrm10Instance>();
        }

        private void OnDisable()
        {
            if (moving) Write(0f);
        }

        private void LateUpdate()
        {
            if (session == null || model == null) return;
            var began = FrametalkCost.Now;
            session.Core.Mouth.Weights(weights);
            if (weights[Visemes.Sil] < Rest) Write(gain);
            else if (moving) Write(0f);
            FrametalkCost.Add(began);
        }

        /// <summary>Sets the expressions; a scale of 0 is the mouth at rest.</summary>
        private void Write(float scale)
        {
            moving = scale > 0f;
            map.Apply(weights);
            for (var i = 0; i < map.Count; i++)
            {
                model.Runtime.Expression.SetWeight(Keys[map.TargetAt(i)], Mathf.Clamp01(scale * map.Values[i]));
            }
        }
    }
}
#endif
