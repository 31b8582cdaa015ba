"""What the players of one measurement do, and what they saw: exchanged between processes as JSON."""

from __future__ import annotations

import msgspec

FRAME_MS = 20
FRAME_SAMPLES = 320  # of 16 kHz
ALIGNED = 8  # frames: after so many, a frame and a window of the VAD (32 ms) begin together


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """`sessions` players at `port` speak, each once in `cycle_s`, for `seconds` after the first cycle.

    `sound` is the file of the utterance, 16 kHz PCM16. The turn is over with its frame `decides`, counted
    from the utterance's first; its speech ends at the sample `ends`. The engines are set to take
    `engines_ms` for one turn. `core`: the processor on which the players run; None: any.
    """

    port: int
    sessions: int
    cycle_s: float
    seconds: float
    sound: str
    decides: int
    ends: int
    engines_ms: float
    core: int | None = None


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What all players saw while it was measured.

    `stages_ms` are the times in the server's traces. `behind_ms`: how late the players sent their frames.
    `cpu_share` is what they took of a core themselves.
    """

    turns: int
    missed: int
    overhead_ms: list[float]
    mouth_to_ear_ms: list[float]
    stages_ms: dict[str, list[float]]
    late_frames: int
    mic_frames: int
    reply_frames: int
    errors: dict[str, int]
    behind_ms: list[float]
    cpu_share: float
