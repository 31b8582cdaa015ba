"""Inputs of the decoders that are kept as files, which fuzzing starts from: `FRAME.OUTCOME.WHAT.bin`.

OUTCOME is what reading the frame gives: a code, or `message`, `unknown_message` or `media`. A frame
that the server sends is `server_binary`; the others come from a client.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from frametalk.errors import WireError
from frametalk.wire.codec import (
    Media,
    UnknownMessage,
    client_codec,
    decode_media,
    is_media,
    server_codec,
)
from wire.decoding import check_bytes, check_text, read

CORPUS = sorted((Path(__file__).parent / "corpus").iterdir())


def outcome_of(frame: str, data: bytes) -> Any:
    match frame:
        case "text":
            return read(client_codec.decode_text, data.decode())
        case "server_binary":
            return read(server_codec.decode_binary, data)
        case "binary":
            return read(decode_media if is_media(data) else client_codec.decode_binary, data)
    raise AssertionError(f"{frame} is no kind of frame")


def name_of(outcome: Any) -> str:
    if isinstance(outcome, WireError):
        return outcome.code
    names = {Media: "media", UnknownMessage: "unknown_message"}
    return names.get(type(outcome), "message")


@pytest.mark.parametrize("file", CORPUS, ids=lambda file: file.stem)
def test_a_kept_input_has_the_outcome_that_its_name_says(file: Path) -> None:
    frame, outcome, _what, _suffix = file.name.split(".")
    assert name_of(outcome_of(frame, file.read_bytes())) == outcome


@pytest.mark.parametrize("file", CORPUS, ids=lambda file: file.stem)
def test_a_kept_input_breaks_no_decoder(file: Path) -> None:
    check_bytes(file.read_bytes())
    check_text(file.read_text(encoding="utf-8", errors="surrogateescape"))
