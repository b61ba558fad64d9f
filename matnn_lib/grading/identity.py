"""Tell students apart who would look the same to a person, and find the name without what did it.

Two can have one name, and a name can be written so that it looks like another's: with an accent as
a character of its own, with characters that nobody sees, with what is added here.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

from matnn_lib.grading.clean import clean

# These are letters or marks to Unicode, and nothing to the eye.
_UNSEEN = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_SUFFIX = re.compile(r" \(([0-9a-f]{6}|[0-9a-f]{12,64})\)$")


def looks(name: str) -> str:
    """Return what two names have in common that a person can't tell apart."""
    seen = _UNSEEN.sub("", unicodedata.normalize("NFKC", clean(name)))
    return unicodedata.normalize("NFKC", " ".join(seen.split()))


def told_apart(students: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Return how each student, a name and the platform's number, is shown: no two look the same.

    Examples
    --------
    >>> told_apart([("Anna Li", "77"), ("Anna Li", "98"), ("Bo", "12")]).values()
    dict_values(['Anna Li (77)', 'Anna Li (98)', 'Bo'])
    """
    students = list(dict.fromkeys(students))
    shown = {who: clean(unicodedata.normalize("NFC", who[0])) or "(no name)" for who in students}
    plain = dict(shown)
    # A suffix may make a name look like somebody's own: then that one gets a suffix too, and
    # whoever has one already a longer one, until all are different.
    for length in (0, 12, 24, 64):
        while alike := _alike(shown):
            fresh = [who for who in alike if shown[who] == plain[who]]
            for who in fresh or alike:
                shown[who] = f"{plain[who]} ({_suffix(who, length)})"
            if not fresh:
                break
    return shown


def without_suffix(shown: str, known_as: str) -> str:
    """Return the name that was made `shown` by `told_apart`."""
    if known_as:
        shown = shown.removesuffix(f" ({clean(known_as)})")
    return _SUFFIX.sub("", shown)


def _alike(shown: dict[tuple[str, str], str]) -> list[tuple[str, str]]:
    often = Counter(map(looks, shown.values()))
    return [who for who, name in shown.items() if often[looks(name)] > 1]


def _suffix(student: tuple[str, str], length: int) -> str:
    name, known_as = student
    if known_as and not length:
        return clean(known_as)
    written = f"{name}\0{known_as}".encode("utf-8", "replace")
    return hashlib.sha256(written).hexdigest()[: length or 6]
