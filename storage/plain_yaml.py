"""YAML from a stranger, read as plain data: nothing in it unfolds, hides, runs, or cannot be stored.

Nodes are bounded as they stand once aliases are written out, so a short text stays a small document; numbers too. The
reader takes twenty microseconds a node and the square of a number's length.
"""

import math
from collections.abc import Iterator, Sequence
from typing import Any

import yaml

MAX_NODES = 50_000
"""Values and keys of one document; a second's work."""
MAX_NUMBER = 40
"""Characters of a number that is not in quotes."""
_NUMBERS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")


class YamlTextError(ValueError):
    """A text that is no plain YAML: one line that says why and where; `message` goes without the `line` (from 1)."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message if line is None else f"{message}, line {line}")
        self.message, self.line = message, line


class Lines:
    """On which line of a text each place of its document stands."""

    def __init__(self, root: yaml.Node | None) -> None:
        self._root = root
        self._entries: dict[int, dict[str, tuple[yaml.Node, yaml.Node]]] = {}

    def of(self, path: Sequence[str | int]) -> int | None:
        """Counted from 1, of the key or list entry at `path`; of what would hold it where it is not there."""
        if self._root is None:
            return None
        stands = value = self._root
        for part in path:
            found = self._entries_of(value).get(str(part))
            if found is None:
                break
            stands, value = found
        return int(stands.start_mark.line) + 1

    def _entries_of(self, node: yaml.Node) -> dict[str, tuple[yaml.Node, yaml.Node]]:
        """By key or position: where an entry begins, and its value."""
        known = self._entries.get(id(node))
        if known is None:
            known = self._entries[id(node)] = dict(_entries(node))
        return known


def _entries(node: yaml.Node) -> Iterator[tuple[str, tuple[yaml.Node, yaml.Node]]]:
    if isinstance(node, yaml.MappingNode):
        yield from ((str(key.value), (key, value)) for key, value in node.value if isinstance(key, yaml.ScalarNode))
    if isinstance(node, yaml.SequenceNode):
        yield from ((str(position), (value, value)) for position, value in enumerate(node.value))


def load_yaml(text: str, *, aliases: bool = False) -> Any:
    """The one document in a text: dicts, lists, strings, finite numbers, booleans, dates, None.

    Refuses a key that stands twice, tags of programming languages, characters that cannot be stored, and aliases unless
    they are allowed. Raises `YamlTextError`.
    """
    return load_with_lines(text, aliases=aliases)[0]


def load_with_lines(text: str, *, aliases: bool = False) -> tuple[Any, Lines]:
    """`load_yaml`, and where everything stands. Raises `YamlTextError`."""
    try:
        loader = (_AliasLoader if aliases else _PlainLoader)(text)
        try:
            root = loader.get_single_node()
            return None if root is None else loader.construct_document(root), Lines(root)
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        raise _not_yaml(error) from None
    except RecursionError:
        raise YamlTextError("nested too deeply") from None
    except OverflowError:
        # an escape such as "\UFFFFFFFF"
        raise YamlTextError("not YAML: an escape names no character") from None


class _PlainLoader(yaml.SafeLoader):
    def __init__(self, stream: Any) -> None:
        super().__init__(stream)
        self._nodes = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.events.AliasEvent):
            self._count(self._alias_size())
        else:
            self._count(1)
        return super().compose_node(parent, index)

    def _count(self, nodes: int) -> None:
        self._nodes += nodes
        if self._nodes > MAX_NODES:
            raise YamlTextError(f"a document has at most {MAX_NODES:,} values")

    def _alias_size(self) -> int:
        """How many nodes the alias at hand stands for."""
        raise YamlTextError("aliases (*name) are not allowed; write the value out")

    def compose_scalar_node(self, anchor: Any) -> Any:
        node = super().compose_scalar_node(anchor)
        if not _can_be_stored(node.value):
            raise YamlTextError("a character that cannot be stored", _line_of(node))
        return node

    def compose_mapping_node(self, anchor: Any) -> Any:
        node = super().compose_mapping_node(anchor)
        seen: set[Any] = set()
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
            if key.value in seen:
                raise YamlTextError(f"the key {key.value[:40]!r} stands twice", _line_of(key))
            seen.add(key.value)
        return node

    def construct_object(self, node: Any, deep: bool = False) -> Any:  # noqa: FBT001, FBT002  as the base class has it
        if node.tag in _NUMBERS and len(node.value) > MAX_NUMBER:
            raise YamlTextError("a number is too long; in quotes it is a text", _line_of(node))
        try:
            value = super().construct_object(node, deep)
        except (yaml.YAMLError, YamlTextError, RecursionError):
            raise
        except Exception:  # noqa: BLE001  !!int x, 2026-13-45: each constructor fails in its own way
            raise YamlTextError("a value that is not what it looks like", _line_of(node)) from None
        if isinstance(value, float) and not math.isfinite(value):
            raise YamlTextError("a number is not finite", _line_of(node))
        return value


class _AliasLoader(_PlainLoader):
    def __init__(self, stream: Any) -> None:
        super().__init__(stream)
        self._sizes: dict[int, int] = {}

    def compose_node(self, parent: Any, index: Any) -> Any:
        before = self._nodes
        node = super().compose_node(parent, index)
        self._sizes.setdefault(id(node), self._nodes - before)
        return node

    def _alias_size(self) -> int:
        node = self.anchors.get(self.peek_event().anchor)  # type: ignore[no-untyped-call]  # so its stubs
        if node is None:
            return 1  # the reader refuses it
        size = self._sizes.get(id(node))
        if size is None:
            raise YamlTextError("an alias stands within what it names", _line_of(node))
        return size


def _can_be_stored(text: str) -> bool:
    """Whether PostgreSQL can hold it: no NUL, no half of a surrogate pair."""
    return "\0" not in text and not any("\ud800" <= sign <= "\udfff" for sign in text)


def _line_of(node: Any) -> int:
    return int(node.start_mark.line) + 1


def _not_yaml(error: yaml.YAMLError) -> YamlTextError:
    mark = getattr(error, "problem_mark", None)
    problem = str(getattr(error, "problem", None) or "it cannot be read")[:200]
    return YamlTextError(f"not YAML: {problem}", mark.line + 1 if mark else None)
