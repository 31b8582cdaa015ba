"""`frametalk hear`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from frametalk.commands.shared import command, settings_flags, settings_of

if TYPE_CHECKING:
    from frametalk.adapters.base import Bias, Hypothesis
    from frametalk.byhand.hearing import Recognition
    from frametalk.config import FrametalkSettings


def add(commands: Any) -> None:
    """Declare the arguments."""
    about = "recognise sound files, to try a recogniser"
    hear = command(commands, "hear", run, about, settings_flags())
    hear.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="sound file of any sample rate"
    )
    hear.add_argument(
        "--bias",
        action="append",
        default=[],
        metavar="WORDS",
        help="a name to expect in the sound; repeatable",
    )
    hear.add_argument(
        "--scene", metavar="FILE", help="world file whose names to expect, or `tavern`"
    )
    hear.add_argument(
        "--live",
        action="store_true",
        help="feed at a microphone's pace, to time it as a player would",
    )


def run(arguments: argparse.Namespace) -> int:
    """Recognise one file after the other."""
    from frametalk import running

    settings = settings_of(arguments, quiet=True)
    bias = _bias(arguments.bias, arguments.scene)
    running.run(_recognise(settings, arguments.files, bias, live=arguments.live))
    return 0


def _bias(names: list[str], scene: str | None) -> Bias:
    from frametalk.adapters.base import Bias
    from frametalk.headless.worldfile import load_world
    from frametalk.pipeline.world import expected

    found = Bias()
    if scene is not None:
        world = load_world(scene)
        found = expected(world.entity, [tool.spec() for tool in world.tool], ())
    return Bias((*found.things, *names), found.verbs, found.phrases)


async def _recognise(
    settings: FrametalkSettings, files: list[Path], bias: Bias, *, live: bool
) -> None:
    from frametalk.adapters import registry
    from frametalk.byhand.hearing import recognise, segments
    from frametalk.core.audio import RECOGNITION_RATE_HZ
    from frametalk.headless import speech

    sounds = [speech.read(file).samples for file in files]
    engine = registry.create("asr", settings.asr.adapter, settings.asr.options)
    try:
        await engine.start()
        await engine.prepare(bias)
        longest_ms = settings.turns.max_turn_ms
        for file, sound in zip(files, sounds, strict=True):
            print(f"{file}: {len(sound) / RECOGNITION_RATE_HZ:.2f} s")
            for at_ms, segment in segments(sound, RECOGNITION_RATE_HZ, engine.rate_hz, longest_ms):
                show_partial = _show_timed_partial if live else _show_partial
                found = await recognise(engine, segment, bias, show_partial, at_ms=at_ms, live=live)
                _show(found, engine.rate_hz, live=live)
    finally:
        await engine.close()


def _show_partial(_at_ms: float, hypothesis: Hypothesis) -> None:
    """Print the text so far, with a bar after the part that will not change."""
    text, stable = hypothesis.text, hypothesis.stable
    print(f"  ~ {text[:stable]}|{text[stable:]}", flush=True)


def _show_timed_partial(at_ms: float, hypothesis: Hypothesis) -> None:
    """The same with the time, which means something only at a microphone's pace."""
    print(f"{at_ms / 1000:7.2f}", end="")
    _show_partial(at_ms, hypothesis)


def _show(found: Recognition, rate_hz: int, *, live: bool) -> None:
    hypothesis = found.hypothesis
    print(f'  "{hypothesis.text}"')
    for other in hypothesis.alternatives:
        print(f'  or "{other}"')
    at_s = found.at_ms / 1000
    words = "  ".join(f"{at_s + word.at / rate_hz:.2f} {word.text}" for word in hypothesis.words)
    print(f"  words (s): {words or 'the engine reports none'}")
    pace = "" if live else f", real-time factor {found.real_time_factor:.3f}"
    print(
        f"  text {found.final_ms:.0f} ms after the last sample was fed,"
        f" {found.took_ms:.0f} ms after the first{pace}"
    )
