"""Classifies what the player says over a reply: a barge-in, or a backchannel, a cough, an echo."""

from __future__ import annotations

from dataclasses import dataclass

from frametalk.core.commands import Commands, words_of
from frametalk.core.languages import language_of

STOP_MS = 150
COMMAND_MS = 350  # two words take longer; shorter sound is a cough recognised as words
WORDS_MS = 600  # shorter words that are not a command may be a misrecognised backchannel
LONG_MS = 1_100  # for one word: backchannels are shorter
SHORT = 3  # words: an interruption such as "no, stop that"; more are a sentence
ECHO_SHARE = 0.6  # of the words: the reply's own words from here on are its echo


@dataclass(frozen=True, slots=True)
class BargeInClassifier:
    """Classifies words in one language over the replies of a character that knows `commands`.

    `echo`: the microphone may pick up the reply, so words of the reply count as its echo.
    """

    commands: Commands
    language: str = "en"
    echo: bool = False

    def interrupts(
        self, text: str, speech_ms: float, sounding: str = "", *, in_soft_start: bool = False
    ) -> bool:
        """Whether `text`, `speech_ms` long so far, interrupts a reply that is saying `sounding`.

        `in_soft_start`: it was said over the reply's first sound, where players often go on with their
        turn ("and the map"): a reply that starts again costs less than words that are lost.
        """
        words, language = words_of(text), language_of(self.language)
        content = [word for word in words if word not in language.backchannels]
        if not content or self._is_echo(content, sounding):
            return False
        if language.interruptions.intersection(content) and speech_ms >= STOP_MS:
            return True
        command = len(words) > 1 and self.commands.complete(text)
        if len(content) <= 1 and not command:
            return speech_ms >= LONG_MS
        return speech_ms >= (COMMAND_MS if command or in_soft_start else WORDS_MS)

    def continues(self, text: str) -> bool:
        """Whether words over a reply's first sound may go on with the turn: no "stop", no "no, wait"."""
        language = language_of(self.language)
        content = [word for word in words_of(text) if word not in language.backchannels]
        if not content or content[0] not in language.interruptions:
            return True
        return len(content) > SHORT and not language.interruptions.issuperset(content)

    def _is_echo(self, words: list[str], sounding: str) -> bool:
        if not self.echo:
            return False
        reply_words = set(words_of(sounding))
        return sum(word in reply_words for word in words) >= ECHO_SHARE * len(words)
