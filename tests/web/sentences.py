"""Every sentence that an error, a finding or a reason can bring to the page, read off the source.

A sentence is what stands there, with its holes numbered: ``segment {0} says exactly that already``. What is
looked at is what the page imports, however far down: nobody keeps a list.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import confere
from confere import errors

SOURCE = Path(confere.__file__).parents[1]
#: Where the way of a request ends: what lies behind is asked at the command line, or at the start.
_ENDS = {"confere.wiring", "confere.web.serving", "confere.web.tls", "confere.crypto.certificates"}
#: What tells people something beside the errors: findings of an audit, and why somebody can do nothing.
_TELLERS = {"add_wrong", "add_attention", "add_not_checked", "Todo"}


def sentences() -> dict[str, str]:
    """Return every sentence with the module in which it stands."""
    found: dict[str, str] = {}
    for name in sorted(_reached()):
        reader = _Reader(_tree(name))
        for call in _told(_tree(name)):
            for argument in _arguments(call):
                for sentence in reader.templates(argument):
                    if " " in sentence.strip() or (
                        _name(call.func) == "NoSuchThing" and sentence.isalpha()
                    ):
                        found.setdefault(sentence, name)
    return {
        sentence: name for sentence, name in found.items() if sentence.strip("{}0123456789 :\n")
    }


@cache
def _reached() -> frozenset[str]:
    files = {_module(path): path for path in (SOURCE / "confere").rglob("*.py")}
    todo = [name for name in files if name.startswith("confere.web")]
    seen: set[str] = set()
    while todo:
        name = todo.pop()
        if name in seen or name in _ENDS or name not in files:
            continue
        seen.add(name)
        for node in ast.walk(_tree(name)):
            if isinstance(node, ast.Import):
                todo += [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                todo += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return frozenset(seen)


def _module(path: Path) -> str:
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def _tree(name: str) -> ast.Module:
    path = SOURCE.joinpath(*name.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return ast.parse(file.read_text("utf-8"))


def _told(tree: ast.Module) -> Iterator[ast.Call]:
    """Yield the calls whose arguments reach people."""
    makers = {n for n, one in vars(errors).items() if isinstance(one, type)} | {"Refusal"}
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and any(_name(base) in makers for base in node.bases):
            makers.add(node.name)
    tellers = makers | _TELLERS
    helpers = _helpers(tree, tellers)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = _name(node.func)
            is_super = name == "__init__" and isinstance(node.func, ast.Attribute)
            if name in tellers or name in helpers or is_super:
                yield node
        elif isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            if not hasattr(
                builtins, _name(node.exc.func)
            ):  # whatever makes it, but for faults of ours
                yield node.exc
        elif isinstance(node, ast.ClassDef) and node.name in makers:  # what stands for "this file"
            methods = [each for each in node.body if isinstance(each, ast.FunctionDef)]
            for default in (value for method in methods for value in method.args.defaults):
                yield ast.Call(ast.Name(node.name), [default], [])


def _helpers(tree: ast.Module, tellers: set[str]) -> set[str]:
    """Return the functions of a module that hand a text of theirs on to an error."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    found: set[str] = set()
    while True:
        more = {f.name for f in functions if _hands_on(f, tellers | found)} - {"open", "__init__"}
        if more <= found:
            return found
        found |= more


def _hands_on(function: ast.FunctionDef, tellers: set[str]) -> bool:
    arguments = function.args.posonlyargs + function.args.args + function.args.kwonlyargs
    texts = {a.arg for a in arguments if a.annotation and ast.unparse(a.annotation) == "str"}
    return any(
        isinstance(node, ast.Name) and node.id in texts
        for call in ast.walk(function)
        if isinstance(call, ast.Call) and _name(call.func) in tellers
        for argument in _arguments(call)
        for node in ast.walk(argument)
    )


def _arguments(call: ast.Call) -> list[ast.expr]:
    return [*call.args, *(keyword.value for keyword in call.keywords)]


def _name(node: ast.expr) -> str:
    return str(getattr(node, "id", getattr(node, "attr", "")))


class _Reader:
    """Reads the texts of one module: where they stand, what they were assigned to, who returns them."""

    def __init__(self, tree: ast.Module) -> None:
        self._tree = tree
        self._assigned: dict[str, list[ast.expr]] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    self._assigned.setdefault(_name(target), []).append(node.value)

    def templates(self, node: ast.expr, seen: frozenset[str] = frozenset()) -> Iterator[str]:
        """Yield what a text can be: each branch of a choice, and what stands in the holes of another."""
        if isinstance(node, ast.IfExp):
            yield from self.templates(node.body, seen)
            yield from self.templates(node.orelse, seen)
        elif isinstance(node, ast.BoolOp):
            for value in node.values:
                yield from self.templates(value, seen)
        elif isinstance(node, ast.Name) and node.id not in seen:
            for value in self._assigned.get(node.id, ()):
                yield from self.templates(value, seen | {node.id})
        elif isinstance(node, (ast.List, ast.Tuple)):
            for value in node.elts:
                yield from self.templates(value, seen)
        elif isinstance(node, (ast.ListComp, ast.GeneratorExp)):
            yield from self.templates(node.elt, seen)
        elif isinstance(node, ast.Call):
            yield from self._called(node, seen)
        else:
            holes: list[ast.expr] = []
            template = _template(node, holes)
            if template != "{0}":
                yield template
                for hole in holes:
                    yield from self.templates(hole, seen)

    def _called(self, node: ast.Call, seen: frozenset[str]) -> Iterator[str]:
        name = _name(node.func)
        if name == "join":
            yield from self.templates(node.args[0], seen)
        elif name not in seen:
            known = _returned().get(name, [])
            own = [(tree, value) for tree, value in known if tree is self._tree]
            # A name that several modules have says nothing of another one's function.
            shared = len({id(tree) for tree, _ in known}) > 1
            for tree, value in own or ([] if shared else known):
                yield from _Reader(tree).templates(value, seen | {name})


@cache
def _returned() -> dict[str, list[tuple[ast.Module, ast.expr]]]:
    """What each function returns that returns a text, by its name."""
    found: dict[str, list[tuple[ast.Module, ast.expr]]] = {}
    for name in _reached():
        for node in ast.walk(_tree(name)):
            if (
                isinstance(node, ast.FunctionDef)
                and node.returns
                and ast.unparse(node.returns) == "str"
            ):
                values = [each.value for each in ast.walk(node) if isinstance(each, ast.Return)]
                found.setdefault(node.name, []).extend((_tree(name), v) for v in values if v)
    return found


def _template(node: ast.expr, holes: list[ast.expr]) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(_template(value, holes) for value in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _template(node.left, holes) + _template(node.right, holes)
    holes.append(node.value if isinstance(node, ast.FormattedValue) else node)
    return f"{{{len(holes) - 1}}}"
