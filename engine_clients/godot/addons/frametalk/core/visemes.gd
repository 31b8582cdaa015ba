extends RefCounted
## The tables of protocols/visemes.json that a client needs; a test keeps them equal.

const NAMES: Array[StringName] = [
	&"sil", &"PP", &"FF", &"TH", &"DD", &"kk", &"CH", &"SS", &"nn", &"RR", &"aa", &"E", &"ih", &"oh", &"ou"
]
## Shapes that close the mouth, as numbers in NAMES.
const CLOSURES: Array[int] = [1, 2]
const ATTACK_MS := 60.0
const RELEASE_MS := 80.0
const CLOSURE_ATTACK_MS := 40.0
const CLOSURE_RELEASE_MS := 40.0
const CUT_RELEASE_MS := 80.0

## Each shape as ARKit blend shapes.
const ARKIT: Dictionary = {
	"sil": {},
	"PP": {"mouthPressLeft": 0.6, "mouthPressRight": 0.6, "mouthRollLower": 0.35, "mouthRollUpper": 0.35},
	"FF": {"jawOpen": 0.06, "mouthRollLower": 0.7, "mouthUpperUpLeft": 0.25, "mouthUpperUpRight": 0.25},
	"TH": {"jawOpen": 0.18, "tongueOut": 0.35, "mouthLowerDownLeft": 0.2, "mouthLowerDownRight": 0.2},
	"DD":
	{
		"jawOpen": 0.14,
		"mouthLowerDownLeft": 0.3,
		"mouthLowerDownRight": 0.3,
		"mouthUpperUpLeft": 0.1,
		"mouthUpperUpRight": 0.1
	},
	"kk":
	{
		"jawOpen": 0.18,
		"mouthLowerDownLeft": 0.2,
		"mouthLowerDownRight": 0.2,
		"mouthStretchLeft": 0.1,
		"mouthStretchRight": 0.1
	},
	"CH": {"jawOpen": 0.1, "mouthFunnel": 0.55, "mouthPucker": 0.2},
	"SS":
	{
		"jawOpen": 0.05,
		"mouthStretchLeft": 0.35,
		"mouthStretchRight": 0.35,
		"mouthSmileLeft": 0.15,
		"mouthSmileRight": 0.15,
		"mouthLowerDownLeft": 0.25,
		"mouthLowerDownRight": 0.25
	},
	"nn":
	{
		"jawOpen": 0.14,
		"mouthLowerDownLeft": 0.25,
		"mouthLowerDownRight": 0.25,
		"mouthSmileLeft": 0.05,
		"mouthSmileRight": 0.05
	},
	"RR": {"jawOpen": 0.14, "mouthFunnel": 0.35, "mouthPucker": 0.25},
	"aa":
	{
		"jawOpen": 0.6,
		"mouthLowerDownLeft": 0.2,
		"mouthLowerDownRight": 0.2,
		"mouthUpperUpLeft": 0.1,
		"mouthUpperUpRight": 0.1
	},
	"E":
	{
		"jawOpen": 0.32,
		"mouthStretchLeft": 0.25,
		"mouthStretchRight": 0.25,
		"mouthLowerDownLeft": 0.25,
		"mouthLowerDownRight": 0.25
	},
	"ih":
	{
		## Each shape as ARKit blend shapes.
		"jawOpen": 0.18,
		"mouthSmileLeft": 0.3,
		"mouthSmileRight": 0.3,
		"mouthStretchLeft": 0.25,
		"mouthStretchRight": 0.25
	},
	"oh": {"jawOpen": 0.42, "mouthFunnel": 0.55, "mouthPucker": 0.15},
	"ou": {"jawOpen": 0.18, "mouthFunnel": 0.3, "mouthPucker": 0.7}
}
## Each shape as VRM 1.0 expressions.
const VRM: Dictionary = {
	"sil": {},
	"PP": {},
	"FF": {"ih": 0.1},
	"TH": {"ih": 0.2, "aa": 0.1},
	"DD": {"ih": 0.25},
	"kk": {"aa": 0.2},
	"CH": {"ou": 0.45},
	"SS": {"ee": 0.3},
	"nn": {"ih": 0.25},
	"RR": {"ou": 0.3, "oh": 0.15},
	"aa": {"aa": 1.0},
	"E": {"ee": 0.8},
	"ih": {"ih": 0.9},
	"oh": {"oh": 1.0},
	"ou": {"ou": 1.0}
}
## Names that models use for each shape.
const ALIASES: Dictionary = {
	"sil": ["viseme_sil", "vrc.v_sil"],
	"PP": ["viseme_PP", "vrc.v_pp", "viseme_pp"],
	"FF": ["viseme_FF", "vrc.v_ff", "viseme_ff"],
	"TH": ["viseme_TH", "vrc.v_th", "viseme_th"],
	"DD": ["viseme_DD", "vrc.v_dd", "viseme_dd"],
	"kk": ["viseme_kk", "vrc.v_kk"],
	"CH": ["viseme_CH", "vrc.v_ch", "viseme_ch"],
	"SS": ["viseme_SS", "vrc.v_ss", "viseme_ss"],
	"nn": ["viseme_nn", "vrc.v_nn"],
	"RR": ["viseme_RR", "vrc.v_rr", "viseme_rr"],
	"aa": ["viseme_aa", "vrc.v_aa"],
	"E": ["viseme_E", "vrc.v_e", "viseme_e"],
	"ih": ["viseme_ih", "viseme_I", "vrc.v_ih"],
	"oh": ["viseme_oh", "viseme_O", "vrc.v_oh"],
	"ou": ["viseme_ou", "viseme_U", "vrc.v_ou"]
}
