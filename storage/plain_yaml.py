"""YAML from a stranger, read as plain data: nothing in it unfolds, hides, runs, or cannot be stored.

Nodes are bounded as they stand once aliases are written out, so a short text stays a small document; numbers too. The
reader takes twenty microseconds a node and the square of a number's length.
"""

import math
from typing import Any

import yaml

MAX_NODES = 50_000
"""Values and keys of one document; a second's work."""
MAX_NUMBER = 40
"""Characters of a number that is not in quotes."""
_NUMBERS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")


class YamlTextError(ValueError):
    """A text that is no plain YAML. The message is one line that says where and why."""


def load_yaml(text: str, *, aliases: bool = False) -> Any:
    """The one document in a text: dicts, lists, strings, finite numbers, booleans, dates, None.

    Refuses a key that stands twice, tags of programming languages, characters that cannot be stored, and aliases unless
    they are allowed. Raises `YamlTextError`.
    """
    loader = _AliasLoader if aliases else _PlainLoader
    try:
        return yaml.load(text, loader)  # noqa: S506 - a SafeLoader, and less
    except yaml.YAMLError as error:
        raise YamlTextError(f"not YAML: {_place_of(error)}") from None
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
            raise YamlTextError(f"a character that cannot be stored, {_line_of(node)}")
        return node

    def compose_mapping_node(self, anchor: Any) -> Any:
        node = super().compose_mapping_node(anchor)
        seen: set[Any] = set()
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
            if key.value in seen:
                raise YamlTextError(f"the key {key.value[:40]!r} stands twice, {_line_of(key)}")
            seen.add(key.value)
        return node

    def construct_object(self, node: Any, deep: bool = False) -> Any:  # noqa: FBT001, FBT002  as the base class has it
        if node.tag in _NUMBERS and len(node.value) > MAX_NUMBER:
            raise YamlTextError(f"a number is too long, {_line_of(node)}; in quotes it is a text")
        try:
            value = super().construct_object(node, deep)
        except (yaml.YAMLError, YamlTextError, RecursionError):
            raise
        except Exception:  # noqa: BLE001  !!int x, 2026-13-45: each constructor fails in its own way
            raise YamlTextError(f"a value that is not what it looks like, {_line_of(node)}") from None
        if isinstance(value, float) and not math.isfinite(value):
            raise YamlTextError(f"a number is not finite, {_line_of(node)}")
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
            raise YamlTextError(f"an alias stands within what it names, {_line_of(node)}")
        return size


def _can_be_stored(text: str) -> bool:
    """Whether PostgreSQL can hold it: no NUL, no half of a surrogate pair."""
    return "\0" not in text and not any("\ud800" <= sign <= "\udfff" for sign in text)


def _line_of(node: Any) -> str:
    return f"line {node.start_mark.line + 1}"


def _place_of(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = str(getattr(error, "problem", None) or "it cannot be read")[:200]
    return f"{problem}, line {mark.line + 1}, column {mark.column + 1}" if mark else problem
