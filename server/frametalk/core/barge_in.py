"""Classifies what the player says over a reply: a barge-in, or a backchannel, a cough, an echo."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from frametalk.core.commands import Commands, words_of

# Words that show attention and do not interrupt.
_BACKCHANNELS: Mapping[str, frozenset[str]] = {
    "en": frozenset(
        "uh huh uhhuh mm hmm mmhmm hm mhm mmm oh ah aha ooh wow okay ok right yeah yep yes ya sure "
        "really good great nice fine true indeed exactly interesting i see got it of course alright "
        "all um er eh".split()
    ),
    "de": frozenset(
        "mhm hm aha ach oh ja jo okay ok gut genau stimmt richtig klar so soso".split()
    ),
    "fr": frozenset("mhm hm ah oh oui ouais okay ok bon bien d'accord voilà exact".split()),
    "es": frozenset("mhm hm ah oh sí si ya vale okay ok bien claro bueno exacto".split()),
}
# Words that interrupt by themselves.
_STOPS: Mapping[str, frozenset[str]] = {
    "en": frozenset("stop wait no hold hey enough quiet silence listen pardon sorry what".split()),
    "de": frozenset("stopp halt warte nein moment genug ruhe hör was".split()),
    "fr": frozenset("stop attends attendez non assez silence écoute pardon quoi".split()),
    "es": frozenset("para alto espera no basta silencio oye perdón qué".split()),
}
STOP_MS = 150
COMMAND_MS = 350  # two words take longer; shorter sound is a cough recognised as words
WORDS_MS = 600  # shorter words that are not a command may be a misrecognised backchannel
LONG_MS = 1_100  # for one word: backchannels are shorter
ECHO_SHARE = 0.6  # of the words: the reply's own words from here on are its echo


@dataclass(frozen=True, slots=True)
class BargeInClassifier:
    """Classifies words in one language over the replies of a character that knows `commands`.

    `echo`: the microphone may pick up the reply, so words of the reply count as its echo.
    """

    commands: Commands
    language: str = "en"
    echo: bool = False

    def interrupts(self, text: str, speech_ms: float, sounding: str = "") -> bool:
        """Whether `text`, `speech_ms` long so far, interrupts a reply that is saying `sounding`."""
        words = words_of(text)
        content = [word for word in words if word not in self._in_language(_BACKCHANNELS)]
        if not content or self._is_echo(content, sounding):
            return False
        if self._in_language(_STOPS).intersection(content) and speech_ms >= STOP_MS:
            return True
        command = len(words) > 1 and self.commands.complete(text)
        if len(content) <= 1 and not command:
            return speech_ms >= LONG_MS
        return speech_ms >= (COMMAND_MS if command else WORDS_MS)

    def _is_echo(self, words: list[str], sounding: str) -> bool:
        if not self.echo:
            return False
        reply_words = set(words_of(sounding))
        return sum(word in reply_words for word in words) >= ECHO_SHARE * len(words)

    def _in_language(self, table: Mapping[str, frozenset[str]]) -> frozenset[str]:
        return table.get(self.language[:2].lower(), frozenset())
