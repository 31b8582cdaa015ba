"""The character of one session: its mind, its voice, and how it speaks."""

from __future__ import annotations

from dataclasses import dataclass

from frametalk.adapters.base import Mind, SpeechRequest, Voice
from frametalk.config import CharacterSettings
from frametalk.core.objective import LatencyObjective
from frametalk.text.number_words import number_words
from frametalk.text.spoken_text import Wording, reword
from frametalk.wire.messages import Codec


@dataclass(frozen=True, slots=True)
class Character:
    """Who answers the player.

    `language` is the language of the session, a BCP 47 tag; `voice_language` the voice's own tag for it.
    `codec` is that of its sound on the wire. `fast_voice` speaks while the `objective` is missed.
    """

    name: str
    mind: Mind
    voice: Voice
    settings: CharacterSettings
    language: str = "en"
    voice_language: str = "en"
    codec: Codec = "pcm16"
    objective: LatencyObjective | None = None
    fast_voice: str = ""

    def wording(self, clause: str) -> Wording:
        """What of a clause is shown and what is spoken."""
        return reword(clause, self.language, number_words)

    def speech(self, text: str) -> SpeechRequest:
        """The request to speak `text` with this character's voice."""
        in_haste = self.objective is not None and self.objective.takes("fast_voice")
        return SpeechRequest(
            text,
            voice=self.fast_voice if in_haste else self.settings.voice,
            language=self.voice_language,
            speed=self.settings.speed,
            volume=self.settings.volume,
        )
