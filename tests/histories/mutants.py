"""Every statement of a module left out, every condition turned round, every operand of `and` and `or` dropped."""

import ast
from collections.abc import Iterator
from copy import deepcopy
from typing import Any, NamedTuple

_Place = tuple[tuple[str, int | None], ...]
"""Field by field, with a position where the field is a list."""
_KEPT = (ast.Import, ast.ImportFrom, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
_WITH_TEST = (ast.If, ast.While, ast.IfExp)


class Mutant(NamedTuple):
    """What was done to a source, and what came of it."""

    line: int
    what: str
    source: str


def mutants(source: str) -> Iterator[Mutant]:
    """All of a source."""
    tree = ast.parse(source)
    for place, node in _nodes(tree, ()):
        if isinstance(node, ast.stmt) and not isinstance(node, _KEPT) and not _is_docstring(node):
            yield _mutant(tree, place, node, ast.Pass(), f"without: {_first_line(node)}")
        if isinstance(node, _WITH_TEST):
            turned = ast.UnaryOp(ast.Not(), node.test)
            yield _mutant(tree, (*place, ("test", None)), node, turned, f"turned round: {ast.unparse(node.test)}")
        if isinstance(node, ast.BoolOp):
            for dropped in node.values:
                left = [value for value in node.values if value is not dropped]
                joined = left[0] if len(left) == 1 else ast.BoolOp(node.op, left)
                yield _mutant(tree, place, node, joined, f"without {ast.unparse(dropped)} in: {ast.unparse(node)}")


def _nodes(node: ast.AST, place: _Place) -> Iterator[tuple[_Place, ast.AST]]:
    if place:
        yield place, node
    for field, value in ast.iter_fields(node):
        if isinstance(value, ast.AST):
            yield from _nodes(value, (*place, (field, None)))
        for position, child in enumerate(value if isinstance(value, list) else ()):
            if isinstance(child, ast.AST):
                yield from _nodes(child, (*place, (field, position)))


def _mutant(tree: ast.Module, place: _Place, node: Any, becomes: ast.AST, what: str) -> Mutant:
    changed = deepcopy(tree)
    holder: Any = changed
    for field, position in place[:-1]:
        holder = getattr(holder, field) if position is None else getattr(holder, field)[position]
    field, position = place[-1]
    if position is None:
        setattr(holder, field, deepcopy(becomes))
    else:
        getattr(holder, field)[position] = deepcopy(becomes)
    return Mutant(node.lineno, what, ast.unparse(ast.fix_missing_locations(changed)))


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _first_line(node: ast.stmt) -> str:
    return ast.unparse(node).splitlines()[0]
