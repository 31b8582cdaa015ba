// UnityEngine's bodies: meshes with blend shapes, renderers, materials, animators, cameras.
using System;
using System.Collections.Generic;

namespace UnityEngine
{
    public sealed class Mesh : Object
    {
        private readonly List<string> _shapes = new List<string>();
        private readonly List<Vector3[]> _deltas = new List<Vector3[]>();

        public Vector3[] vertices { get; set; }

        public int[] triangles { get; set; }

        public int vertexCount
        {
            get { return vertices == null ? 0 : vertices.Length; }
        }

        public int blendShapeCount
        {
            get { return _shapes.Count; }
        }

        public string GetBlendShapeName(int shapeIndex)
        {
            return _shapes[shapeIndex];
        }

        public int GetBlendShapeIndex(string blendShapeName)
        {
            return _shapes.IndexOf(blendShapeName);
        }

        public void AddBlendShapeFrame(string shapeName, float frameWeight, Vector3[] deltaVertices, Vector3[] deltaNormals, Vector3[] deltaTangents)
        {
            if (deltaVertices.Length != vertexCount)
            {
                throw new ArgumentException("blend shape of " + deltaVertices.Length + " vertices on a mesh of " + vertexCount);
            }

            _shapes.Add(shapeName);
            _deltas.Add(deltaVertices);
        }

        public void RecalculateNormals()
        {
        }

        public void RecalculateBounds()
        {
        }
    }

    public class Renderer : Component
    {
        public bool enabled { get; set; }

        public Material sharedMaterial { get; set; }

        public Material material { get; set; }
    }

    public class MeshRenderer : Renderer
    {
        public MeshRenderer()
        {
            material = new Material(Shader.Find("stub"));
        }
    }

    public sealed class MeshFilter : Component
    {
        public Mesh sharedMesh { get; set; }

        public Mesh mesh { get; set; }
    }

    public class SkinnedMeshRenderer : Renderer
    {
        private float[] _weights = new float[0];

        public Mesh sharedMesh { get; set; }

        public float GetBlendShapeWeight(int index)
        {
            Check(index);
            return index < _weights.Length ? _weights[index] : 0f;
        }

        public void SetBlendShapeWeight(int index, float value)
        {
            Check(index);
            if (_weights.Length < sharedMesh.blendShapeCount)
            {
                Array.Resize(ref _weights, sharedMesh.blendShapeCount);
            }

            _weights[index] = value;
        }

        private void Check(int index)
        {
            if (index < 0 || index >= sharedMesh.blendShapeCount)
            {
                throw new ArgumentOutOfRangeException("index");
            }
        }
    }

    public sealed class Shader : Object
    {
        public static Shader Find(string name)
        {
            return new Shader { name = name };
        }
    }

    public class Material : Object
    {
        public Material(Shader shader)
        {
        }
    }

    public sealed class Animator : Behaviour
    {
    }

    public sealed class Camera : Behaviour
    {
        public static Camera main
        {
            get { return Stub.Engine.Find<Camera>(true); }
        }
    }

    public enum LightType
    {
        Spot = 0,
        Directional = 1,
        Point = 2,
    }

    public sealed class Light : Behaviour
    {
        public LightType type { get; set; }
    }
}
