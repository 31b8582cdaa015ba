"""`frametalk say`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from frametalk.commands.shared import command, settings_flags, settings_of

if TYPE_CHECKING:
    from frametalk.adapters.base import Voice
    from frametalk.byhand.saying import Said, SaidClause
    from frametalk.config import FrametalkSettings

WAV = Path("frametalk-say.wav")


def add(commands: Any) -> None:
    """Declare the arguments."""
    say = command(commands, "say", run, "speak a text, to try a voice", settings_flags())
    say.add_argument("text", nargs="?", help="the text to speak")
    say.add_argument("--voice", metavar="NAME", help="voice, as the engine names it")
    say.add_argument("--language", default="en", metavar="TAG", help="language of the text; en")
    say.add_argument("--list", action="store_true", help="list the engine's voices")
    say.add_argument("--wav", type=Path, default=WAV, metavar="FILE", help="sound file to write")
    say.add_argument("--visemes", action="store_true", help="show sound, mouth shapes and words")
    say.add_argument(
        "--picture", type=Path, metavar="FILE", help="write them as a picture, PNG or SVG"
    )


def run(arguments: argparse.Namespace) -> int:
    """Speak the text, or list the voices."""
    from frametalk import running
    from frametalk.errors import ConfigError

    settings = settings_of(arguments, quiet=True)
    if arguments.list:
        return running.run(_list(settings))
    if not arguments.text:
        raise ConfigError("there is no text to speak", remedy='frametalk say "Well met!"')
    said = running.run(_say(settings, arguments))
    _show(said, arguments)
    return 0


async def _say(settings: FrametalkSettings, arguments: argparse.Namespace) -> Said:
    from frametalk.adapters.base import SpeechRequest
    from frametalk.byhand.saying import say
    from frametalk.text.number_words import load, number_words
    from frametalk.text.spoken_text import reword

    character, language = settings.character, arguments.language
    voice = arguments.voice or character.voice
    request = SpeechRequest(arguments.text, voice, language, character.speed, character.volume)
    load()
    engine = await _started(settings)
    try:
        return await say(engine, request, lambda text: reword(text, language, number_words))
    finally:
        await engine.close()


async def _started(settings: FrametalkSettings) -> Voice:
    from frametalk.adapters import registry

    engine = registry.create("tts", settings.tts.adapter, settings.tts.options)
    try:
        await engine.start()
    except BaseException:
        await engine.close()
        raise
    return engine


async def _list(settings: FrametalkSettings) -> int:
    from frametalk.adapters.abilities import LicensesVoices, ListsVoices

    engine = await _started(settings)
    try:
        if not isinstance(engine, ListsVoices):
            print(f"The engine {settings.tts.adapter!r} cannot list its voices.")
            return 0
        for name in await engine.voices():
            licence = engine.licence(name, name) if isinstance(engine, LicensesVoices) else ""
            print(f"{name}  ({licence})" if licence else name)
    finally:
        await engine.close()
    return 0


def _spoken_form(clause: SaidClause) -> str:
    return "" if clause.spoken == clause.shown else f'\n  spoken: "{clause.spoken}"'


def _show(said: Said, arguments: argparse.Namespace) -> None:
    """Print how long it took and the words with their times; write what the flags ask for."""
    from rich.console import Console

    from frametalk.byhand.picture import draw
    from frametalk.byhand.saying import write_wav
    from frametalk.byhand.timeline import timeline

    for clause in said.clauses:
        print(
            f'"{clause.shown}"{_spoken_form(clause)}\n  first sound after {clause.first_sound_ms:.1f} ms,'
            f" {clause.sound_ms / 1000:.2f} s of sound in {clause.took_ms:.1f} ms"
        )
    words = "  ".join(f"{mark.at / said.rate_hz:.2f} {mark.name}" for mark in said.words())
    print(f"words (s): {words or 'the engine reports none'}")
    if cues := said.cues():
        marks = (f"{mark.at / said.rate_hz:.2f} {mark.kind} {mark.name}" for mark in cues)
        print(f"marks (s): {'  '.join(marks)}")
    if arguments.visemes:
        print("\n".join(timeline(said, Console().width)))
    write_wav(said, arguments.wav)
    print(
        f"{said.sound_ms / 1000:.2f} s at {said.rate_hz} Hz in {arguments.wav},"
        f" real-time factor {said.real_time_factor:.3f}"
    )
    if arguments.picture is not None:
        draw(said, arguments.picture)
        print(f"Picture written to {arguments.picture}.")
