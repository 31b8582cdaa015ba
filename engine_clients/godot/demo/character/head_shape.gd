## The shape of the blacksmith's head, and how each movement of the mouth moves its points. All in metres.
## The face looks along +z.
extends RefCounted

## The movements of which every mouth shape is a mixture, each 0 to 1.
enum Move { OPEN, WIDE, ROUND, PRESS, TUCK, LIFT, SMILE, FROWN }

## The 15 shapes of the wire as mixtures of movements, then the face's own expressions.
const MOUTHS: Dictionary[String, Dictionary] = {
	"sil": {},
	"PP": {Move.PRESS: 1.0},
	"FF": {Move.OPEN: 0.14, Move.TUCK: 1.0, Move.LIFT: 0.35},
	"TH": {Move.OPEN: 0.28, Move.LIFT: 0.25},
	"DD": {Move.OPEN: 0.3, Move.WIDE: 0.15, Move.LIFT: 0.2},
	"kk": {Move.OPEN: 0.34, Move.WIDE: 0.1},
	"CH": {Move.OPEN: 0.22, Move.ROUND: 0.6, Move.LIFT: 0.35},
	"SS": {Move.OPEN: 0.13, Move.WIDE: 0.5, Move.LIFT: 0.3},
	"nn": {Move.OPEN: 0.2, Move.WIDE: 0.1, Move.LIFT: 0.1},
	"RR": {Move.OPEN: 0.24, Move.ROUND: 0.45},
	"aa": {Move.OPEN: 1.0, Move.WIDE: 0.12},
	"E": {Move.OPEN: 0.55, Move.WIDE: 0.5, Move.LIFT: 0.2},
	"ih": {Move.OPEN: 0.36, Move.WIDE: 0.65, Move.LIFT: 0.2},
	"oh": {Move.OPEN: 0.7, Move.ROUND: 0.75},
	"ou": {Move.OPEN: 0.3, Move.ROUND: 1.0},
	"smile": {Move.SMILE: 1.0},
	"frown": {Move.FROWN: 1.0},
}

const MOUTH_Y := -0.05
const MOUTH_HALF := 0.03
const EYE := Vector3(0.031, 0.018, 0.078)
const EYE_RADIUS := 0.0145
const RADII := Vector3(0.08, 0.12, 0.1)


## A point of the face at rest; longitude 0 is the middle of the face.
static func skin(longitude: float, latitude: float) -> Vector3:
	var flat := cos(latitude)
	var p := RADII * Vector3(flat * sin(longitude), sin(latitude), flat * cos(longitude))
	var front := clampf(cos(longitude), 0.0, 1.0) * flat
	if p.y < 0.0:
		# A broad jaw, which narrows late and ends in a flat chin.
		var down := -p.y / RADII.y
		p *= Vector3(1.0 - 0.24 * down ** 1.8, 1.0 - 0.05 * down ** 3, 1.0 - 0.06 * down ** 2)
	var x := absf(p.x)
	var y := p.y
	var out := 0.012 * _bell(y + 0.1, 0.017) * _bell(x, 0.026)  # chin
	out += 0.032 * _bell(x, 0.0135) * _bell(y + 0.014, 0.011 if y < -0.014 else 0.026)  # nose
	out += 0.009 * _bell(y + 0.017, 0.009) * _bell(x - 0.014, 0.008)  # its wings
	out += 0.0085 * _bell(y - 0.04, 0.009) * _bell(x - 0.027, 0.022)  # brow
	out -= 0.015 * _bell(y - EYE.y, 0.012) * _bell(x - EYE.x, 0.013)  # sockets
	out += 0.007 * _bell(y + 0.02, 0.017) * _bell(x - 0.046, 0.015)  # cheeks
	out += 0.0065 * _bell(y - MOUTH_Y - 0.006, 0.006) * _bell(x, 0.024)  # upper lip
	out += 0.0085 * _bell(y - MOUTH_Y + 0.007, 0.007) * _bell(x, 0.021)  # lower lip
	out -= 0.003 * _bell(y - MOUTH_Y, 0.0022) * _bell(x, 0.026)  # where they meet
	p.z += front * out
	if p.z < 0.0:
		p.z *= 1.1
	return p


## How far each movement (in the order of [enum Move]) moves a point; [param above]: it belongs to the
## upper lip.
static func moves(p: Vector3, above: bool) -> PackedVector3Array:
	var by := PackedVector3Array()
	by.resize(Move.size())
	if p.z < -0.01:
		return by
	var x := absf(p.x)
	var away := p.y - MOUTH_Y
	var side := clampf(p.x / MOUTH_HALF, -1.0, 1.0)
	var lip := sqrt(maxf(0.0, 1.0 - (x / MOUTH_HALF) ** 2))
	var beyond := 1.0 if x < MOUTH_HALF else _bell(x / MOUTH_HALF - 1.0, 0.45)
	var near := _bell(away, 0.02) * _bell(x, 0.032)
	var sideways := side * _bell(away, 0.02) * beyond
	if above:
		by[Move.OPEN].y = 0.003 * lip * _bell(away, 0.012)
		by[Move.LIFT].y = 0.0055 * lip * _bell(away, 0.012)
	else:
		var jaw := clampf(1.0 - x / 0.085, 0.0, 1.0) * clampf(p.z / 0.04, 0.0, 1.0)
		jaw *= clampf(-away / 0.018, 0.0, 1.0)
		var down := lip * _bell(away, 0.028) + (1.0 - _bell(away, 0.013)) * jaw * 0.85
		by[Move.OPEN] = Vector3(0.0, -0.025 * down, -0.008 * jaw)
		by[Move.TUCK].y = 0.006 * lip * _bell(away, 0.009)
		by[Move.TUCK].z = -0.007 * lip * _bell(away, 0.011)
	by[Move.WIDE] = Vector3(0.009 * sideways, 0.0, -0.002 * near)
	by[Move.ROUND] = Vector3(-0.0135 * sideways, 0.0, 0.014 * near)
	by[Move.PRESS].y = (-0.0022 if above else 0.0022) * near
	by[Move.PRESS].z = -0.006 * _bell(away, 0.009) * _bell(x, 0.026)
	var corner := 0.0085 * _bell(x - MOUTH_HALF, 0.013) * _bell(away, 0.016)
	var cheek := 0.004 * _bell(x - 0.046, 0.015) * _bell(p.y + 0.018, 0.014)
	by[Move.SMILE] = Vector3(0.005 * sideways, corner + cheek, 0.0)
	by[Move.FROWN].y = -corner
	return by


## How thick the beard is at a point of the face, 0 (none) to 1.
static func beard(p: Vector3) -> float:
	var x := absf(p.x)
	var jaw := _unit((-0.03 - p.y) / 0.02) * _unit((p.z + 0.03) / 0.03)
	var sideburn := _unit((0.03 - p.y) / 0.02) * _unit((x - 0.066) / 0.006)
	sideburn *= _unit((0.05 - p.z) / 0.02) * _unit((p.z + 0.015) / 0.02)
	# The mouth stays free: no beard around the lips, nor between nose and upper lip.
	var lips := _unit(Vector2(x / (MOUTH_HALF * 1.12), (p.y - MOUTH_Y) / 0.0155).length() - 1.0)
	var low := 1.0 if p.y < MOUTH_Y else _unit((x - MOUTH_HALF * 0.95) / 0.008)
	return maxf(jaw * _unit(lips * 2.5) * low, sideburn * 0.7)


## The moustache: two tufts below the nose.
static func moustache(p: Vector3) -> float:
	if p.z <= 0.0:
		return 0.0
	var x := absf(p.x)
	var line := MOUTH_Y + 0.0155 - 0.011 * (x / 0.036) ** 2
	return _unit(1.25 - absf(p.y - line) / 0.006) * _unit(1.2 - x / 0.036) * _unit(x / 0.003 + 0.35)


## Hair, swept back from the forehead.
static func hair(p: Vector3) -> float:
	var top := _unit((p.y - 0.052) / 0.012) * _unit((0.052 - p.z) / 0.012)
	var back := _unit((-0.002 - p.z) / 0.018) * _unit((p.y + 0.07) / 0.014)
	var temple := _unit((absf(p.x) - 0.068) / 0.006) * _unit((p.y - 0.005) / 0.02)
	return maxf(maxf(top, back), temple * _unit((0.04 - p.z) / 0.02))


static func _bell(x: float, width: float) -> float:
	return exp(-x * x / (2.0 * width * width))


static func _unit(x: float) -> float:
	return clampf(x, 0.0, 1.0)
