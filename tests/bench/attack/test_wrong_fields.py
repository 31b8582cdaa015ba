"""Every field that clients send has a wrong value, unless it takes any."""

from __future__ import annotations

from typing import get_args

import pytest

from frametalk.bench.attack.inputs import Input
from frametalk.bench.attack.wrong_fields import inputs
from frametalk.errors import FrametalkError
from frametalk.wire import messages as m
from frametalk.wire.codec import client_codec

FIELDLESS = {"bye", "interrupt"}


def test_each_message_that_clients_send_has_inputs() -> None:
    names = [one.name for one in inputs()]
    for kind in get_args(m.FromClient):
        tag = str(kind.__struct_config__.tag)
        if tag not in {"hello", *FIELDLESS}:
            assert any(name.startswith((f"{tag} ", f"{tag}.")) for name in names), tag


@pytest.mark.parametrize("one", inputs(), ids=lambda one: one.name)
def test_the_codec_refuses_it(one: Input) -> None:
    (frame,) = one.frames
    assert isinstance(frame, bytes)
    with pytest.raises(FrametalkError) as refused:
        client_codec.decode_binary(frame)
    assert refused.value.code == one.code
