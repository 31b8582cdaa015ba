"""Compares the stub of UnityEngine and UnityEditor with Unity's published C# reference.

    python engine_clients/unity/check_stub.py REFERENCE

REFERENCE is a folder with the reference's sources (a checkout of the version to compare with, or the
files of interest). Every public member of the stub's Unity namespaces must occur there with the same
name, type and parameter types, in a type of the same name. Prints what does not, and a count.

This is a check for developers, not for CI: the reference may be read, but it is not ours to ship.
`stub/signatures.txt` keeps the members that are used; a test keeps the list equal to the stub,
so that a member which is added later is noticed.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

STUB = Path(__file__).resolve().parent / "stub"
LIST = STUB / "signatures.txt"
# What only drives the stub, and what stands for packages that a project may have.
OWN = ("Engine.cs", "Script.cs", "Devices.cs", "Optional.cs")
_OWN_NAMESPACES = ("UnityEngine.Stub",)
_OWN_TYPES = ("StubEditor",)

_NAMESPACE = re.compile(r"^namespace (?P<name>[\w.]+)")
_TYPE = re.compile(
    r"^ {4}public (?:static |sealed |abstract )*(?:class|struct|enum|delegate \w+) (?P<name>\w+)"
)
_MEMBER = re.compile(
    r"^ {8}public (?:static |virtual |override |readonly |const |event )*"
    r"(?P<type>[\w.]+(?:<[\w., ]+>)?(?:\[\])?\??) (?P<name>\w+)(?:<\w+>)?"
    r"(?P<rest>\(.*\).*|;.*| = .*| \{.*|)$"
)


@dataclass(frozen=True)
class Member:
    """One public member. `parameters`: their types; None: it is no method."""

    owner: str
    type: str
    name: str
    parameters: tuple[str, ...] | None

    def __str__(self) -> str:
        shown = "" if self.parameters is None else f"({', '.join(self.parameters)})"
        return f"{self.owner}.{self.name}{shown}: {self.type}"


def _parameter_types(rest: str) -> tuple[str, ...] | None:
    if not rest.startswith("("):
        return None
    inner = re.sub(r"<[^>]*>", lambda m: m[0].replace(",", ";"), rest[1 : rest.index(")")])
    found = (part.split(" = ")[0].strip() for part in inner.split(",") if part.strip())
    return tuple(re.sub(r"^(params|this) ", "", f).rsplit(" ", 1)[0] for f in found)


def members(stub: Path) -> Iterator[Member]:
    """Every public member of the stub that stands for one of Unity's."""
    for file in sorted(stub.glob("*.cs")):
        if file.name in OWN:
            continue
        namespace = owner = ""
        for line in file.read_text(encoding="utf-8").splitlines():
            if match := _NAMESPACE.match(line):
                namespace, owner = match["name"], ""
            elif match := _TYPE.match(line):
                owner = match["name"]
            elif namespace in _OWN_NAMESPACES or owner in _OWN_TYPES or not owner:
                continue
            elif (match := _MEMBER.match(line)) and match["name"] != owner:
                if match["type"] in {"class", "struct", "enum", "implicit", "explicit"}:
                    continue
                yield Member(owner, match["type"], match["name"], _parameter_types(match["rest"]))


def listed(stub: Path) -> str:
    """The text of `signatures.txt`: one member a line."""
    return "".join(f"{line}\n" for line in sorted({str(member) for member in members(stub)}))


def _pattern(member: Member) -> re.Pattern[str]:
    kind = re.escape(member.type).replace(r"\ ", r"\s*").replace("UnityEngine\\.", "")
    prefix = rf"(?<![\w.])(?:[\w]+\.)?{kind}\s+{member.name}\b"
    if member.parameters is None:
        return re.compile(prefix + r"(?!\s*[\(<])")
    each = (
        rf"(?:\[[^\]]*\]\s*)*(?:params\s+)?(?:[\w]+\.)?{re.escape(p)}\s+\w+(?:\s*=\s*[^,)]+)?"
        for p in member.parameters
    )
    return re.compile(prefix + r"(?:<\w+>)?\s*\(\s*" + r"\s*,\s*".join(each) + r"\s*\)")


def missing(stub: Path, reference: Path) -> list[Member]:
    """Members of the stub that the reference does not have."""
    texts = [file.read_text(encoding="utf-8", errors="replace") for file in reference.rglob("*.cs")]
    absent = []
    for member in members(stub):
        owner = re.compile(rf"\b(?:class|struct|enum|interface)\s+{member.owner}\b")
        pattern = _pattern(member)
        if not any(owner.search(text) and pattern.search(text) for text in texts):
            absent.append(member)
    return absent


def main() -> int:
    """Compares, writes the list, and prints the differences."""
    LIST.write_text(listed(STUB), encoding="utf-8")
    if not sys.argv[1:]:
        return 0
    absent = missing(STUB, Path(sys.argv[1]))
    for member in absent:
        sys.stdout.write(f"not in the reference: {member}\n")
    sys.stdout.write(f"{len(set(members(STUB)))} members, {len(absent)} differ\n")
    return 1 if absent else 0


if __name__ == "__main__":
    sys.exit(main())
