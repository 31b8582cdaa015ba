using System.Collections.Generic;
using UnityEngine;

namespace Frametalk.Samples
{
    /// <summary>Makes a head in code: a mesh with the 15 mouth shapes as blend shapes.</summary>
    public static class ProceduralHead
    {
        private const int Rings = 40;
        private const int Sectors = 48;
        private const float MouthHeight = -0.32f;
        private const float MouthWidth = 0.28f;
        private const float MouthReach = 0.16f;

        /// <summary>What the lips do in a shape.</summary>
        private struct Lips
        {
            public float Open; // the lower lip's way down
            public float Wide; // the corners' way out
            public float Round; // both lips' way forward
            public float Press; // both lips' way to each other

            public Lips(float open, float wide, float round, float press)
            {
                Open = open;
                Wide = wide;
                Round = round;
                Press = press;
            }
        }

        // In the order of Visemes.Names: sil PP FF TH DD kk CH SS nn RR aa E ih oh ou.
        private static readonly Lips[] Shapes =
        {
            new Lips(0f, 0f, 0f, 0f), new Lips(0f, -0.02f, 0.01f, 0.03f), new Lips(0.02f, 0f, 0f, 0.02f),
            new Lips(0.06f, 0.01f, 0f, 0f), new Lips(0.05f, 0.02f, 0f, 0f), new Lips(0.07f, 0.01f, 0f, 0f),
            new Lips(0.04f, -0.05f, 0.05f, 0f), new Lips(0.03f, 0.04f, 0f, 0f), new Lips(0.05f, 0.02f, 0f, 0f),
            new Lips(0.05f, -0.03f, 0.03f, 0f), new Lips(0.16f, 0.02f, 0f, 0f), new Lips(0.1f, 0.05f, 0f, 0f),
            new Lips(0.07f, 0.06f, 0f, 0f), new Lips(0.12f, -0.05f, 0.05f, 0f), new Lips(0.06f, -0.08f, 0.08f, 0f),
        };

        /// <summary>A head of about 0.25 m, ready for a <see cref="Frametalk.Unity.FrametalkLipSync"/>.</summary>
        public static SkinnedMeshRenderer Make(Transform parent)
        {
            var head = new GameObject("Head");
            head.transform.SetParent(parent, false);
            head.transform.localScale = Vector3.one * 0.125f;
            var renderer = head.AddComponent<SkinnedMeshRenderer>();
            renderer.sharedMesh = Mesh();
            renderer.sharedMaterial = new Material(Shader.Find("Standard"));
            return renderer;
        }

        private static Mesh Mesh()
        {
            var vertices = Sphere();
            var mesh = new Mesh { name = "Procedural head", vertices = vertices, triangles = Triangles() };
            mesh.RecalculateNormals();
            for (var v = 0; v < Shapes.Length; v++)
            {
                mesh.AddBlendShapeFrame(Visemes.Names[v], 100f, Deltas(vertices, Shapes[v]), null, null);
            }

            mesh.RecalculateBounds();
            return mesh;
        }

        private static Vector3[] Sphere()
        {
            var vertices = new List<Vector3>();
            for (var ring = 0; ring <= Rings; ring++)
            {
                var polar = Mathf.PI * ring / Rings;
                for (var sector = 0; sector <= Sectors; sector++)
                {
                    var around = 2f * Mathf.PI * sector / Sectors;
                    var at = new Vector3(Mathf.Sin(polar) * Mathf.Sin(around), Mathf.Cos(polar), Mathf.Sin(polar) * Mathf.Cos(around));
                    vertices.Add(new Vector3(at.x * 0.8f, at.y, at.z * 0.9f));
                }
            }

            return vertices.ToArray();
        }

        private static int[] Triangles()
        {
            var triangles = new List<int>();
            for (var ring = 0; ring < Rings; ring++)
            {
                for (var sector = 0; sector < Sectors; sector++)
                {
                    var at = (ring * (Sectors + 1)) + sector;
                    triangles.AddRange(new[] { at, at + Sectors + 1, at + 1, at + 1, at + Sectors + 1, at + Sectors + 2 });
                }
            }

            return triangles.ToArray();
        }

        private static Vector3[] Deltas(Vector3[] vertices, Lips lips)
        {
            var deltas = new Vector3[vertices.Length];
            for (var i = 0; i < vertices.Length; i++)
            {
                var at = vertices[i];
                if (at.z <= 0f) continue;
                var across = at.x / MouthWidth;
                var below = (at.y - MouthHeight) / MouthReach;
                var near = Mathf.Exp(-(across * across) - (below * below));
                var lower = below < 0f ? 1f : 0f;
                var side = at.x < 0f ? -1f : 1f;
                deltas[i] = new Vector3(
                    side * lips.Wide * near * Mathf.Min(1f, Mathf.Abs(across)),
                    near * ((-lips.Open * lower) + (lips.Press * ((2f * lower) - 1f))),
                    lips.Round * near);
            }

            return deltas;
        }
    }
}
