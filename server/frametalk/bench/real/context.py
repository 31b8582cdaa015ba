"""What the parts of the suite share: models, sentences, recordings, recognisers."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from frametalk.bench.real import corpus, pieces
from frametalk.bench.real.corpus import Corpus, Speech
from frametalk.bench.real.folder import Absent, Models
from frametalk.bench.real.recognisers import Recognisers
from frametalk.bench.real.sayings import Saying, spoken

Values = dict[str, Any]
"""Values of the JSON by their names."""

QUICK = 2  # of each kind of sentence, with `quick`


@dataclass
class Context:
    """`quick`: few of everything. `skipped` says for a value, or all below it, why it is not measured."""

    models: Models
    recognisers: Recognisers
    quick: bool = False
    speech: tuple[Path, ...] = ()
    llm_url: str = ""
    sentences: Corpus = field(default_factory=corpus.load)
    skipped: dict[str, str] = field(default_factory=dict)
    _sayings: dict[str, list[Saying]] = field(default_factory=dict)

    def some(self, many: list[Any] | tuple[Any, ...], quick: int = QUICK) -> list[Any]:
        """All of them; a few, evenly spread, with `quick`."""
        step = max(1, -(-len(many) // quick)) if self.quick else 1
        return list(many)[::step]

    @cached_property
    def commands(self) -> list[Speech]:
        """Commands by flite, and frametalk's own recordings."""
        return self.some([*corpus.spoken(self.sentences.commands), *corpus.own_recordings()])

    @cached_property
    def free(self) -> list[Speech]:
        """Free speech by flite."""
        return self.some(corpus.spoken(self.sentences.free))

    @cached_property
    def readings(self) -> list[Speech]:
        """The recordings of people. Raises Absent without any."""
        found = corpus.recordings((self.models.speech, *self.speech), self.sentences.texts)
        if not found:
            raise Absent("there are no recordings of people")
        return [min(found, key=lambda one: one.sound_s)] if self.quick else found

    @cached_property
    def pieces(self) -> dict[str, list[Speech]]:
        """The pieces of each recording between pauses, by its name. Raises Absent without any."""
        return {one.name: pieces.pieces(one) for one in self.readings}

    async def sayings(self, voice: Literal["joe", "espeak"]) -> list[Saying]:
        """The round trip's sentences, spoken by a voice. Raises Absent without it."""
        if voice not in self._sayings:
            sentences = self.some(self.sentences.sentences)
            if voice == "joe":
                options = {"voice": str(self.models.voice)}
                self._sayings[voice] = await spoken("piper", options, sentences)
            else:
                self._sayings[voice] = await spoken("espeak", {}, sentences)
        return self._sayings[voice]

    @property
    def all_pieces(self) -> list[Speech]:
        """The pieces of all recordings. Raises Absent without any."""
        return [piece for own in self.pieces.values() for piece in own]
