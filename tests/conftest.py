"""What all tests share: parts of the machine that a test needs, and where speech lies."""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent
DENIALS = ("not permitted", "permission denied", "superuser")

# On the machine that judges a change, a failure must belong to the change: there the examples are always
# the same ones, elsewhere each run draws others. How long one takes is the machine's business.
settings.register_profile(
    "any machine",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=os.environ.get("FRAMETALK_REQUIRE_ALL") == "1",
)
settings.load_profile("any machine")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of our own."""
    parser.addoption(
        "--whole-fuzz", action="store_true", help="act all random conversations, not only some"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Say that the main thread has no loop: looptime asks for one before synchronous tests too.

    asyncio would make one that nobody closes, and warn of it in the middle of another test.
    """
    asyncio.set_event_loop(None)
    # What a developer has pulled must not change which engines the tests run on.
    os.environ["FRAMETALK_MODELS"] = str(ROOT / "no-models")
    # A shell has what it runs in the background ignore Ctrl-C, and so would the programs that tests
    # start, which are to end by it.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if hasattr(config, "workerinput"):
        import lanes

        lanes.lower_priority(config)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """With `-n 3`: tests that talk in real time keep out of each other's way."""
    if config.getoption("dist") != "load":
        return None
    import lanes

    return lanes.Lanes(config, log)


def require(condition: object, reason: str) -> None:
    """Skip the test unless `condition` holds; fail it instead where everything must be there.

    FRAMETALK_REQUIRE_ALL=1 says so: on the machine that judges a change no part may be missing.
    """
    if condition:
        return
    if os.environ.get("FRAMETALK_REQUIRE_ALL") == "1":
        pytest.fail(f"required here, but absent: {reason}", pytrace=False)
    pytest.skip(reason)


def require_allowed(command: list[str], reason: str) -> None:
    """Skip the test if the system denies this user what `command` does; any other failure is one.

    Always a skip: a container without the right to mount is a machine as good as any, and says nothing
    about the change that is judged there.
    """
    made = subprocess.run(
        command, capture_output=True, check=False, text=True, env={**os.environ, "LC_ALL": "C"}
    )
    said = made.stderr.strip()
    if made.returncode and any(denial in said.lower() for denial in DENIALS):
        pytest.skip(f"{reason}: {said}")
    require(made.returncode == 0, f"{reason}: {said}")


def require_program(name: str) -> str:
    """The path of a program such as flite; skips or fails like `require`."""
    found = shutil.which(name)
    require(found, f"the program {name} is not on PATH")
    return found or ""


def real_model(name: str) -> Path:
    """The folder of a model with its real weights, or of the human readings ("speech").

    FRAMETALK_REAL_MODELS is the folder in which they lie; skips or fails like `require` without it.
    """
    folder = Path(os.environ.get("FRAMETALK_REAL_MODELS", "")) / name
    require(
        os.environ.get("FRAMETALK_REAL_MODELS") and folder.is_dir(),
        f"no {name} in the folder FRAMETALK_REAL_MODELS; to lay it out: tests/lay_out_real_models.sh",
    )
    return folder


@pytest.fixture(scope="session")
def real_models() -> Callable[[str], Path]:
    """`real_model`, for tests that take it as a fixture."""
    return real_model


@pytest.fixture
def new_objects_only() -> Iterator[None]:
    """While the test runs, `gc.get_objects()` has nothing of earlier tests, and collecting is quick."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture(scope="session")
def speech() -> Path:
    """The folder of test speech that the repository carries."""
    return ROOT / "tests" / "speech"


@pytest.fixture(scope="session")
def human_speech() -> Path:
    """Recordings of people, which lie beside the repository on some machines only.

    They are no part of it: a test that wants them is skipped elsewhere, whatever else is required.
    """
    folder = ROOT.parent / "shared" / "speech"
    if not folder.is_dir():
        pytest.skip("no recordings of people beside the repository")
    return folder
