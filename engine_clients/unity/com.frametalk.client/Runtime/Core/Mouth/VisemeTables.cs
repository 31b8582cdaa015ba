// Written by engine_clients/unity/tools/export_visemes.py from protocols/; do not edit.
namespace Frametalk
{
    /// <summary>The tables of protocols/visemes.json.</summary>
    internal static class VisemeTables
    {
        public static readonly string[] Names = { "sil", "PP", "FF", "TH", "DD", "kk", "CH", "SS", "nn", "RR", "aa", "E", "ih", "oh", "ou" };

        public static readonly bool[] Closures = { false, true, true, false, false, false, false, false, false, false, false, false, false, false, false };

        public const double AttackMs = 60;
        public const double ReleaseMs = 80;
        public const double ClosureAttackMs = 40;
        public const double ClosureReleaseMs = 40;
        public const double CutReleaseMs = 80;

        public static readonly Part[][] Arkit =
        {
            new Part[0], // sil
            new Part[] { new Part("mouthPressLeft", 0.6f), new Part("mouthPressRight", 0.6f), new Part("mouthRollLower", 0.35f), new Part("mouthRollUpper", 0.35f) }, // PP
            new Part[] { new Part("jawOpen", 0.06f), new Part("mouthRollLower", 0.7f), new Part("mouthUpperUpLeft", 0.25f), new Part("mouthUpperUpRight", 0.25f) }, // FF
            new Part[] { new Part("jawOpen", 0.18f), new Part("tongueOut", 0.35f), new Part("mouthLowerDownLeft", 0.2f), new Part("mouthLowerDownRight", 0.2f) }, // TH
            new Part[] { new Part("jawOpen", 0.14f), new Part("mouthLowerDownLeft", 0.3f), new Part("mouthLowerDownRight", 0.3f), new Part("mouthUpperUpLeft", 0.1f), new Part("mouthUpperUpRight", 0.1f) }, // DD
            new Part[] { new Part("jawOpen", 0.18f), new Part("mouthLowerDownLeft", 0.2f), new Part("mouthLowerDownRight", 0.2f), new Part("mouthStretchLeft", 0.1f), new Part("mouthStretchRight", 0.1f) }, // kk
            new Part[] { new Part("jawOpen", 0.1f), new Part("mouthFunnel", 0.55f), new Part("mouthPucker", 0.2f) }, // CH
            new Part[] { new Part("jawOpen", 0.05f), new Part("mouthStretchLeft", 0.35f), new Part("mouthStretchRight", 0.35f), new Part("mouthSmileLeft", 0.15f), new Part("mouthSmileRight", 0.15f), new Part("mouthLowerDownLeft", 0.25f), new Part("mouthLowerDownRight", 0.25f) }, // SS
            new Part[] { new Part("jawOpen", 0.14f), new Part("mouthLowerDownLeft", 0.25f), new Part("mouthLowerDownRight", 0.25f), new Part("mouthSmileLeft", 0.05f), new Part("mouthSmileRight", 0.05f) }, // nn
            new Part[] { new Part("jawOpen", 0.14f), new Part("mouthFunnel", 0.35f), new Part("mouthPucker", 0.25f) }, // RR
            new Part[] { new Part("jawOpen", 0.6f), new Part("mouthLowerDownLeft", 0.2f), new Part("mouthLowerDownRight", 0.2f), new Part("mouthUpperUpLeft", 0.1f), new Part("mouthUpperUpRight", 0.1f) }, // aa
            new Part[] { new Part("jawOpen", 0.32f), new Part("mouthStretchLeft", 0.25f), new Part("mouthStretchRight", 0.25f), new Part("mouthLowerDownLeft", 0.25f), new Part("mouthLowerDownRight", 0.25f) }, // E
            new Part[] { new Part("jawOpen", 0.18f), new Part("mouthSmileLeft", 0.3f), new Part("mouthSmileRight", 0.3f), new Part("mouthStretchLeft", 0.25f), new Part("mouthStretchRight", 0.25f) }, // ih
            new Part[] { new Part("jawOpen", 0.42f), new Part("mouthFunnel", 0.55f), new Part("mouthPucker", 0.15f) }, // oh
            new Part[] { new Part("jawOpen", 0.18f), new Part("mouthFunnel", 0.3f), new Part("mouthPucker", 0.7f) }, // ou
        };

        public static readonly Part[][] Vrm =
        {
            new Part[0], // sil
            new Part[0], // PP
            new Part[] { new Part("ih", 0.1f) }, // FF
            new Part[] { new Part("ih", 0.2f), new Part("aa", 0.1f) }, // TH
            new Part[] { new Part("ih", 0.25f) }, // DD
            new Part[] { new Part("aa", 0.2f) }, // kk
            new Part[] { new Part("ou", 0.45f) }, // CH
            new Part[] { new Part("ee", 0.3f) }, // SS
            new Part[] { new Part("ih", 0.25f) }, // nn
            new Part[] { new Part("ou", 0.3f), new Part("oh", 0.15f) }, // RR
            new Part[] { new Part("aa", 1.0f) }, // aa
            new Part[] { new Part("ee", 0.8f) }, // E
            new Part[] { new Part("ih", 0.9f) }, // ih
            new Part[] { new Part("oh", 1.0f) }, // oh
            new Part[] { new Part("ou", 1.0f) }, // ou
        };

        public static readonly string[][] Aliases =
        {
            new string[] { "viseme_sil", "vrc.v_sil" },
            new string[] { "viseme_PP", "vrc.v_pp", "viseme_pp" },
            new string[] { "viseme_FF", "vrc.v_ff", "viseme_ff" },
            new string[] { "viseme_TH", "vrc.v_th", "viseme_th" },
            new string[] { "viseme_DD", "vrc.v_dd", "viseme_dd" },
            new string[] { "viseme_kk", "vrc.v_kk" },
            new string[] { "viseme_CH", "vrc.v_ch", "viseme_ch" },
            new string[] { "viseme_SS", "vrc.v_ss", "viseme_ss" },
            new string[] { "viseme_nn", "vrc.v_nn" },
            new string[] { "viseme_RR", "vrc.v_rr", "viseme_rr" },
            new string[] { "viseme_aa", "vrc.v_aa" },
            new string[] { "viseme_E", "vrc.v_e", "viseme_e" },
            new string[] { "viseme_ih", "viseme_I", "vrc.v_ih" },
            new string[] { "viseme_oh", "viseme_O", "vrc.v_oh" },
            new string[] { "viseme_ou", "viseme_U", "vrc.v_ou" },
        };
    }
}
