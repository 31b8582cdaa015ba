"""What the user can choose for a suite."""

from __future__ import annotations

from pathlib import Path

import msgspec


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How much to measure: `turns` for each of `sessions` players, and the `embedded` engines too.
    `sessions` 0: the suite's usual number.

    For the turns suite: the file of `labels`, the file of the `smart_turn` model, and the file to `plot`
    to. For the suites engines and real: `only` these parts. For the suite real: the folder of `models`,
    more recordings of `speech`, and the base URL of a language model's server.
    For the suites overhead, turns and load: `settings` of the server under test, after the suite's own.
    For the suite network: how many `conversations` (0: the usual number), and under which network
    `profiles`; none: connections are cut instead. For the suite client: which `engine`. For the
    suite soak: how many `minutes`. For the suites load and soak: which `engines`, empty: the usual ones.
    For the suite load: the numbers of sessions, `levels`; none: the usual ones.
    `quick`: measure so little that it takes less than a minute.
    """

    turns: int = 40
    sessions: int = 0
    seed: int = 0
    embedded: bool = True
    labels: Path = Path("latency_tests/turns/set.toml")
    smart_turn: Path | None = None
    plot: Path | None = None
    conversations: int = 0
    profiles: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    models: Path | None = None
    speech: Path | None = None
    llm_url: str = ""
    quick: bool = False
    settings: tuple[str, ...] = ()
    engine: str = ""
    minutes: float = 60
    engines: str = ""
    levels: tuple[int, ...] = ()
