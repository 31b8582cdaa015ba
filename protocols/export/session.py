"""The annotated example session: every frame of a short conversation."""

from __future__ import annotations

import math
import struct
from typing import Any, Literal, NamedTuple

from annotate import control_lines, media_lines
from samples import LIMITS, tag

from frametalk.core.marks import Mark
from frametalk.core.scene import Entity
from frametalk.core.tools import ToolSpec
from frametalk.wire import messages as m
from frametalk.wire.codec import Media, MediaKind, encode, encode_media

MIC_HZ = 16_000
REPLY_HZ = 22_050


class Step(NamedTuple):
    """One frame, its sender and its purpose."""

    sender: Literal["client", "server"]
    why: str
    frame: m.AnyMessage | Media


def _tone(samples: int, rate_hz: int) -> bytes:
    values = (round(8000 * math.sin(2 * math.pi * 440 * n / rate_hz)) for n in range(samples))
    return b"".join(struct.pack("<h", value) for value in values)


_OPEN = ToolSpec(
    name="open",
    description="Open a door or a container.",
    parameters={
        "type": "object",
        "properties": {"target": {"type": "string", "x-entity": True}},
        "required": ["target"],
    },
    verbs=("open",),
)

STEPS: tuple[Step, ...] = (
    Step(
        "client",
        "The first message, within 3 s. The game declares one tool.",
        m.Hello(
            protocol=1,
            client=m.ClientInfo(name="tavern"),
            tools=(_OPEN,),
        ),
    ),
    Step(
        "server",
        "The session is open. `seq` begins at 1 and counts the server's messages.",
        m.Welcome(
            seq=1,
            protocol=1,
            session="s-1",
            character="blacksmith",
            mic_rates_hz=(8000, 16000, 24000, 48000),
            rate_hz=REPLY_HZ,
            limits=LIMITS,
        ),
    ),
    Step(
        "client",
        "The whole scene, at the client's revision 1.",
        m.SceneSnapshot(
            rev=1,
            entities=(
                Entity(id="chest", name="chest", kind="container", state={"open": False}),
                Entity(id="door", name="red door", aliases=("front door",)),
            ),
        ),
    ),
    Step("server", "The scene is in force.", m.SceneAck(seq=2, rev=1)),
    Step(
        "server", "A ping, to compare the clocks. It has no `seq`.", m.Ping(id=1, t_us=52_000_000)
    ),
    Step(
        "client",
        "Answer at once: the ping's own time, then the client's clock at receipt and at sending.",
        m.Pong(id=1, t_us=52_000_000, received_us=1_000_000, sent_us=1_000_040),
    ),
    Step(
        "client",
        "The microphone opens. Its clock starts at 0.",
        m.MicStart(stream=1, rate_hz=MIC_HZ),
    ),
    Step(
        "client",
        "20 ms of sound: 320 samples from sample 0 on. Fifty of these follow every second.",
        Media(MediaKind.PCM16, 1, 0, 0, _tone(320, MIC_HZ)),
    ),
    Step(
        "client",
        "The next 20 ms begin at sample 320. (Further microphone frames are omitted here.)",
        Media(MediaKind.PCM16, 1, 1, 320, _tone(320, MIC_HZ)),
    ),
    Step(
        "server",
        "The player speaks: turn 1. The character's body may show that it listens.",
        m.TurnStateChanged(seq=3, state="hearing", turn=1, t_us=52_900_000),
    ),
    Step(
        "server",
        "The text so far. Its first five characters will not change.",
        m.Transcript(seq=4, turn=1, rev=1, text="open the", stable=5),
    ),
    Step(
        "server",
        "The turn has ended; the character makes a reply.",
        m.TurnStateChanged(seq=5, state="thinking", turn=1, t_us=54_400_000),
    ),
    Step(
        "server",
        "The final text, with the times of the words on the microphone's clock.",
        m.Transcript(
            seq=6,
            turn=1,
            rev=2,
            text="open the chest",
            stable=14,
            final=True,
            words=(
                m.WordHeard(text="open", at=4800, end=9600, confidence=0.75),
                m.WordHeard(text="the", at=9600, end=12_000),
                m.WordHeard(text="chest", at=12_000, end=19_200),
            ),
        ),
    ),
    Step(
        "server",
        "The reply begins. Its media comes on stream 1 of the server, with a clock of its own.",
        m.ReplyBegin(seq=7, reply=1, turn=1, stream=1, rate_hz=REPLY_HZ, character="blacksmith"),
    ),
    Step(
        "server",
        "Open the chest now (`at` is 0). The result is due within 2 s.",
        m.ToolCall(
            seq=8,
            call=1,
            name="open",
            args={"target": "chest"},
            scene_rev=1,
            deadline_ms=2000.0,
            turn=1,
            reply=1,
        ),
    ),
    Step("client", "The game takes the call.", m.ToolAck(call=1)),
    Step("client", "Done.", m.ToolResult(call=1, ok=True)),
    Step(
        "client",
        "What changed in the scene. A patch names the revision it starts from.",
        m.ScenePatch(base=1, rev=2, state={"chest": {"open": True}}),
    ),
    Step("server", "The patch is in force.", m.SceneAck(seq=9, rev=2)),
    Step("server", "A caption.", m.ReplyText(seq=10, reply=1, text="It is open.", at=0)),
    Step(
        "server",
        "Words and mouth shapes are sent before their sound.",
        m.ReplyMarks(
            seq=11,
            reply=1,
            marks=(
                Mark(kind="word", at=0, end=2205, name="It"),
                Mark(kind="viseme", at=0, end=1100, name="ih"),
                Mark(kind="viseme", at=1100, end=2205, name="DD"),
            ),
        ),
    ),
    Step(
        "server",
        "The first 20 ms of the reply: 441 samples.",
        Media(MediaKind.PCM16, 1, 0, 0, _tone(441, REPLY_HZ)),
    ),
    Step(
        "server",
        "The next. (More follow, at most 400 ms ahead of what was reported as played.)",
        Media(MediaKind.PCM16, 1, 1, 441, _tone(441, REPLY_HZ)),
    ),
    Step(
        "client",
        "The first samples have left the loudspeaker; sent at once.",
        m.Played(
            reply=1,
            sample=256,
            t_us=3_520_000,
            mic_sample=32_320,
            arrived_us=3_480_000,
        ),
    ),
    Step(
        "server",
        "The player hears the character.",
        m.TurnStateChanged(seq=12, state="speaking", turn=1, reply=1, t_us=55_521_000),
    ),
    Step(
        "server",
        "The time from the player's last speech sample to the first audible sample, by stage.",
        m.Trace(
            seq=13,
            turn=1,
            reply=1,
            mouth_to_ear_ms=808.0,
            stages=(
                m.StageTime(stage="capture", ms=12.0),
                m.StageTime(stage="endpoint_wait", ms=480.0),
                m.StageTime(stage="recognition", ms=90.0),
                m.StageTime(stage="mind_first_token", ms=2.0),
                m.StageTime(stage="tools", ms=150.0),
                m.StageTime(stage="first_clause", ms=1.0),
                m.StageTime(stage="voice_first_sound", ms=30.0),
                m.StageTime(stage="sending", ms=3.0),
                m.StageTime(stage="client_buffer", ms=28.0),
                m.StageTime(stage="audible_onset", ms=12.0),
            ),
        ),
    ),
    Step(
        "client",
        "A report at least every 100 ms while the reply plays.",
        m.Played(reply=1, sample=2461, t_us=3_620_000, mic_sample=33_920),
    ),
    Step(
        "server",
        "The player interrupts. The reply is void from sample 2461 on.",
        m.ReplyCut(seq=14, reply=1, at=2461),
    ),
    Step(
        "server",
        "A new turn begins.",
        m.TurnStateChanged(seq=15, state="hearing", turn=2, t_us=55_700_000),
    ),
    Step(
        "client",
        "Where playback really stopped, a little later: this is what the player heard.",
        m.Played(reply=1, sample=2902, t_us=3_641_000, mic_sample=34_256, done=True),
    ),
    Step("client", "The microphone closes after 35,200 samples.", m.MicStop(stream=1, at=35_200)),
    Step("client", "Good-bye. The server closes the WebSocket with 1000.", m.Bye()),
)

_HEADING = """\
# An example session, byte by byte

Generated by `python protocols/export`; do not edit. `wire.md` is the specification, this page an example.
`golden/session.json` has the same frames as hex.

Each frame is one binary WebSocket message. The columns are the offset in the frame, the bytes, and their
meaning; `map of 4` has four keys, each followed by its value.
"""


def render() -> str:
    """The page."""
    sections = [_HEADING]
    for number, step in enumerate(STEPS, 1):
        sections.append(_section(number, step))
    return "\n".join(sections)


def _section(number: int, step: Step) -> str:
    data = _bytes(step.frame)
    if isinstance(step.frame, Media):
        name, lines = "media", media_lines(data, step.frame)
    else:
        name, lines = f"`{tag(step.frame)}`", control_lines(data)
    return (
        f"## {number}. {step.sender}: {name}\n\n{step.why} {len(data)} bytes.\n\n"
        f"```text\n{lines}\n```\n"
    )


def wire_log() -> list[dict[str, Any]]:
    """The session's frames as hex, for replaying against a client or a server."""
    return [
        {
            "from": step.sender,
            "name": "media" if isinstance(step.frame, Media) else tag(step.frame),
            "hex": _bytes(step.frame).hex(),
        }
        for step in STEPS
    ]


def _bytes(frame: m.AnyMessage | Media) -> bytes:
    return encode_media(frame) if isinstance(frame, Media) else encode(frame)
