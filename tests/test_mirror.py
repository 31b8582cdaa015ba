"""Tests mirror the tree: `core/scene.py` is tested by `tests/core/test_scene.py`.

A second file for one module adds its aspect to the name: `test_session_fuzz.py`.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from conftest import ROOT

PACKAGE = ROOT / "server" / "frametalk"
TESTS = ROOT / "tests"

# Tests of something that is no single module.
CROSS_CUTTING = {
    "test_any_text": "any text, through minds, turns and speech",
    "test_bad_input": "everything wrong that a client can send, against whole sessions",
    "conformance.test_autobahn": "tests/conformance/autobahn.sh, which compares with plain websockets",
    "handover.test_restart": "server processes that are stopped or killed, and started again",
    "handover.test_successor": "two server processes; the one that stops sends its players to the other",
    "test_sbom": "docs/export_sbom.py and NOTICE",
    "test_canary": "words that must not leave a session, through all of the server",
    "test_canary_server": "words that must not leave a session, through a server process",
    "test_deployment": "the files of deploy/, and the steps of docs/deployment.md",
    "test_faults": "server processes on machines that lack something",
    "test_life_cycle": "server processes that are stopped or killed",
    "test_pins": ".ci/lock, and what CI installs",
    "test_independent_client": "engine_clients/headless, which imports nothing of frametalk",
    "test_lanes": "tests/lanes.py, which orders parallel test runs",
    "test_layers": "who imports whom",
    "test_mirror": "this file",
    "test_paths": "what an event passes on its way, across all layers",
    "test_peers": "latency_tests/peers, which puts frametalk into a harness outside the repository",
    "test_broken_budgets": "latency_tests/broken_budgets.py and delays.py",
    "test_tracing_cost": "latency_tests/tracing_cost.py",
    "test_referee": "latency_tests/referee, a bridge for a caller outside the repository",
    "test_protocols": "the folder protocols/ against what the server does",
    "test_spoken_loop": "speech in, tool calls and speech out, with every real part",
    "unity.test_package": "engine_clients/unity/com.frametalk.client: layout, metas, documentation",
    "godot.test_documents": "engine_clients/godot: its documents and data against the wire and the package",
    "recorded.test_sessions": "recordings of sessions, each of which is a test",
    "webxr.test_world": "engine_clients/webxr/demo, whose world is the package's",
    "webxr.test_build": "engine_clients/webxr, how it is built",
    "webxr.test_cost": "engine_clients/webxr in a real browser: what it costs and waits",
    "webxr.test_ducking": "engine_clients/webxr in a real browser: sound over a reply",
    "webxr.test_demo": "the demo's page in a real browser: a voice asks, things are done and seen",
    "webxr.test_demo_faults": "the demo's page in a real browser: what goes wrong",
    "webxr.test_demo_lips": "the demo's page in a real browser: the mouth, and what a frame costs",
    "webxr.test_demo_use": "the demo's page in a real browser: by keyboard, on small screens",
    "webxr.test_demo_xr": "the demo's page in a real browser, with a headset's emulator",
    "webxr.test_parity": "engine_clients/parity with the web client in a real browser",
    "webxr.test_opus": "engine_clients/webxr in a real browser: Opus both ways",
    "webxr.test_survival": "engine_clients/webxr in a real browser: dead servers, frozen pages",
    "webxr.test_transport": "engine_clients/webxr in a real browser: its peer connection",
    "webxr.test_library": "engine_clients/webxr in a real browser, against a real server",
    "test_tavern_document": "docs/tavern.md, made from the world file and the shipped character",
    "test_readme": "the commands and promises of the README",
}

# Modules of logic that another test file covers, and why that is the better place.
TESTED_ELSEWHERE = {
    "boundary": "replay.test_run: what passes through it comes back the same",
    "replay.account": "replay.test_what_if: by what it says of two sessions",
    "replay.client": "replay.test_what_if: it plays the client of every session there",
    "replay.comparison": "replay.test_what_if: its rows and lines are what is compared",
    "replay.engines": "replay.test_run: every engine's answers, with failures",
    "replay.heard_again": "replay.test_what_if: every engine that is not exchanged",
    "replay.link": "replay.test_run: every message of every session",
    "replay.loop": "replay.test_run: all of it runs on this loop",
    "replay.parts": "test_media_boundary and replay.test_run_restored: by what they count",
    "replay.recorder": "replay.test_run: what it forgets makes a replay differ",
    "replay.replayed_steps": "replay.test_run: the order of every step",
    "replay.replayer": "replay.test_run: by what it finds",
    "replay.settings": "replay.test_writer: no secret, and the same decisions",
    "replay.show": "commands.test_replay: by what is printed",
    "replay.swaps": "replay.test_what_if: what it parses and exchanges",
    "adapters.asr.pocketsphinx.worker": "adapters.asr.pocketsphinx.test_recogniser: through its pipe",
    "bench.guarded": "bench.test_child: programs that end with the bench",
    "bench.load.crowd": "bench.load.test_run: a whole measurement",
    "bench.load.engines": "bench.load.test_run: a whole measurement",
    "bench.load.observed": "bench.load.test_run: a whole measurement",
    "adapters.llm.character": "adapters.llm.scripted.test_mind: it reads the files",
    "adapters.llm.openai.call_marks": "adapters.llm.openai.test_text_calls: by what they find",
    "adapters.llm.openai.client_errors": "adapters.llm.openai.test_client: failures of a server",
    "adapters.llm.openai.models": "adapters.llm.openai.test_client and test_fallback: failures",
    "adapters.llm.openai.prompt_history": "adapters.llm.openai.test_prompt: message by message",
    "adapters.llm.openai.rules": "adapters.llm.openai.test_prompt: message by message",
    "adapters.llm.openai.thought_marks": "adapters.llm.openai.test_thoughts: by what is said",
    "adapters.llm.openai.tool_schemas": "adapters.llm.openai.test_prompt: message by message",
    "adapters.llm.scripted.alignment": "adapters.llm.scripted.test_calls: by what is understood",
    "adapters.llm.scripted.intents": "adapters.llm.scripted.test_mind and test_calls: which count",
    "adapters.llm.scripted.likeness": "adapters.llm.scripted.test_mind: by what is understood",
    "adapters.llm.scripted.matching": "adapters.llm.scripted.test_mind: by what is understood",
    "adapters.llm.scripted.politeness": "adapters.llm.scripted.test_calls: by what is understood",
    "adapters.llm.scripted.talk": "adapters.llm.scripted.test_mind: by what is understood",
    "adapters.tts.espeak.worker": "adapters.tts.espeak.test_voice: through its pipe",
    "bench.attack.neighbour": "bench.attack.test_run: by the run",
    "bench.attack.report": "bench.attack.test_run: by the table",
    "bench.soak.cycles": "bench.soak.test_run: by what is left of them",
    "bench.soak.players": "bench.soak.test_run: by what is left of them",
    "bench.soak.report": "bench.soak.test_run: by the table",
    "bench.soak.stopping": "bench.soak.test_run: servers are stopped",
    "bench.network.house": "bench.network.test_talk: it serves the conversations",
    "bench.network.mic_path": "bench.network.test_run: both paths are compared",
    "bench.network.recording": "bench.network.test_talk: by what it recorded",
    "bench.client.report": "bench.client.test_run: by the table",
    "bench.network.report": "bench.network.test_run: by the table",
    "media_loader": "test_handshake: a feature is served with it",
    "transports.webrtc.client_peer": "headless.test_upgraded: a player's end",
    "transports.webrtc.names": "headless.test_upgraded: both ends use them",
    "transports.webrtc.server_peer": "test_media_upgrade: what it takes and refuses",
    "transports.webrtc.speech_route": "headless.test_upgraded: replies move there and back",
    "transports.resumable": "test_session_resume: in whole sessions",
    "bench.engines.piper_timing": "bench.engines.test_piper: in a worker of its own",
    "bench.real.counted_worker": "bench.real.test_counted_whisper: through its pipe",
    "bench.real.llama_server": "bench.real.test_model: a real model is served by it",
    "bench.random_models.vits_graph": "bench.random_models.test_piper: it builds voices",
    "bench.random_models.vits_layers": "bench.random_models.test_piper: it builds voices",
    "bench.random_models.vits_parts": "bench.random_models.test_piper: it builds voices",
    "bench.turns.live": "bench.test_suites: it needs a server of its own",
    "bench.engines.plain_whisper": "bench.engines.test_whisper: through its pipe",
    "bench.engines.typed_game": "bench.engines.test_mind: it plays whole sessions",
    "bench.overhead.run": "bench.test_suites: it needs a server of its own",
    "bench.overhead.watch": "bench.test_suites: it needs a server of its own",
    "text.direction_or_stress": "text.test_markup: one table of what is written and shown",
    "text.direction_words": "text.test_directions: one table of what directions mean",
    "text.english_abbreviations": "text.test_english: one table of what is read aloud",
    "text.english_money": "text.test_english: one table of what is read aloud",
    "text.english_numbers": "text.test_english: one table of what is read aloud",
    "text.english_times": "text.test_english: one table of what is read aloud",
    "mind_stub.counters": "mind_stub.test_server: they are read over the socket",
    "mind_stub.options": "mind_stub.test_server: a stub is chosen and spoiled by them",
    "headless.actor": "test_spoken_loop: scenarios are acted against a real server",
    "headless.button": "headless.test_player: it is pressed by a player",
    "headless.clock": "headless.test_mic and test_playback: on virtual time",
    "headless.ducking": "headless.test_player: a server says when",
    "headless.expect": "test_spoken_loop: every kind of expectation is in a shipped scenario",
    "headless.tool_calls": "test_spoken_loop: refusing, failing and silent tools",
    "headless.scenario_loader": "headless.test_scenario: it loads files",
    "headless.log": "test_cli: what is printed",
    "headless.mouth": "headless.test_player: it moves with a reply",
    "headless.replies": "headless.test_player: replies come from a server",
    "headless.reply": "headless.test_player: replies come from a server",
    "headless.report": "test_cli: what is printed and written",
    "headless.results": "test_spoken_loop and test_cli: JSON, sound, JUnit",
    "headless.scene": "test_spoken_loop: worlds are acted on",
    "headless.simulate": "test_spoken_loop",
    "handover.conversation": "handover.test_session: from outside, with every part of it",
    "headless.speaker": "headless.test_player: it plays a server's sound",
    "headless.speech": "test_spoken_loop: speech is found and spoken",
    "headless.tape": "headless.test_playback: a reply's sound is kept on one",
    "headless.text": "test_spoken_loop: texts are compared in expectations",
    "headless.turns": "test_spoken_loop: turns are collected from a session",
    "headless.volume": "headless.test_playback: by what was really heard",
    "headless.worldfile": "test_spoken_loop: the tavern is read",
    **dict.fromkeys(
        (
            f"commands.{name}"
            for name in (
                "bench",
                "demo",
                "doctor",
                "mind_stub",
                "netlab",
                "serve",
                "shared",
                "simulate",
            )
        ),
        "test_cli: commands are met through the command line",
    ),
    "model_store.download": "model_store.test_pull: from a hub on loopback",
    "model_store.errors": "model_store.test_pull: by what goes wrong",
    "model_store.http": "model_store.test_pull: from a hub on loopback",
    "model_store.sources": "model_store.test_pull: hubs and copies are pulled from",
    "core.turn_parts": "core.test_turn: rows are reached through the table",
    "core.turn_speech": "core.test_turn: rows are reached through the table",
    "core.turn_ends": "core.test_turn: rows are reached through the table",
    "core.turn_over_reply": "core.test_turn: rows are reached through the table",
    "core.turn_rows": "core.test_turn: rows are reached through the table",
    "errors": "an error is tested by the module that raises it",
    "pipeline.tracing": "pipeline.test_replies and test_session: traces of whole turns",
    "debug_state": "test_debug_page: what is shown of a turn",
    "diary": "test_debug_page and test_perfetto: by what is shown of it",
    "session_handover": "handover.test_session: kept and restored",
    "session_intake": "test_session and test_bad_input: all that a client can send",
    "session_state": "test_session: by what its parts do with it",
    "stop_signals": "test_app: a server gets signals",
    "workers.call": "workers.test_supervisor: a call is between a parent and a child",
    "workers.memory": "workers.test_calls: a child takes too much",
    "workers.process": "workers.test_supervisor: processes are killed and stopped",
    "transports.queued": "transports.test_link: on every transport that is built on it",
}


def module_names(package: Path) -> set[str]:
    """Every module of the package but `__init__` files, without the package's name."""
    return {
        ".".join(file.relative_to(package).with_suffix("").parts)
        for file in package.rglob("*.py")
        if file.name != "__init__.py"
    }


def has_logic(file: Path) -> bool:
    """Whether any function does more than be declared: messages, events and contracts do not."""
    return any(
        not isinstance(statement, ast.Pass) and not _is_constant(statement)
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for statement in node.body
    )


def _is_constant(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def names_of_tests(tests: Path) -> set[str]:
    """Every test file, named like the module it stands for: `core.test_scene`."""
    return {
        ".".join(file.relative_to(tests).with_suffix("").parts) for file in tests.rglob("test_*.py")
    }


def stands_for(test: str, modules: set[str]) -> str | None:
    """The module that a test file mirrors; None if there is none."""
    folder, _, name = test.rpartition(".")
    words = name.removeprefix("test_").split("_")
    for length in range(len(words), 0, -1):
        module = f"{folder}.{'_'.join(words[:length])}".lstrip(".")
        if module in modules:
            return module
    return None


def strays(package: Path, tests: Path) -> list[str]:
    """Test files that mirror no module."""
    modules = module_names(package)
    return sorted(
        test
        for test in names_of_tests(tests)
        if test not in CROSS_CUTTING and stands_for(test, modules) is None
    )


def untested(package: Path, tests: Path) -> list[str]:
    """Modules of logic without a test file."""
    modules = module_names(package)
    mirrored = {stands_for(test, modules) for test in names_of_tests(tests)}
    return sorted(
        module
        for module in modules - mirrored - set(TESTED_ELSEWHERE)
        if has_logic(package / f"{module.replace('.', '/')}.py")
    )


def test_every_test_file_mirrors_a_module() -> None:
    assert strays(PACKAGE, TESTS) == []


def test_every_module_of_logic_has_a_test_file() -> None:
    assert untested(PACKAGE, TESTS) == []


def test_no_exception_outlives_its_reason() -> None:
    assert set(TESTED_ELSEWHERE) <= module_names(PACKAGE)
    assert set(CROSS_CUTTING) <= names_of_tests(TESTS)
    mirrored = {stands_for(test, module_names(PACKAGE)) for test in names_of_tests(TESTS)}
    assert not mirrored & set(TESTED_ELSEWHERE), "these have a test file of their own"


# ---- the checker itself --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("module", "source", "test", "stray", "bare"),
    [
        ("core/scene", "def f():\n    return 1\n", "core/test_scene", [], []),
        ("core/scene", "def f():\n    return 1\n", "core/test_scene_patches", [], []),
        ("core/scene", "def f():\n    return 1\n", "test_scene", ["test_scene"], ["core.scene"]),
        ("core/scene", "class A:\n    x: int\n", "test_layers", [], []),
        ("core/scene", "def f():\n    ...\n", "test_layers", [], []),
        ("core/scene", "async def f():\n    await g()\n", "test_layers", [], ["core.scene"]),
    ],
)
def test_the_checker_sees_what_is_planted(
    tmp_path: Path, module: str, source: str, test: str, stray: list[str], bare: list[str]
) -> None:
    for root, name, text in (("package", module, source), ("tests", test, "")):
        file = tmp_path / root / f"{name}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert strays(tmp_path / "package", tmp_path / "tests") == stray
    assert untested(tmp_path / "package", tmp_path / "tests") == bare
