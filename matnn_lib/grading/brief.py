"""What a student may read, before nobody can hand in any more, of what their own code said.

Words that come from a worker can hold the hidden inputs: an exception's text, the name of a class
made for the purpose. Only words of ours are left of them: what kind of error it was, and where.
"""

from __future__ import annotations

import builtins
import re

RAISED, NO_ANSWER = "it raised", "it gave no answer that can be judged"
_KINDS = {
    name
    for name, value in vars(builtins).items()
    if isinstance(value, type) and issubclass(value, BaseException)
} | {"LinAlgError", "AxisError", "NotImplementedError"}
_TYPES = {name for name, value in vars(builtins).items() if isinstance(value, type)} | {
    "NoneType",
    "function",
    "method",
    "module",
    "generator",
    "builtin_function_or_method",
    "DataFrame",
    "Series",
    "Tensor",
    "Decimal",
    "Fraction",
}
_PLACE = re.compile(r"\(cell \d{1,4}, line \d{1,4}(?=[:)])")
_SENTENCE = re.compile(r"it is an? (\w+)|its entries are not numbers \((?:object|[<>]U\d+)\)")
_SENTENCES = (
    "it is not a function",
    "it is neither number, array, word nor a tuple of these",
    "it is a tuple of too many parts, or of parts in parts in parts",
    "it has more than 1000 parts",
)


def brief(reason: str) -> str:
    """Return the reason why there is no answer, without any word that the student's code chose.

    Examples
    --------
    >>> brief("it raised ValueError: n = 3.14 (cell 2, line 7: raise ValueError(n))")
    'it raised ValueError (cell 2, line 7)'
    >>> brief("it raised Input_3_14: (cell 1, line 2: raise E)")
    'it raised an exception (cell 1, line 2)'
    >>> brief("it did not end within 3 s")
    'it did not end within 3 s'
    """
    if reason.startswith(f"{RAISED} "):
        kind = re.match(r"\w*", reason[len(RAISED) + 1 :])
        known = kind is not None and kind[0] in _KINDS
        places = _PLACE.findall(reason)
        where = f" {places[-1]})" if places else ""
        return f"{RAISED} {kind[0] if known and kind else 'an exception'}{where}"
    if reason.startswith(f"{NO_ANSWER}:"):
        sentence = reason[len(NO_ANSWER) + 2 :]
        found = _SENTENCE.fullmatch(sentence)
        shown = sentence in _SENTENCES or (found and (found[1] is None or found[1] in _TYPES))
        return f"{NO_ANSWER}: {sentence}" if shown else NO_ANSWER
    return reason
