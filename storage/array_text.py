"""PostgreSQL array literals; several times faster for a thousand strings than the driver's own lists."""

from collections.abc import Sequence


def array(values: Sequence[str]) -> str:
    """An array of words, numbers or instants, each already in PostgreSQL's text form."""
    if not values:
        return "{}"
    joined = '","'.join(values)
    if "\\" in joined or joined.count('"') != 2 * (len(values) - 1):
        joined = '","'.join([value.replace("\\", "\\\\").replace('"', '\\"') for value in values])
    return '{"' + joined + '"}'


def sparse_array(values: Sequence[str | None]) -> str:
    """The same with NULLs."""
    return "{" + ",".join(["NULL" if value is None else array([value])[1:-1] for value in values]) + "}"
