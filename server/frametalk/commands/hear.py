"""`frametalk hear`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from frametalk.commands.shared import command, settings_flags, settings_of

if TYPE_CHECKING:
    from frametalk.adapters.base import Bias, Hypothesis
    from frametalk.byhand.hearing import Heard
    from frametalk.config import FrametalkSettings


def add(commands: Any) -> None:
    """How it is written."""
    about = "recognise sound files with a recogniser, to try it"
    hear = command(commands, "hear", run, about, settings_flags())
    hear.add_argument("files", nargs="+", type=Path, metavar="FILE", help="sound, any rate")
    hear.add_argument(
        "--bias",
        action="append",
        default=[],
        metavar="WORDS",
        help="a name that is likely to be said; repeatable",
    )
    hear.add_argument("--scene", metavar="FILE", help="bias by a world file, or a shipped: tavern")
    hear.add_argument(
        "--live", action="store_true", help="at a microphone's pace, as a player would wait"
    )


def run(arguments: argparse.Namespace) -> int:
    """Hear each file in turn."""
    from frametalk import running

    settings = settings_of(arguments, quiet=True)
    bias = _bias(arguments.bias, arguments.scene)
    running.run(_hear(settings, arguments.files, bias, live=arguments.live))
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


async def _hear(settings: FrametalkSettings, files: list[Path], bias: Bias, *, live: bool) -> None:
    from frametalk.adapters import registry
    from frametalk.byhand.hearing import hear, stretches
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
            for at_ms, stretch in stretches(sound, RECOGNITION_RATE_HZ, engine.rate_hz, longest_ms):
                told = _partial_at if live else _partial
                heard = await hear(engine, stretch, bias, told, at_ms=at_ms, live=live)
                _show(heard, engine.rate_hz, live=live)
    finally:
        await engine.close()


def _partial(_at_ms: float, hypothesis: Hypothesis) -> None:
    """The part that will not change stands before the bar."""
    text, stable = hypothesis.text, hypothesis.stable
    print(f"  ~ {text[:stable]}|{text[stable:]}", flush=True)


def _partial_at(at_ms: float, hypothesis: Hypothesis) -> None:
    """With the time, which says something only where sound comes at its own pace."""
    print(f"{at_ms / 1000:7.2f}", end="")
    _partial(at_ms, hypothesis)


def _show(heard: Heard, rate_hz: int, *, live: bool) -> None:
    hypothesis = heard.hypothesis
    print(f'  "{hypothesis.text}"')
    for other in hypothesis.alternatives:
        print(f'  or "{other}"')
    at_s = heard.at_ms / 1000
    words = "  ".join(f"{at_s + word.at / rate_hz:.2f} {word.text}" for word in hypothesis.words)
    print(f"  words (s): {words or 'the engine tells of none'}")
    pace = "" if live else f", real-time factor {heard.real_time_factor:.3f}"
    print(
        f"  text {heard.final_ms:.0f} ms after the last sample was fed,"
        f" {heard.took_ms:.0f} ms after the first{pace}"
    )
