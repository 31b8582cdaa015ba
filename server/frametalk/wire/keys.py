"""Checks the maps of a message before it is decoded: no key twice, and not too many of them.

The typed decoder takes the last of two equal keys without a word, so that another parser could read another
message in the same bytes. It also needs far more time for many small containers than for long text.
"""

from __future__ import annotations

import json
from typing import Any

import msgpack

from frametalk.errors import WireError

MAX_CONTAINERS = 8_192  # maps and lists of one message
_SHOWN_KEY_CHARS = 64


def check_maps(data: bytes, *, text: bool) -> None:
    """Raise WireError `message_invalid` for a key that occurs twice in a map, or too many maps and lists.

    `text`: the message is JSON, whose lists are not counted; else it is MessagePack. Malformed messages are
    left to the decoder.
    """
    check = _Check()
    try:
        if text:
            json.loads(data, object_pairs_hook=check.check_map)
        else:
            msgpack.unpackb(
                data,
                object_pairs_hook=check.check_map,
                list_hook=check.check_list,
                strict_map_key=False,
                raw=True,  # unknown fields may contain anything
            )
    except (ValueError, TypeError, RecursionError):  # TypeError: a map or list as a key
        return


class _Check:
    def __init__(self) -> None:
        self._containers = 0

    def check_list(self, _items: list[Any]) -> None:
        self._count()

    def check_map(self, pairs: list[tuple[Any, Any]]) -> None:
        self._count()
        keys = [key for key, _value in pairs]
        if len(set(keys)) < len(keys):
            double = next(key for key in keys if keys.count(key) > 1)
            shown = double.decode(errors="replace") if isinstance(double, bytes) else str(double)
            raise WireError(
                "message_invalid",
                f"the key {shown[:_SHOWN_KEY_CHARS]!r} occurs twice in a map",
                remedy="send each key once",
            )

    def _count(self) -> None:
        self._containers += 1
        if self._containers > MAX_CONTAINERS:
            raise WireError(
                "message_invalid",
                f"the message has more than {MAX_CONTAINERS} maps and lists",
                remedy="split the message, or send long data as text",
            )
