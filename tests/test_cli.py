"""The command line for people and scripts: what it prints, and its exit codes."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

from frametalk import __version__, cli
from frametalk.bench import suites
from frametalk.bench.options import Options
from frametalk.commands import shared
from frametalk.config import FrametalkSettings
from frametalk.demo import page as demo_page
from frametalk.errors import FrametalkError, Interrupted, Stage
from frametalk.headless import simulate

COMMANDS = (
    "demo",
    "serve",
    "simulate",
    "say",
    "hear",
    "bench",
    "netlab",
    "models",
    "mind-stub",
    "doctor",
)
START = [sys.executable, "-c", "import sys; from frametalk.cli import main; sys.exit(main())"]
FIXED = [
    part
    for choice in (
        "vad.adapter=energy",
        "asr.adapter=fixed",
        "llm.adapter=fixed",
        "tts.adapter=fixed",
        "turn.adapter=",
    )
    for part in ("--set", choice)
]


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    root, ours = logging.getLogger(), logging.getLogger("frametalk")
    handlers, levels = root.handlers[:], (root.level, ours.level)
    yield
    root.handlers[:] = handlers
    root.setLevel(levels[0])
    ours.setLevel(levels[1])
    logging.captureWarnings(capture=False)


# ---- help ----------------------------------------------------------------------------------------


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["--help"])
    assert ended.value.code == 0
    printed = capsys.readouterr().out
    assert all(re.search(rf"^ +{command} ", printed, re.MULTILINE) for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_a_help_page(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main([command, "--help"])
    assert ended.value.code == 0
    assert f"usage: frametalk {command}" in capsys.readouterr().out


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"frametalk {__version__}\n"


def test_closed_standard_streams_are_opened() -> None:
    script = (
        "import os; os.closerange(0, 2); from frametalk.cli import main\n"
        "try: main(['--version'])\n"
        "except SystemExit: pass\n"
        "os.fstat(0); os.fstat(1)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_help_imports_no_slow_package() -> None:
    script = (
        "import sys; from frametalk.cli import main\n"
        "try: main(['--help'])\n"
        "finally: print('LOADED', *sys.modules)"
    )
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.partition("LOADED")[2].split()}
    assert "argparse" in loaded
    libraries = {
        "numpy",
        "websockets",
        "msgspec",
        "rich",
        "onnxruntime",
        "pocketsphinx",
        "soundfile",
    }
    assert not loaded & libraries
    assert "asyncio" not in loaded  # it takes as long as everything else together


# ---- errors --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ([], "COMMAND"),
        (["dance"], "dance"),
        (["serve", "--loud"], "--loud"),
        (["simulate"], "scenario"),
        (["simulate", "hello", "--frame-hz", "61"], "--frame-hz"),
        (["bench", "--turns", "0"], "--turns"),
        (["bench", "--sessions", "two"], "--sessions"),
        (["mind-stub", "--speaks", "tongues"], "--speaks"),
        (["mind-stub", "--call", "open=[1]"], "--call"),
        (["mind-stub", "--fault-at", "server_error"], "--fault-at"),
        (["mind-stub", "--tokens-per-s", "nan"], "--tokens-per-s"),
        (["netlab", "--to", "8765"], "--to"),
        (["netlab", "--listen", "localhost:99999"], "--listen"),
    ],
)
def test_a_wrong_command_line_gives_one_line(
    arguments: list[str], named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    assert ended.value.code == shared.BAD_INPUT
    printed = capsys.readouterr().err
    assert printed.count("\n") == 1
    assert named in printed
    assert "--help" in printed


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["serve", "--port", "99999"], "$.server.port"),
        (["serve", "--port", "web"], "$.server.port"),
        (["serve", "--set", "server.prot=1"], "prot"),
        (["serve", "--set", "server.port"], "section.key=value"),
        (["serve", "--config", "absent.toml"], "absent.toml: No such file"),
        (["serve", "--log-level", "loud"], "$.log.level"),
        (["serve", *FIXED, "--set", "tts.adapter=sam"], "no tts adapter 'sam'"),
        (["serve", *FIXED, "--set", "tts.options.volume=1"], "unknown option 'volume'"),
        (["serve", *FIXED, "--port", "0", "--host", "192.0.2.1", "--insecure"], "cannot listen"),
        (["serve", *FIXED, "--port", "0", "--host", "::"], "--insecure"),
        (["demo", "--headless", *FIXED, "--set", "asr.options.x=1"], "unknown option 'x'"),
        (["simulate", "absent.toml", *FIXED], "absent.toml"),
        (["simulate", "hello", "--server", "ws://127.0.0.1:1"], "frametalk serve"),
        (["bench", "nothing"], "no suite 'nothing'"),
        (["mind-stub", "--port", "0", "--fault", "boredom"], "unknown fault 'boredom'"),
        (["mind-stub", "--port", "0", "--host", "192.0.2.1"], "192.0.2.1"),
        (["mind-stub", "--port", "0", "--character", "absent.toml"], "absent.toml"),
        (["netlab", "--profile", "moon"], "no network profile 'moon'"),
        (["netlab", "--listen", "192.0.2.1:0"], "192.0.2.1"),
        (["netlab", "--udp", "--listen", "192.0.2.1:0"], "192.0.2.1"),
        (["doctor", "--json", "/nowhere/at/all.json", *FIXED], "/nowhere/at/all.json"),
    ],
)
def test_a_command_that_cannot_run_says_why_in_one_line(
    arguments: list[str],
    named: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(arguments) == shared.BAD_INPUT
    printed = capsys.readouterr().err
    assert printed.startswith("frametalk: ")
    assert printed.count("\n") == 1
    assert named in printed


# ---- serve ---------------------------------------------------------------------------------------


def start(*arguments: str, cwd: Path | None = None) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*START, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=cwd
    )


def read_until(stream: Any, pattern: str) -> re.Match[str]:
    """The first match in a process's output; fails with the output if the process ends first."""
    seen = []
    for line in stream:
        seen.append(line)
        if found := re.search(pattern, line):
            return found
    pytest.fail(f"no {pattern!r} in: {''.join(seen)}")


def health_of(port: object) -> int:
    """Status of the health page: 200 once the server handles signals."""
    with urlopen(f"http://127.0.0.1:{port}/healthz") as health:
        return int(health.status)


@pytest.mark.real
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_runs_until_a_signal_and_exits_with_0(number: signal.Signals) -> None:
    with start("serve", "--port", "0", *FIXED) as server:
        port = int(read_until(server.stderr, r"port (\d+)")[1])
        with urlopen(f"http://127.0.0.1:{port}/healthz") as health:
            assert health.status == 200
        server.send_signal(number)
        _, printed = server.communicate()
        assert server.returncode == 0
        assert "Traceback" not in printed


@pytest.mark.real
def test_serve_reads_its_settings_file(tmp_path: Path) -> None:
    file = tmp_path / "frametalk.toml"
    file.write_text("[server]\nport = 0\n[log]\nformat = 'json'\n")
    with start("serve", "--config", str(file), *FIXED) as server:
        port = read_until(server.stderr, r'^{"time": .*listening on .* port (\d+)')[1]
        assert health_of(port) == 200
        server.terminate()
        server.communicate()
        assert server.returncode == 0


# ---- mind-stub -----------------------------------------------------------------------------------


@pytest.mark.real
def test_mind_stub_answers_until_ctrl_c() -> None:
    flags = ["--speaks", "text", "--text", "Hm.", "--call", 'open={"target": "door"}']
    question = b'{"model": "any", "messages": [{"role": "user", "content": "hello"}]}'
    with start("mind-stub", "--port", "0", *flags, "--fault-at", "2=server_error") as stub:
        port = int(read_until(stub.stdout, r"listening on http://127.0.0.1:(\d+)/v1")[1])
        with urlopen(f"http://127.0.0.1:{port}/v1/chat/completions", question) as answer:
            assert b'"name": "open"' in answer.read()
        with pytest.raises(HTTPError) as refused:
            urlopen(f"http://127.0.0.1:{port}/v1/chat/completions", question)
        refused.value.close()
        assert refused.value.code == 500
        stub.send_signal(signal.SIGINT)
        _, printed = stub.communicate()
        assert stub.returncode == shared.INTERRUPTED
        assert "Traceback" not in printed


@pytest.mark.parametrize(
    ("package", "extra"), [("h11", "frametalk[openai]"), ("rapidfuzz", "frametalk[embedded]")]
)
@pytest.mark.parametrize("command", [["mind-stub", "--port", "0"], ["demo", "--mind", "openai"]])
def test_a_stub_without_its_packages_names_the_extra(
    command: list[str], package: str, extra: str, tmp_path: Path
) -> None:
    script = (
        f"import sys; sys.modules[{package!r}] = None\n"
        f"from frametalk.cli import main; sys.exit(main({command!r}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.returncode == shared.BAD_INPUT
    assert done.stderr.count("\n") == 1
    assert extra in done.stderr


# ---- netlab --------------------------------------------------------------------------------------


@pytest.mark.real
@pytest.mark.parametrize("udp", [[], ["--udp"]])
def test_netlab_counts_what_it_did_at_ctrl_c(udp: list[str]) -> None:
    with start("netlab", "--listen", "127.0.0.1:0", "--profile", "home-wifi", *udp) as lab:
        read_until(lab.stdout, r"relaying (TCP|UDP) 127.0.0.1:\d+ -> 127.0.0.1:8765")
        lab.send_signal(signal.SIGINT)
        said, errors = lab.communicate()
        assert lab.returncode == 0
        assert "down: 0 packets" in said
        assert errors == ""


# ---- demo and simulate ---------------------------------------------------------------------------


@dataclass
class Simulation:
    """Replaces the simulated player; checks the server that it gets."""

    passed: bool = True
    error: Exception | None = None
    options: simulate.SimulateOptions | None = None
    health: int = 0
    engines: dict[str, str] = field(default_factory=dict)

    async def run(self, options: simulate.SimulateOptions) -> Simulation:
        self.options = options
        if self.error is not None:
            raise self.error
        self.health = await asyncio.to_thread(self._look, urlsplit(options.url).netloc)
        return self

    def _look(self, address: str) -> int:
        with urlopen(f"http://{address}/healthz") as health:
            self.engines = json.load(health)["engines"]
            return int(health.status)


@pytest.fixture
def simulation(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Simulation:
    stand_in = Simulation()
    monkeypatch.setattr(simulate, "run_simulation", stand_in.run)
    monkeypatch.chdir(tmp_path)
    return stand_in


@pytest.mark.real
def test_demo_plays_the_tavern_against_its_own_server(
    simulation: Simulation, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        cli.main(["demo", "--headless", "--json", "turns.json", "--set", "server.token=s", *FIXED])
        == 0
    )
    assert simulation.health == 200
    assert simulation.options is not None
    assert simulation.options.scenario == "tavern"
    assert simulation.options.token == "s"  # noqa: S105  (a made-up one)
    assert simulation.options.json_file == Path("turns.json")
    assert simulation.options.wav_file == Path("frametalk-demo.wav")
    assert "frametalk-demo.wav" in capsys.readouterr().out


@pytest.mark.real
def test_demo_uses_the_openai_adapter_with_the_flag(simulation: Simulation) -> None:
    assert cli.main(["demo", "--headless", *FIXED]) == 0
    assert simulation.engines["llm"] == "fixed"
    assert cli.main(["demo", "--headless", "--mind", "openai", *FIXED]) == 0
    assert (simulation.health, simulation.engines["llm"]) == (200, "openai")


@pytest.mark.real
def test_demo_puts_a_model_behind_the_script(simulation: Simulation) -> None:
    address = "http://127.0.0.1:9/v1"
    assert cli.main(["demo", "--headless", *FIXED, "--mind", address, "--model", "tiny"]) == 0
    assert simulation.engines["llm"] == "scripted+openai"


@pytest.mark.parametrize(
    ("flags", "screen", "page"),
    [
        ([], True, {"lan": False, "browser": True}),
        (["--no-browser"], False, {"lan": False, "browser": False}),
        (["--lan"], False, {"lan": True, "browser": True}),
        ([], False, None),
        (["--headless"], True, None),
    ],
)
@pytest.mark.real
def test_demo_shows_its_page_with_a_screen_or_a_flag_for_it(
    flags: list[str],
    screen: bool,
    page: dict[str, bool] | None,
    simulation: Simulation,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown: list[dict[str, bool]] = []

    async def serve_page(settings: FrametalkSettings, *, say: object, **how: bool) -> None:
        shown.append(how)

    monkeypatch.setattr(demo_page, "has_screen", lambda: screen)
    monkeypatch.setattr(demo_page, "serve_page", serve_page)
    assert cli.main(["demo", *flags, *FIXED]) == 0
    assert shown == ([page] if page else [])
    assert (simulation.options is None) == bool(page)


@pytest.mark.real
def test_simulate_passes_its_flags_on(simulation: Simulation) -> None:
    files = ["--json", "a.json", "--wav", "a.wav", "--junit", "a.xml"]
    assert cli.main(["simulate", "hello", *files, "--frame-hz", "120", "--seed", "7", *FIXED]) == 0
    assert simulation.health == 200
    options = simulation.options
    assert options is not None
    assert (options.scenario, options.frame_hz, options.seed) == ("hello", 120, 7)
    assert [options.json_file, options.wav_file, options.junit_file] == [
        Path("a.json"),
        Path("a.wav"),
        Path("a.xml"),
    ]


@pytest.mark.real
@pytest.mark.parametrize("command", [["demo", "--headless"], ["simulate", "hello"]])
def test_a_failed_conversation_sets_the_exit_code(
    simulation: Simulation, command: list[str]
) -> None:
    simulation.passed = False
    assert cli.main([*command, *FIXED]) == shared.FAILED


@pytest.mark.real
def test_an_error_of_the_player_stops_the_server_and_is_printed(
    simulation: Simulation, capsys: pytest.CaptureFixture[str]
) -> None:
    simulation.error = FrametalkError("x", "no tongue", stage=Stage.SPEAK, remedy="get one")
    assert cli.main(["simulate", "hello", *FIXED]) == shared.BAD_INPUT
    assert capsys.readouterr().err == "frametalk: no tongue (get one)\n"


def test_an_unexpected_error_is_not_hidden(simulation: Simulation) -> None:
    simulation.error = ZeroDivisionError()
    with pytest.raises(ZeroDivisionError):
        cli.main(["simulate", "hello", *FIXED])


@pytest.mark.real
def test_ctrl_c_ends_a_simulation_with_130(tmp_path: Path) -> None:
    scenario = tmp_path / "long.toml"
    scenario.write_text("[[step]]\ntype = 'hello'\n[[step]]\nwait_ms = 60_000\n")
    with start("simulate", str(scenario), *FIXED) as player:
        read_until(player.stdout, "hello")
        player.send_signal(signal.SIGINT)
        _, printed = player.communicate()
        assert player.returncode == shared.INTERRUPTED
        assert "Traceback" not in printed


# ---- bench ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("by", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_bench_that_a_signal_stops_exits_as_shells_expect(
    by: signal.Signals, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def bench(*_given: object, **_files: object) -> int:
        raise Interrupted(by)

    monkeypatch.setattr(suites, "bench", bench)
    assert cli.main(["bench"]) == code


def test_bench_passes_its_flags_on(monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, Any] = {}

    def bench(suite: str, options: Options, **files: Path | None) -> int:
        given.update(suite=suite, options=options, **files)
        return 1

    monkeypatch.setattr(suites, "bench", bench)
    flags = [
        "--turns",
        "3",
        "--sessions",
        "2",
        "--seed",
        "5",
        "--skip-embedded",
        "--json",
        "b.json",
    ]
    assert cli.main(["bench", *flags]) == 1
    assert given == {
        "suite": "overhead",
        "options": Options(turns=3, sessions=2, seed=5, embedded=False),
        "json": Path("b.json"),
        "budgets": None,
        "repeats": 1,
    }
