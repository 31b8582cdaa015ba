"""What the players of one measurement do, and what they saw: exchanged between processes as JSON."""

from __future__ import annotations

import msgspec

from frametalk.core.audio import RECOGNITION_RATE_HZ

ALIGNED_SAMPLES = (
    2_560  # after so many, a frame (20, 40 ms) and a window of the VAD (32 ms) begin together
)


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """`sessions` players at `port` speak, each once in `cycle_s`, for `seconds` after the first cycle.

    `sound` is the file of the utterance, 16 kHz PCM16. Its speech ends at the sample `ends`; the turn is
    over with the frame that has the sample `decides`. The engines are set to take `engines_ms` for one
    turn. `frame_ms`: how long a frame of a microphone is. `core`: the processor on which the players run;
    None: any.
    """

    port: int
    sessions: int
    cycle_s: float
    seconds: float
    sound: str
    decides: int
    ends: int
    engines_ms: float
    frame_ms: int = 20
    core: int | None = None

    @property
    def frame_samples(self) -> int:
        """Samples in a frame of a microphone."""
        return self.frame_ms * RECOGNITION_RATE_HZ // 1000

    @property
    def aligned(self) -> int:
        """After so many frames, one begins together with a window of the VAD."""
        return ALIGNED_SAMPLES // self.frame_samples


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
