"""Every field of the wire has a use: the server reads what clients send, and sets what it sends."""

import ast

import pytest

from frametalk.wire import messages as m
from wire_usage import fields_of, read_by, server_modules, set_by

# Specified, and not served by this version: protocols/wire.md says so under *Features*.
NOT_SERVED = {
    "MicStop.at": "rtc: where frames can be lost, it says where the stream ends",
}
# Of messages of both sides, what only clients send.
ONLY_FROM_CLIENTS = {
    "RtcIce.candidate": "the server's candidates are in its answer",
    "RtcIce.mid": "the same",
}
# A client may report an error; the page says that the server ignores it.
IGNORED = {f"Error.{field}" for field in m.Error.__struct_fields__}


def test_the_server_reads_every_field_that_clients_send() -> None:
    unread = fields_of(m.FromClient).keys() - read_by(*server_modules()) - NOT_SERVED.keys()
    assert unread - IGNORED == set(), "use the field, or remove it from the wire"


def test_the_server_sets_every_field_that_it_sends() -> None:
    unset = fields_of(m.FromServer).keys() - set_by(*server_modules()) - NOT_SERVED.keys()
    assert unset - ONLY_FROM_CLIENTS.keys() == set(), "set the field, or remove it from the wire"


def test_what_is_listed_as_not_served_is_neither_read_nor_set() -> None:
    modules = list(server_modules())
    served = (read_by(*modules) & fields_of(m.FromClient).keys()) | set_by(*modules)
    assert NOT_SERVED.keys() & served == set()
    assert NOT_SERVED.keys() <= fields_of(m.FromClient).keys() | fields_of(m.FromServer).keys()


@pytest.mark.parametrize(
    "code",
    [
        "def take(message: m.Say) -> None: print(message.text)",
        "def take(message: Say | None) -> None: print(message.text)",
        "def take(message): return isinstance(message, m.Say) and message.text",
        "match message:\n    case m.Say(): print(message.text)",
        "match message:\n    case m.Say(text=text): print(text)",
        "match message:\n    case m.Say() as say: print(say.text)",
        "handlers = {m.Say: lambda message: print(message.text)}",
        "class A:\n def __init__(self, say: m.Say): self._say = say\n def f(self): self._say.text",
        "class A:\n    say: m.Say\ndef take(one: A): print(one.say.text)",
    ],
)
def test_a_read_is_found(code: str) -> None:
    assert read_by(ast.parse(code)) == {"Say.text"}


def test_a_read_of_a_part_is_found() -> None:
    code = "def log(hello: Hello) -> None: print(hello.client.name)"
    assert read_by(ast.parse(code)) == {"Hello.client", "ClientInfo.name"}


def test_a_field_of_the_same_name_is_not_a_read() -> None:
    code = "def take(message: m.Played) -> None: print(message.sample)"
    assert "Interrupt.reply" not in read_by(ast.parse(code))
    assert read_by(ast.parse("print(message.text)")) == set()


def test_only_a_value_other_than_the_default_is_set() -> None:
    assert set_by(ast.parse("m.GoAway(reason='', in_ms=5.0)")) == {"GoAway.in_ms"}
    assert "GoAway.seq" in set_by(ast.parse("replace(message, seq=seq)"))
