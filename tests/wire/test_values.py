"""The checks of messages' free parts."""

import pytest

from frametalk.errors import WireError
from frametalk.wire import messages as m
from frametalk.wire.values import check_values, loose_fields, not_finite


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (m.Played, ()),  # every number in it is bounded, so decoding has checked them all
        (m.Say, ()),
        (m.ToolResult, ("value",)),
        (m.SceneEvent, ("data",)),
        (m.ScenePatch, ("put", "state", "move")),
        (m.SceneSnapshot, ("entities",)),
        (m.Hello, ("tools",)),
        (m.ReplyMarks, ("marks",)),
    ],
)
def test_only_fields_that_decoding_cannot_check_are_checked(
    kind: type, fields: tuple[str, ...]
) -> None:
    assert loose_fields(kind) == fields


def test_plain_types_have_no_fields() -> None:
    assert loose_fields(bytes) is None


def test_free_values_of_json_pass() -> None:
    value = {"a": [None, True, 1, -1.5, "text", {"b": []}], "": 2**53 - 1}
    check_values(m.ToolResult(call=1, ok=True, value=value))


def test_long_keys_are_shortened_in_the_error() -> None:
    with pytest.raises(WireError) as caught:
        check_values(m.SceneEvent(name="x", data={"k" * 5000: float("nan")}))
    assert len(caught.value.text) < 200


def test_not_finite_tells_nan_from_other_faults() -> None:
    assert not_finite({"a": [1, 2.5, "x"]}) is None
    assert not_finite({1: 2}) is None
    error = not_finite({"a": [1, float("nan")]})
    assert error is not None
    assert error.code == "number_not_finite"
