r"""Show the course's short formulas in a page that loads nothing: TeX as HTML with raised letters.

What exercises use is known here; of anything else the name stays, without its backslash.

Examples
--------
>>> print(shown(r"<p>$A^\top x_i$ costs $5 in <code>$x$</code></p>"))
<p><i>A</i><sup>⊤</sup><i>x</i><sub><i>i</i></sub> costs $5 in <code>$x$</code></p>
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from itertools import takewhile

_MATHS = re.compile(
    r"(?P<code><(?P<tag>code|pre)\b.*?</(?P=tag)>)"
    r"|\$\$(?P<block>[^$<]+)\$\$|\$(?P<inline>[^\s$<](?:[^$<\n]*[^\s$<])?)\$(?!\d)",
    re.DOTALL,
)
_TOKEN = re.compile(r"\\[A-Za-z]+\s*|\\.|\d[\d.]*|\s+|.", re.DOTALL)
_SIGNS = {
    **{"top": "⊤", "lVert": "‖", "rVert": "‖", "|": "‖", "langle": "⟨", "rangle": "⟩"},
    **{"partial": "∂", "sum": "∑", "prod": "∏", "int": "∫", "infty": "∞", "ell": "ℓ"},
    **{"dots": "…", "ldots": "…", "cdots": "⋯", "cdot": " · ", "circ": " ∘ ", "odot": " ⊙ "},
    **{"times": " × ", "pm": " ± ", "ge": " ≥ ", "geq": " ≥ ", "le": " ≤ ", "leq": " ≤ "},
    **{"ne": " ≠ ", "neq": " ≠ ", "approx": " ≈ ", "in": " ∈ ", "to": " → ", "mapsto": " ↦ "},
    **{"gg": " ≫ ", "ll": " ≪ ", "Rightarrow": " ⇒ ", "quad": "  ", "qquad": "    "},
    **{",": "\u2009", ";": " ", ":": " ", " ": " ", "!": "", "\\": " ", "left": "", "right": ""},
    **{"{": "{", "}": "}", "%": "%", "_": "_", "$": "$", "&": "&", "#": "#"},
}
_GREEK = {
    **{"alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ϵ", "varepsilon": "ε"},
    **{"zeta": "ζ", "eta": "η", "theta": "θ", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν"},
    **{"xi": "ξ", "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "ϕ", "varphi": "φ"},
    **{"chi": "χ", "psi": "ψ", "omega": "ω", "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ"},
    **{"Lambda": "Λ", "Pi": "Π", "Sigma": "Σ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω"},
}
_SPACED = {"=": " = ", "<": " < ", ">": " > ", "+": " + ", "-": "−", ",": ", ", "&": "", "~": " "}
_ACCENTS = {"hat": "\u0302", "bar": "\u0304", "tilde": "\u0303", "dot": "\u0307", "vec": "\u20d7"}
_UPRIGHT = ("mathrm", "operatorname", "mathbf", "mathcal", "mathbb", "mathsf")


def shown(page: str) -> str:
    """Return HTML with every formula between dollars, outside code, made readable."""
    return _MATHS.sub(_formula, page)


def _formula(found: re.Match[str]) -> str:
    if found["code"]:
        return found["code"]
    written = html.unescape(found["block"] or found["inline"])
    text = _sequence(iter(_TOKEN.findall(written.strip())))
    text = re.sub(r" {2,}", " ", text).strip()
    return f"<br>{text}<br>" if found["block"] else text


def _sequence(tokens: Iterator[str]) -> str:
    """Return the tokens up to a closing brace, or to the end."""
    parts = []
    for token in tokens:
        if token == "}":
            break
        parts.append(_atom(token, tokens))
    return "".join(parts)


def _next(tokens: Iterator[str]) -> str:
    return next((_atom(token, tokens) for token in tokens if not token.isspace()), "")


def _atom(token: str, tokens: Iterator[str]) -> str:
    if token == "{":
        return _sequence(tokens)
    if token in ("^", "_"):
        tag = "sup" if token == "^" else "sub"
        return f"<{tag}>{_next(tokens).strip()}</{tag}>"
    if token.startswith("\\"):
        return _command(token[1:].rstrip() or " ", tokens)
    if token.isalpha():
        return f"<i>{html.escape(token)}</i>"
    return "" if token.isspace() else html.escape(_SPACED.get(token, token))


def _command(name: str, tokens: Iterator[str]) -> str:
    if name in _GREEK:
        return f"<i>{_GREEK[name]}</i>"
    if name in _SIGNS:
        return html.escape(_SIGNS[name])
    if name in ("frac", "tfrac", "dfrac"):
        return f"({_next(tokens)})/({_next(tokens)})"
    if name == "sqrt":
        return f"√({_next(tokens)})"
    if name == "text":
        words = takewhile(lambda word: word != "}", tokens)
        return html.escape("".join(words).lstrip().removeprefix("{"))
    if name in _UPRIGHT:
        return re.sub(r"</?i>", "", _next(tokens))
    if name in _ACCENTS:
        return _next(tokens).replace("</i>", f"{_ACCENTS[name]}</i>")
    return f" {name} "  # log, max, tanh; and whatever isn't known
