"""Labelled turns for the bench: a TOML file of utterances."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, get_args

import msgspec

from frametalk.errors import ConfigError
from frametalk.headless.worldfile import read_toml

Kind = Literal["command", "paused", "statement", "backchannel", "interruption", "cough", "noise"]
PauseKind = Literal["finished", "unfinished"]
Voice = Literal["slt", "rms", "awb", "kal16"]
BurstName = Literal["cough", "double_cough", "voiced_cough", "knock", "click", "keyboard", "hum"]

WORLD = "tavern"  # what the utterances are about
SHORTEST_PAUSE_MS = 200
LONGEST_PAUSE_MS = 900


class Utterance(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One labelled turn: words with pauses between the pieces, or a burst without words.

    `pause_kinds` says for each pause whether the words up to it could be the whole turn.
    `level_db` is the peak of a burst, of full scale.
    """

    id: str
    kind: Kind
    voice: Voice | None = None
    pieces: tuple[str, ...] = ()
    pauses_ms: tuple[int, ...] = ()
    pause_kinds: tuple[PauseKind, ...] = ()
    sound: BurstName | None = None
    seed: int = 0
    level_db: float = 0.0


def read(path: Path) -> tuple[Utterance, ...]:
    """The utterances of a set. Raises ConfigError with file, utterance and remedy."""
    utterances: dict[str, Utterance] = {}
    tree = read_toml(path)
    tables = tree.get("utterance")
    if not isinstance(tables, list) or not tables or len(tree) > 1:
        raise ConfigError(
            f"{path}: the only key must be `utterance`, a list of tables",
            remedy="see latency_tests/turns/README.md",
        )
    for number, table in enumerate(tables, 1):
        name = table.get("id", number) if isinstance(table, dict) else number
        where = f"{path}: utterance {name!r}"
        utterance = _typed(table, where)
        rules = _wrong_burst if utterance.kind in {"cough", "noise"} else _wrong_words
        if wrong := rules(utterance):
            raise ConfigError(f"{where}: {wrong[0]}", remedy=wrong[1])
        if utterance.id in utterances:
            raise ConfigError(
                f"{where}: another utterance has this id", remedy="give each a different id"
            )
        utterances[utterance.id] = utterance
    return tuple(utterances.values())


def _typed(table: object, where: str) -> Utterance:
    try:
        return msgspec.convert(table, Utterance)
    except msgspec.ValidationError as error:
        raise ConfigError(
            f"{where}: {error}",
            remedy=f"kinds are {', '.join(get_args(Kind))}; voices {', '.join(get_args(Voice))}; "
            f"sounds {', '.join(get_args(BurstName))}; keys {', '.join(Utterance.__struct_fields__)}",
        ) from None


def _wrong_burst(it: Utterance) -> tuple[str, str] | None:
    """A contradiction in a cough or noise, and the remedy; None: there is none."""
    if it.sound is None or it.sound.endswith("cough") != (it.kind == "cough"):
        return f"a {it.kind} cannot have the sound {it.sound!r}", f"use a `sound` of a {it.kind}"
    if it.pieces or it.pauses_ms or it.pause_kinds or it.voice:
        return f"a {it.kind} has no words", "leave out voice, pieces and pauses"
    if it.level_db > 0:
        return f"level_db = {it.level_db} is above full scale", "use 0 or less"
    return None


def _wrong_words(it: Utterance) -> tuple[str, str] | None:
    """A contradiction in an utterance of words, and the remedy; None: there is none."""
    if it.sound is not None or it.seed or it.level_db:
        return f"a {it.kind} is spoken", "leave out sound, seed and level_db"
    if it.voice is None or not it.pieces or not all(piece.strip() for piece in it.pieces):
        return "there are no words", "add a `voice` and `pieces` of words"
    counts = [len(it.pieces), len(it.pauses_ms), len(it.pause_kinds)]
    if not counts[0] - 1 == counts[1] == counts[2]:
        return (
            f"there are {counts[0]} pieces, {counts[1]} pauses_ms and {counts[2]} pause_kinds",
            "give one pause and its kind between each two pieces",
        )
    if (len(it.pieces) > 1) != (it.kind == "paused"):
        return (
            f"a {it.kind} has {len(it.pieces)} pieces",
            "`paused` has pauses, other kinds have none",
        )
    for pause_ms in it.pauses_ms:
        if not SHORTEST_PAUSE_MS <= pause_ms <= LONGEST_PAUSE_MS:
            return f"a pause of {pause_ms} ms", f"use {SHORTEST_PAUSE_MS} to {LONGEST_PAUSE_MS} ms"
    return None
