"""Reads scenario files and checks them."""

from __future__ import annotations

import re

from frametalk.errors import ConfigError
from frametalk.headless.scenario import (
    ACTIONS,
    EXPECTED,
    Expectation,
    Scenario,
    ScenarioFile,
    Step,
    texts,
)
from frametalk.headless.text import is_pattern
from frametalk.headless.worldfile import convert, find_toml, load_world, read_toml
from frametalk.wire.messages import FromServer


def load_scenario(name: str) -> Scenario:
    """Read a scenario, given by its path or the name of a shipped one.

    Raises ConfigError that names file, step and remedy.
    """
    path = find_toml(name, "scenarios")
    tree = read_toml(path)
    for number, step in enumerate(tree.get("step", []), 1):
        convert(step, Step, f"{path}: step {number}")
    file = convert(tree, ScenarioFile, path)
    scenario = Scenario(path.stem, path, file, load_world(file.world, near=path))
    _check(scenario)
    return scenario


def _check(scenario: Scenario) -> None:
    players = [player.name for player in scenario.file.player]
    if len(set(players)) < len(players) or not players:
        raise ConfigError(
            f"{scenario.path}: two players have the same name, or there are no players",
            remedy="give each [[player]] a different name",
        )
    if not scenario.file.step:
        raise ConfigError(f"{scenario.path}: there are no steps", remedy="add a [[step]]")
    tools = {tool.name for tool in scenario.world.tool}
    for behaviour in scenario.file.behaviour:
        if behaviour.tool and behaviour.tool not in tools:
            raise ConfigError(
                f"{scenario.path}: a behaviour names the unknown tool {behaviour.tool!r}",
                remedy=f"use one of {', '.join(sorted(tools))}",
            )
    for number, step in enumerate(scenario.file.step, 1):
        where = f"{scenario.path}: step {number}"
        actions = step.actions()
        if len(actions) != 1:
            raise ConfigError(
                f"{where} has {' and '.join(actions) or 'no action'}",
                remedy=f"give exactly one of {', '.join(ACTIONS)}",
            )
        if step.player and step.player not in players:
            raise ConfigError(
                f"{where}: there is no player {step.player!r}",
                remedy=f"use one of {', '.join(players)}",
            )
        if step.expect is not None:
            _check_expectation(scenario, step.expect, where)


def _check_expectation(scenario: Scenario, expectation: Expectation, where: str) -> None:
    kinds = expectation.kinds()
    if len(kinds) != 1:
        raise ConfigError(
            f"{where} expects {' and '.join(kinds) or 'nothing'}",
            remedy=f"give exactly one of {', '.join(EXPECTED)}",
        )
    if expectation.event is not None:
        type_ = (
            expectation.event
            if isinstance(expectation.event, str)
            else expectation.event.get("type")
        )
        known = {member.__struct_config__.tag for member in FromServer.__args__}
        if type_ not in known:
            raise ConfigError(
                f"{where}: the server has no message of type {type_!r}",
                remedy="see protocols/wire.md for the messages",
            )
    for text in texts(expectation):
        if is_pattern(text):
            try:
                re.compile(text[1:-1])
            except re.error as error:
                raise ConfigError(
                    f"{where}: {text}: {error}", remedy="correct the regular expression"
                ) from None
    if expectation.tool is not None:
        name = expectation.tool if isinstance(expectation.tool, str) else expectation.tool.name
        tools = {tool.name for tool in scenario.world.tool}
        if name not in tools | {"*"}:
            raise ConfigError(
                f"{where}: the world has no tool {name!r}",
                remedy=f"use one of {', '.join(sorted(tools))}, or * for any tool",
            )
