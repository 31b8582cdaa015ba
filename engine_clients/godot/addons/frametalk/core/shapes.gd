extends RefCounted
## Which fields of the server's messages this client reads, and of which type they are.
##
## A message whose fields do not fit is not acted upon, so that nothing further in has to look again.

const NUMBER := -1  # whole or not
const FREE := -2
const COUNT_OR_NULL := -3
const NUMBER_OR_NULL := -4
## Type -> field -> type of the value. Of an array: the field is required, and the second entry is its type.
const FIELDS: Dictionary = {
	"ping": {"id": [TYPE_INT], "t_us": [TYPE_INT]},
	"pong": {"id": [TYPE_INT], "t_us": [TYPE_INT], "received_us": [TYPE_INT], "sent_us": [TYPE_INT]},
	"received": {"messages": [TYPE_INT], "mic_sample": COUNT_OR_NULL},
	"error":
	{
		"code": [TYPE_STRING],
		"text": TYPE_STRING,
		"remedy": TYPE_STRING,
		"stage": TYPE_STRING,
		"fault": TYPE_STRING,
		"fatal": TYPE_BOOL,
	},
	"welcome":
	{
		"session": [TYPE_STRING],
		"resume": TYPE_STRING,
		"resumed": TYPE_BOOL,
		"not_resumed": TYPE_STRING,
		"received": TYPE_INT,
		"mic_sample": COUNT_OR_NULL,
		"rate_hz": [TYPE_INT],
		"features": TYPE_ARRAY,
		"limits": [TYPE_DICTIONARY],
	},
	"limits":
	{
		"played_every_ms": [NUMBER],
		"mic_frame_ms": [NUMBER],
		"resume_ms": NUMBER,
		"pause_ms": NUMBER,
	},
	"turn.state": {"state": [TYPE_STRING], "turn": [TYPE_INT], "paused": TYPE_BOOL, "gesture": TYPE_STRING},
	"transcript": {"turn": [TYPE_INT], "text": [TYPE_STRING], "stable": TYPE_INT, "final": TYPE_BOOL},
	"reply.begin":
	{
		"reply": [TYPE_INT],
		"turn": [TYPE_INT],
		"stream": [TYPE_INT],
		"rate_hz": [TYPE_INT],
		"character": TYPE_STRING,
	},
	"reply.text": {"reply": [TYPE_INT], "text": [TYPE_STRING], "at": [TYPE_INT]},
	"reply.marks": {"reply": [TYPE_INT], "marks": [FREE]},
	"reply.end": {"reply": [TYPE_INT], "samples": [TYPE_INT]},
	"reply.cut": {"reply": [TYPE_INT], "at": [TYPE_INT], "reason": TYPE_STRING},
	"tool.call":
	{
		"call": [TYPE_INT],
		"name": [TYPE_STRING],
		"args": TYPE_DICTIONARY,
		"scene_rev": TYPE_INT,
		"deadline_ms": [NUMBER],
		"turn": TYPE_INT,
		"reply": COUNT_OR_NULL,
		"at": TYPE_INT,
	},
	"tool.cancel": {"call": [TYPE_INT]},
	"scene.ack": {"rev": [TYPE_INT]},
	"scene.resync": {"rev": [TYPE_INT]},
	"trace":
	{
		"turn": [TYPE_INT],
		"reply": [TYPE_INT],
		"mouth_to_ear_ms": NUMBER_OR_NULL,
		"stages": TYPE_ARRAY,
		"unmeasured": TYPE_STRING,
		"unseen": TYPE_ARRAY,
		"ready": TYPE_BOOL,
		"discarded": TYPE_INT,
		"measures": TYPE_ARRAY,
	},
	"goaway": {"reason": TYPE_STRING, "in_ms": NUMBER, "url": TYPE_STRING},
}
const RATES_HZ := [8_000, 192_000]


## What is wrong with a message; empty: nothing, or its type is unknown.
static func fault(message: Dictionary) -> String:
	var type: String = message["type"]
	if not _fits(message.get("seq", 0), TYPE_INT):
		return "%s: seq" % type
	var found := _fault_of(type, message)
	if not found and type == "welcome":
		found = _fault_of("limits", message["limits"])
	if not found and type == "reply.begin":
		var rate_hz: int = message["rate_hz"]
		if rate_hz < RATES_HZ[0] or rate_hz > RATES_HZ[1]:
			found = "reply.begin: rate_hz"
	return found


static func _fault_of(type: String, message: Dictionary) -> String:
	var fields: Dictionary = FIELDS.get(type, {})
	for field: String in fields:
		var expected: Variant = fields[field]
		var required := expected is Array
		var known: int = (expected as Array)[0] if required else expected
		if not message.has(field):
			if required:
				return "%s: %s is missing" % [type, field]
		elif not _fits(message[field], known):
			return "%s: %s" % [type, field]
	return ""


static func _fits(value: Variant, type: int) -> bool:
	if type == FREE:
		return true
	if type == NUMBER or type == NUMBER_OR_NULL:
		return value is int or value is float or (value == null and type == NUMBER_OR_NULL)
	if value is int and (type == TYPE_INT or type == COUNT_OR_NULL):
		return value >= 0
	if type == COUNT_OR_NULL:
		return value == null
	return typeof(value) == type
