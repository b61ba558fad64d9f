"""What a notebook may hold beside Python, and what becomes of it where there is no IPython."""

from __future__ import annotations

import ast
import re
from typing import Any

# Cell magics whose body is ordinary code; cells under any other are skipped.
_TRANSPARENT = ("%%time", "%%timeit", "%%capture", "%%prun")
# Line magics that run what follows them; what they run is of no use under any other.
_RUNS = re.compile(r"%time\s+(?P<code>.+)")
_HELP = re.compile(r"\?{1,2}[\w.%*]+|[\w.%*]+\?{1,2}")
_ASSIGNED = re.compile(r"(?P<names>[A-Za-z_][\w.,\s\[\]]*=)\s*[%!]")


def without_magics(source: str) -> str:
    """Return `source` as Python: lines with ``%``, ``!`` or ``?`` do nothing.

    What a command would print is an empty list, and ``%time`` runs what it would time.

    Examples
    --------
    >>> without_magics("%matplotlib inline\\nfiles = !ls\\n%time x = 1")
    'pass\\nfiles = []\\nx = 1'
    """
    # Not splitlines: Python takes neither form feeds nor Unicode's separators for ends of lines.
    lines = source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    first = next((line for line in lines if line.strip()), "")
    if first.startswith("%%"):
        if not first.startswith(_TRANSPARENT):
            return ""
        lines[lines.index(first)] = ""
    try:
        ast.parse("\n".join(lines))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return "\n".join(_line(line) for line in lines)
    return "\n".join(lines)


def _line(line: str) -> str:
    text = line.strip()
    indent = line[: len(line) - len(line.lstrip())]
    if found := _RUNS.fullmatch(text):
        return indent + found["code"]
    if found := _ASSIGNED.match(text):
        return f"{indent}{found['names']} []"
    if text.startswith(("%", "!")) or _HELP.fullmatch(text):
        return f"{indent}pass"
    return line


class Shell:
    """In place of what ``get_ipython()`` gives: it takes every call, and does nothing."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *arguments, **named: None
