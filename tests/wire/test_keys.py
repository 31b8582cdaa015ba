from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import hypothesis.strategies as st
import msgpack
import pytest
from hypothesis import given

from frametalk.errors import WireError
from frametalk.wire.codec import client_codec
from frametalk.wire.keys import MAX_CONTAINERS, check_maps
from frametalk.wire.messages import Ping

PING = {"type": "ping", "id": 1, "t_us": 2}

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text() | st.binary(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(value=values)
def test_an_ordinary_value_passes(value: Any) -> None:
    check_maps(msgpack.packb({"type": "x", "value": value}), text=False)


@given(data=st.binary(max_size=80))
def test_other_bytes_are_left_to_the_decoder(data: bytes) -> None:
    for text in (False, True):
        with suppress(WireError):
            check_maps(data, text=text)


@pytest.mark.parametrize(
    "data",
    [
        b"\x82\xa4type\xa4ping\xa4type\xa3say",
        b"\x82\xa4type\xa4ping\xd9\x04type\xa3say",  # the same key, encoded otherwise
        b"\x82\xa4type\xa4ping\xa1x\x82\xa1k\x01\xa1k\x02",
        b"\x82\xa4type\xa4ping\xa1x\x91\x82\xa1k\x01\xa1k\x02",
    ],
)
def test_a_key_twice_in_a_map_is_refused(data: bytes) -> None:
    with pytest.raises(WireError, match="occurs twice") as refused:
        client_codec.decode_binary(data)
    assert refused.value.code == "message_invalid"


def test_a_key_twice_in_json_is_refused() -> None:
    with pytest.raises(WireError, match="'id' occurs twice"):
        client_codec.decode_text('{"type": "ping", "id": 1, "id": 2, "t_us": 3}')


def test_the_same_key_in_two_maps_is_one_in_each() -> None:
    message = {**PING, "more": [{"id": 1}, {"id": 2}]}
    assert client_codec.decode_binary(msgpack.packb(message)) == Ping(id=1, t_us=2)
    assert client_codec.decode_text(json.dumps(message)) == Ping(id=1, t_us=2)


@pytest.mark.parametrize("container", [{}, []])
def test_a_message_of_very_many_containers_is_refused(container: object) -> None:
    most = {**PING, "more": [container] * (MAX_CONTAINERS - 2)}
    assert client_codec.decode_binary(msgpack.packb(most)) == Ping(id=1, t_us=2)
    more = {**PING, "more": [container] * (MAX_CONTAINERS - 1)}
    with pytest.raises(WireError, match="maps and lists") as refused:
        client_codec.decode_binary(msgpack.packb(more))
    assert refused.value.code == "message_invalid"
