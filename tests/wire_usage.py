"""Which fields of the wire the server reads and sets, by its sources."""

import ast
import typing
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

import frametalk
from frametalk.wire import from_both, from_client, from_server

PACKAGE = Path(frametalk.__file__).parent
CLIENTS = {"headless", "bench", "byhand", "commands"}

STRUCTS: dict[str, Any] = {
    name: value
    for module in (from_both, from_client, from_server)
    for name, value in vars(module).items()
    if isinstance(value, type)
    and issubclass(value, msgspec.Struct)
    and value.__module__ == module.__name__
}


def fields_of(union: Any) -> dict[str, Any]:
    """`Struct.field` to its msgspec field, for the messages of a union and their parts."""
    found = {}
    kinds = list(union.__args__)
    for kind in kinds:
        kinds += [part for part in parts_of(kind) if part not in kinds]
        for field in msgspec.structs.fields(kind):
            found[f"{kind.__name__}.{field.name}"] = field
    return found


def parts_of(kind: Any) -> Iterator[Any]:
    for hint in typing.get_type_hints(kind).values():
        yield from (part for part in (hint, *typing.get_args(hint)) if part in STRUCTS.values())


def server_modules() -> Iterator[ast.Module]:
    """The modules of the server that import the wire."""
    for path in sorted(PACKAGE.rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        ours = path.relative_to(PACKAGE).parts[0] not in {*CLIENTS, "wire"}
        if ours and "frametalk.wire" in source:
            yield ast.parse(source)


# ---- reads ---------------------------------------------------------------------------------------


class Reads(ast.NodeVisitor):
    """Collects `Struct.field` for each read of a name whose struct the code states.

    It is stated by an annotation, by `isinstance`, by a `match` pattern, or by the key of a dict whose
    value is a lambda.
    """

    def __init__(self) -> None:
        self.found: set[str] = set()
        self._types: dict[str, set[str]] = defaultdict(set)
        self._attributes: dict[str, set[str]] = defaultdict(set)

    def learn_attributes(self, module: ast.Module) -> None:
        """Note the annotated attributes of a module's classes: `hello: Hello` makes `any.hello` one."""
        for node in ast.walk(module):
            for inner in node.body if isinstance(node, ast.ClassDef) else ():
                if isinstance(inner, ast.AnnAssign) and isinstance(inner.target, ast.Name):
                    self._attributes[inner.target.id] |= structs_in(inner.annotation)
                if isinstance(inner, ast.FunctionDef):
                    self._attributes[inner.name] |= structs_in(inner.returns)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        before = self._copy()
        for inner in ast.walk(node):  # `self._hello = hello` holds for every method
            if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef):
                hints = {arg.arg: structs_in(arg.annotation) for arg in arguments(inner)}
                for statement in ast.walk(inner):
                    if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Name):
                        for target in statement.targets:
                            if isinstance(target, ast.Attribute):
                                kinds = hints.get(statement.value.id, set())
                                self._types[ast.unparse(target)] |= kinds
        self.generic_visit(node)
        self._types = before

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        before = self._copy()
        for arg in arguments(node):
            self._types[arg.arg] = structs_in(arg.annotation)
        self.generic_visit(node)
        self._types = before

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815  (the visitor's own names)

    def visit_Assign(self, node: ast.Assign) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                self._types[target.id] |= self._structs(node.value)
        self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self._types[ast.unparse(node.target)] |= structs_in(node.annotation)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Name) and node.func.id == "isinstance":
            self._types[ast.unparse(node.args[0])] |= structs_in(node.args[1])
        self.generic_visit(node)

    def visit_Match(self, node: ast.Match) -> None:
        subject = ast.unparse(node.subject)
        for case in node.cases:
            before = self._copy()
            self._types[subject] = self._types[subject] | self._matched(case.pattern)
            self.generic_visit(case)
            self._types = before

    def _matched(self, pattern: ast.pattern) -> set[str]:
        """The structs that a pattern names; the fields that it takes out are read."""
        found = set()
        for part in ast.walk(pattern):
            if isinstance(part, ast.MatchClass):
                names = structs_in(part.cls)
                found |= names
                self.found |= {f"{name}.{field}" for name in names for field in part.kwd_attrs}
            if isinstance(part, ast.MatchAs) and part.name and part.pattern:
                self._types[part.name] |= self._matched(part.pattern)
        return found

    def visit_Dict(self, node: ast.Dict) -> None:
        for key, value in zip(node.keys, node.values, strict=True):
            before = self._copy()
            if isinstance(value, ast.Lambda) and key is not None:
                for arg in arguments(value):
                    self._types[arg.arg] = structs_in(key)
            self.visit(value)
            self._types = before

    def visit_Attribute(self, node: ast.Attribute) -> None:
        for struct in self._structs(node.value):
            self.found.add(f"{struct}.{node.attr}")
        self.generic_visit(node)

    def _structs(self, node: ast.expr) -> set[str]:
        known = self._types.get(ast.unparse(node), set())
        if known or not isinstance(node, ast.Attribute):
            return known
        outer = self._structs(node.value)  # hello.client.name
        hints = [typing.get_type_hints(STRUCTS[name]).get(node.attr) for name in outer]
        parts = {name for name, kind in STRUCTS.items() if kind in hints}
        return parts | self._attributes.get(node.attr, set())

    def _copy(self) -> dict[str, set[str]]:
        return defaultdict(set, {name: set(kinds) for name, kinds in self._types.items()})


def arguments(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> list[ast.arg]:
    return [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]


def structs_in(node: ast.expr | None) -> set[str]:
    """Names of structs in an annotation, `isinstance`'s second argument, or a pattern's class."""
    names = set()
    for part in ast.walk(node) if node is not None else ():
        if isinstance(part, ast.Attribute):
            names.add(part.attr)
        elif isinstance(part, ast.Name):
            names.add(part.id)
    return names & STRUCTS.keys()


def read_by(*modules: ast.Module) -> set[str]:
    """`Struct.field` for each field of the wire's structs that these modules read."""
    reads = Reads()
    for module in modules:
        reads.learn_attributes(module)
    for module in modules:
        reads.visit(module)
    return reads.found


# ---- sets ----------------------------------------------------------------------------------------


def set_by(*modules: ast.Module) -> set[str]:
    """`Struct.field` for each keyword at a constructor whose value is not just the default."""
    found = set()
    for node in (node for module in modules for node in ast.walk(module)):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)
        # `replace(message, seq=...)` sets the field of any message.
        structs = STRUCTS.keys() if called == "replace" else {called} & STRUCTS.keys()
        for keyword in node.keywords:
            found |= {f"{name}.{keyword.arg}" for name in structs if differs(name, keyword)}
    return found


def differs(struct: str, keyword: ast.keyword) -> bool:
    fields = {field.name: field for field in msgspec.structs.fields(STRUCTS[struct])}
    if keyword.arg not in fields:
        return False
    value = keyword.value
    return not isinstance(value, ast.Constant) or value.value != fields[keyword.arg].default
