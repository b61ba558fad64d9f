"""Make text that came from a student fit to be shown to a person, whatever stands in it."""

from __future__ import annotations

import unicodedata

# Invisible characters and those that turn the reading direction around.
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
# How a cell begins that spreadsheets take for a formula; wide forms are turned into plain ones.
_FORMULA = ("=", "+", "-", "@", "'", "＝", "＋", "－", "＠")
_MOST_MARKS = 3  # combining characters on one letter; more of them climb over other lines


def clean(text: str, longest: int = 200, *, lines: bool = False) -> str:
    """Return `text` without control, direction and other invisible characters, cut to a length.

    With `lines`, line breaks stay and tabs become blanks; without, both become blanks.

    Examples
    --------
    >>> clean("a\\u202eb\\x1b[31m\\nc")
    'ab[31m c'
    """
    if lines:
        text = text.replace("\r\n", "\n").replace("\t", "    ")
    kept: list[str] = []
    marks = 0
    for character in text[: 4 * longest]:
        category = unicodedata.category(character)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if character == "\n" and lines:
            kept.append(character)
        elif category in ("Zs", "Zl", "Zp") or character in "\n\r\t":
            kept.append(" ")
        elif category not in _HIDDEN and marks <= _MOST_MARKS:
            kept.append(character)
    result = "".join(kept)
    if not lines:
        result = " ".join(result.split())
    return result if len(result) <= longest else result[: longest - 1] + "…"


def cell(text: str, longest: int = 200, *, lines: bool = False) -> str:
    """Return `text` cleaned, as a CSV cell that no spreadsheet takes for a formula.

    Examples
    --------
    >>> cell("=1+1")
    "'=1+1"
    """
    result = clean(text, longest, lines=lines)
    return f"'{result}" if result.lstrip().startswith(_FORMULA) else result
