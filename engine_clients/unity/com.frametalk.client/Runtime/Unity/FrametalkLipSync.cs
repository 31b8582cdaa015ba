using System;
using System.Collections.Generic;
using UnityEngine;

namespace Frametalk.Unity
{
    /// <summary>
    /// Moves the mouth with the sound that leaves the loudspeaker. It runs in LateUpdate, after the Animator and after most
    /// scripts, and writes only while the mouth moves; at the end of a reply the mouth is put at rest, always.
    /// </summary>
    [AddComponentMenu("Frametalk/Frametalk Lip Sync")]
    [DefaultExecutionOrder(1000)]
    public sealed class FrametalkLipSync : MonoBehaviour
    {
        private const float FullWeight = 100f; // Unity's blend shapes go to 100
        private const float Rest = 0.9999f;

        [SerializeField, Tooltip("Empty: the session above this object, or the scene's only one.")]
        private FrametalkSession session;

        [SerializeField, Tooltip("The meshes with mouth shapes: head, teeth, beard. Empty: every one below this object.")]
        private SkinnedMeshRenderer[] faces = new SkinnedMeshRenderer[0];

        [SerializeField, Range(0f, 2f), Tooltip("How far the mouth moves. 1: as the tables say.")]
        private float gain = 1f;

        [SerializeField, Tooltip("Names of your blend shapes for sil, PP, FF, TH, DD, kk, CH, SS, nn, RR, aa, E, ih, oh, ou. Empty: found by name.")]
        private string[] shapeNames = new string[0];

        private readonly float[] weights = new float[Visemes.Count];
        private readonly List<Face> mapped = new List<Face>();
        private bool moving;

        /// <summary>The session whose voice moves the mouth.</summary>
        public FrametalkSession Session
        {
            get { return session; }
            set { session = value; }
        }

        /// <summary>How far the mouth moves, 0 to 2.</summary>
        public float Gain
        {
            get { return gain; }
            set { gain = value; }
        }

        /// <summary>The meshes. Call <see cref="Map"/> after a change while it runs.</summary>
        public SkinnedMeshRenderer[] Faces
        {
            get { return faces; }
            set { faces = value; }
        }

        /// <summary>Names of the 15 shapes on your meshes; empty: found by name.</summary>
        public string[] ShapeNames
        {
            get { return shapeNames; }
            set { shapeNames = value; }
        }

        /// <summary>Whether the mouth moves now.</summary>
        public bool Moving
        {
            get { return moving; }
        }

        /// <summary>The 15 weights of the newest frame, in the order of <see cref="Visemes.Names"/>.</summary>
        public IReadOnlyList<float> Weights
        {
            get { return weights; }
        }

        /// <summary>How the mouth shapes map to a mesh; null for a mesh without blend shapes.</summary>
        public static FaceMap MapOf(Mesh mesh, string[] names)
        {
            if (mesh == null || mesh.blendShapeCount == 0) return null;
            if (names != null && names.Length > 0)
            {
                var indexes = new int[Visemes.Count];
                for (var i = 0; i < indexes.Length; i++)
                {
                    indexes[i] = i < names.Length && !string.IsNullOrEmpty(names[i]) ? mesh.GetBlendShapeIndex(names[i]) : -1;
                }

                return FaceMap.Of(indexes);
            }

            var all = new string[mesh.blendShapeCount];
            for (var i = 0; i < all.Length; i++) all[i] = mesh.GetBlendShapeName(i);
            return FaceMap.Of(all);
        }

        /// <summary>Finds the mouth shapes of the meshes again.</summary>
        public void Map()
        {
            PutAtRest();
            mapped.Clear();
            var found = faces == null || faces.Length == 0 ? GetComponentsInChildren<SkinnedMeshRenderer>() : faces;
            foreach (var renderer in found)
            {
                if (renderer == null) continue;
                var map = MapOf(renderer.sharedMesh, shapeNames);
                if (map != null && map.Kind != FaceKind.None) mapped.Add(new Face(renderer, map));
            }

            if (mapped.Count == 0)
            {
                Debug.LogWarning("frametalk: no mesh below " + name + " has mouth shapes; see Lip-sync in the documentation", this);
            }
        }

        private void OnEnable()
        {
            session = FrametalkSession.For(this, session);
            Map();
        }

        private void OnDisable()
        {
            PutAtRest();
        }

        private void LateUpdate()
        {
            var began = FrametalkCost.Now;
            if (session != null)
            {
                session.Core.Mouth.Weights(weights);
                if (weights[Visemes.Sil] < Rest) Write();
                else if (moving) PutAtRest();
            }

            FrametalkCost.Add(began);
        }

        private void Write()
        {
            moving = true;
            for (var f = 0; f < mapped.Count; f++) mapped[f].Write(weights, FullWeight * gain);
        }

        private void PutAtRest()
        {
            if (!moving) return;
            moving = false;
            Array.Clear(weights, 0, weights.Length);
            weights[Visemes.Sil] = 1f;
            for (var f = 0; f < mapped.Count; f++) mapped[f].Rest();
        }

        /// <summary>One mesh, and the values that its mouth shapes had before the mouth moved.</summary>
        private sealed class Face
        {
            private readonly SkinnedMeshRenderer renderer;
            private readonly FaceMap map;
            private readonly float[] rest;

            public Face(SkinnedMeshRenderer renderer, FaceMap map)
            {
                this.renderer = renderer;
                this.map = map;
                rest = new float[map.Count];
                for (var i = 0; i < rest.Length; i++) rest[i] = renderer.GetBlendShapeWeight(map.TargetAt(i));
            }

            public void Write(float[] weights, float scale)
            {
                if (renderer == null) return;
                map.Apply(weights);
                var values = map.Values;
                for (var i = 0; i < values.Length; i++)
                {
                    renderer.SetBlendShapeWeight(map.TargetAt(i), rest[i] + (scale * values[i]));
                }
            }

            public void Rest()
            {
                if (renderer == null) return;
                for (var i = 0; i < rest.Length; i++) renderer.SetBlendShapeWeight(map.TargetAt(i), rest[i]);
            }
        }
    }
}
