"""The shared files agree with the server: page, schema, golden bytes, error codes."""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import msgpack
import msgspec
import pytest

import frametalk
from frametalk.core.marks import Mark
from frametalk.core.scene import Entity
from frametalk.core.tools import ToolSpec
from frametalk.errors import Fault, Stage
from frametalk.handshake import FEATURES
from frametalk.transports.websocket import PATH as WEBSOCKET_PATH
from frametalk.wire import messages as m
from frametalk.wire.codec import (
    MAX_MESSAGE_BYTES,
    client_codec,
    decode_media,
    encode,
    encode_json,
    is_media,
    server_codec,
)
from frametalk.wire.marks import PackedMarks
from frametalk.wire.values import MAX_DEPTH

PROTOCOLS = Path(__file__).parents[1] / "protocols"
GOLDEN = PROTOCOLS / "golden"
PACKAGE = Path(frametalk.__file__).parent
PAGE = (PROTOCOLS / "wire.md").read_text(encoding="utf-8")

BOTH = set(m.FromClient.__args__) & set(m.FromServer.__args__)
MESSAGES = {kind.__struct_config__.tag: kind for kind in m.AnyMessage.__args__}
AS_MESSAGEPACK = {m.ReplyMarks: PackedMarks}  # a message with a form of its own there
PARTS = {
    kind.__name__: kind
    for kind in (
        m.ClientInfo,
        m.Consent,
        m.ResumeFrom,
        m.IceServer,
        m.Limits,
        m.WordHeard,
        m.StageTime,
        m.FrameCost,
        Mark,
        Entity,
        ToolSpec,
    )
}


def codec_of(tag: str) -> Any:
    return server_codec if tag in server_codec.types else client_codec


# ---- exported files ------------------------------------------------------------------------------


def test_exported_files_are_up_to_date(tmp_path: Path) -> None:
    subprocess.run([sys.executable, PROTOCOLS / "export", tmp_path], check=True, timeout=60)
    fresh = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*.*")}
    for path, content in fresh.items():
        assert (PROTOCOLS / path).read_bytes() == content, f"run: python protocols/export ({path})"
    for folder in ("schema", "golden/full", "golden/least"):
        left = {path.relative_to(PROTOCOLS) for path in (PROTOCOLS / folder).iterdir()}
        assert left <= fresh.keys()


# ---- golden bytes --------------------------------------------------------------------------------


def test_every_message_has_golden_bytes() -> None:
    assert {path.stem for path in (GOLDEN / "full").glob("*.msgpack")} == MESSAGES.keys()


@pytest.mark.parametrize(
    "path", sorted(GOLDEN.glob("*/*.msgpack")), ids=lambda path: f"{path.parent.name}-{path.stem}"
)
class TestGoldenMessage:
    """Each golden message, read and written with two libraries and in two forms."""

    def test_msgspec_reads_and_writes_the_same_bytes(self, path: Path) -> None:
        message = codec_of(path.stem).decode_binary(path.read_bytes())
        assert type(message) is MESSAGES[path.stem]
        assert encode(message) == path.read_bytes()

    def test_msgpack_reads_and_writes_the_same_message(self, path: Path) -> None:
        content = msgpack.unpackb(path.read_bytes())
        again = msgpack.packb(content)
        codec = codec_of(path.stem)
        assert codec.decode_binary(again) == codec.decode_binary(path.read_bytes())
        assert content["type"] == path.stem

    def test_the_json_beside_it_is_the_same_message(self, path: Path) -> None:
        text = path.with_suffix(".json").read_text(encoding="utf-8")
        if MESSAGES[path.stem] not in AS_MESSAGEPACK:
            assert json.loads(text) == msgpack.unpackb(path.read_bytes())
        codec = codec_of(path.stem)
        message = codec.decode_text(text)
        assert message == codec.decode_binary(path.read_bytes())
        assert json.loads(encode_json(message)) == json.loads(text)

    def test_schema_agrees(self, path: Path) -> None:
        content = json.loads(path.with_suffix(".json").read_bytes())
        for kinds, name in ((m.FromClient, "from_client"), (m.FromServer, "from_server")):
            schema = json.loads((PROTOCOLS / "schema" / f"{name}.json").read_bytes())
            fits = jsonschema_rs.Draft202012Validator(schema).is_valid(content)
            assert fits is (MESSAGES[path.stem] in kinds.__args__)

    def test_fields_are_all_or_the_required_ones(self, path: Path) -> None:
        kind = MESSAGES[path.stem]
        fields = msgspec.structs.fields(AS_MESSAGEPACK.get(kind, kind))
        full = path.parent.name == "full"
        expected = {field.name for field in fields if full or field.required}
        assert msgpack.unpackb(path.read_bytes()).keys() == expected | {"type"}


def test_example_session_is_well_formed() -> None:
    frames = json.loads((GOLDEN / "session.json").read_bytes())
    numbers = []
    for frame in frames:
        data = bytes.fromhex(frame["hex"])
        if is_media(data):
            assert decode_media(data).payload
            continue
        codec = client_codec if frame["from"] == "client" else server_codec
        message = codec.decode_binary(data)
        assert message.__struct_config__.tag == frame["name"]
        if isinstance(message, m.ServerMessage):
            numbers.append(message.seq)
    assert numbers == list(range(1, len(numbers) + 1))


# ---- the page ------------------------------------------------------------------------------------


def sections() -> dict[str, str]:
    """Heading to body of the page's third level."""
    found = re.split(r"^### (.*)\n", PAGE, flags=re.MULTILINE)[1:]
    return dict(zip(found[::2], found[1::2], strict=True))


def rows(body: str) -> Iterator[list[str]]:
    for line in body.splitlines():
        if line.startswith("| `"):
            yield [cell.strip() for cell in line[1:-1].split("|")]


def default_of(field: Any) -> str:
    if field.required:
        return "required"
    if field.default_factory is not msgspec.NODEFAULT:
        return f"`{msgspec.json.encode(field.default_factory()).decode()}`"
    return f"`{msgspec.json.encode(field.default).decode()}`"


@pytest.mark.parametrize("tag", sorted(MESSAGES))
def test_page_has_every_message_with_its_sender_and_fields(tag: str) -> None:
    kind = MESSAGES[tag]
    sender = "client" if kind in m.FromClient.__args__ else "server"
    body = sections()[f"`{tag}` ({'both' if kind in BOTH else sender})"]
    skipped = {"seq"} if issubclass(kind, m.ServerMessage) else set()  # described once for all
    check_fields(AS_MESSAGEPACK.get(kind, kind), body, skipped)


@pytest.mark.parametrize("name", sorted(PARTS))
def test_page_has_every_part_with_its_fields(name: str) -> None:
    check_fields(PARTS[name], sections()[f"type `{name}`"], set())


def check_fields(kind: type, body: str, skipped: set[str]) -> None:
    listed = {row[0].strip("`"): row[2] for row in rows(body.strip().split("\n\n")[0])}
    fields = msgspec.inspect.type_info(kind).fields  # type: ignore[attr-defined]
    assert listed == {
        field.name: default_of(field) for field in fields if field.name not in skipped
    }


def test_page_says_which_features_are_served() -> None:
    served = {row[0].strip("`"): row[2] for row in rows(sections()["Features"])}
    assert {feature for feature, answer in served.items() if answer == "yes"} == FEATURES
    assert set(served.values()) == {"yes", "with the extra `webrtc`"}


def test_page_names_the_path_and_the_limits() -> None:
    assert f"ws://HOST:PORT{WEBSOCKET_PATH}`" in PAGE
    assert f"at most {MAX_MESSAGE_BYTES:,} bytes" in PAGE
    assert f"at most {MAX_DEPTH} maps and lists" in PAGE


# ---- error codes ---------------------------------------------------------------------------------

RAISERS = re.compile(r"(error|refus|invalid|fail|_limit|_unknown|_end$|_Bad$)", re.IGNORECASE)
CLIENTS = {"headless", "bench"}  # they print their failures and do not send them
CODE = re.compile(r"[a-z]+(?:_[a-z]+)+")


def table_of_codes() -> dict[str, dict[str, str]]:
    names = ("code", "stage", "fault", "fatal", "when", "remedy")
    table = [dict(zip(names, row, strict=True)) for row in rows(PAGE.split("\n## Errors\n")[1])]
    codes = [row["code"].strip("`") for row in table]
    assert len(codes) == len(set(codes))
    return dict(zip(codes, table, strict=True))


def codes_in_code() -> dict[str, str]:
    """Each code and the place that raises it: string constants passed to calls that make errors."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        if path.relative_to(PACKAGE).parts[0] in CLIENTS:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for code in _codes(node):
                found.setdefault(code, f"{path.relative_to(PACKAGE)}:{node.lineno}")
    return found


def _codes(call: ast.AST) -> Iterator[str]:
    if not isinstance(call, ast.Call):
        return
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    candidates = [keyword.value for keyword in call.keywords if keyword.arg == "code"]
    if RAISERS.search(name):
        candidates += call.args[:1]
    for candidate in candidates:
        if isinstance(candidate, ast.Constant) and CODE.fullmatch(str(candidate.value)):
            yield str(candidate.value)


def test_every_code_in_the_code_is_in_the_table() -> None:
    raised, known = codes_in_code(), table_of_codes()
    assert "message_malformed" in raised  # the search finds what is certainly there
    missing = {code: place for code, place in raised.items() if code not in known}
    assert not missing


def test_table_uses_the_stages_and_faults_of_the_code() -> None:
    for code, row in table_of_codes().items():
        assert set(row["stage"].split(", ")) <= set(Stage), code
        assert row["fault"] in set(Fault), code
        assert row["fatal"] in {"yes", "no"}, code
        assert row["when"], code
        assert row["remedy"], code


# An adapter, also one of another package, uses these when no other code fits.
ADAPTERS_CODES = {"hear_failed", "think_failed", "voice_failed"}


def test_every_code_of_the_table_is_in_the_code() -> None:
    words = {
        word
        for path in PACKAGE.rglob("*.py")
        for word in CODE.findall(path.read_text(encoding="utf-8"))
    }
    assert not table_of_codes().keys() - words - ADAPTERS_CODES
