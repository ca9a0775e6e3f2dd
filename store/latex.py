"""LaTeX that feeds lose on the way, restored by general rules.

Feeds strip a formula's dollar signs and backslashes, so that ``$6.7\\times$`` arrives as "6.7times"
and ``$\\leq 2\\%$`` as "leq 2%". A name that is no English word ("mapsto") is restored wherever it
stands alone; one that is ("times", "sim", "subset") only between or against numbers or symbols.
Addresses (https://...) are left alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

__all__ = ["plain", "restore"]

_LETTERS = (
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "mu", "nu", "xi", "pi",
    "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega",
)  # fmt: skip
_GREEK = {
    **{name: unicodedata.lookup(f"GREEK SMALL LETTER {name.upper()}") for name in _LETTERS},
    "lambda": "λ",
    "varepsilon": "ε",
    "vartheta": "θ",
    "varphi": "φ",
    "varrho": "ρ",
    "varsigma": "σ",
}  # fmt: skip
_CAPITAL_GREEK = {
    "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π",
    "Sigma": "Σ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω",
}  # fmt: skip
_RELATIONS = {"leq": "≤", "leqslant": "≤", "geq": "≥", "geqslant": "≥", "neq": "≠", "lesssim": "≲", "gtrsim": "≳"}
_NEVER_WORDS = {
    "mapsto": "↦", "rightarrow": "→", "leftarrow": "←", "leftrightarrow": "↔", "Rightarrow": "⇒",
    "uparrow": "↑", "downarrow": "↓", "infty": "∞", "cdot": "·", "ldots": "...", "cdots": "...", "propto": "∝",
    "nabla": "∇", "otimes": "⊗", "oplus": "⊕", "subseteq": "⊆", "setminus": "∖", "emptyset": "∅",
    "circledR": "®", "copyright": "©",
}  # fmt: skip
_NEVER_BARE = {"copyright"}
_WITH_BACKSLASH = {
    "times": "×", "sim": "~", "approx": "≈", "pm": "±", "mp": "∓", "le": "≤", "ge": "≥", "ne": "≠", "ll": "≪",
    "gg": "≫", "to": "→", "gets": "←", "in": "∈", "notin": "∉", "subset": "⊂", "supset": "⊃", "cup": "∪", "cap": "∩",
    "sum": "∑", "prod": "∏", "int": "∫", "partial": "∂", "forall": "∀", "exists": "∃", "star": "*", "ast": "*",
    "equiv": "≡", "simeq": "≃", "cong": "≅", "div": "÷", "circ": "°", "degree": "°", "textdegree": "°", "ell": "ℓ",
    "dots": "...", "dagger": "†", "ddagger": "‡", "langle": "⟨", "rangle": "⟩", "lceil": "⌈", "rceil": "⌉",
    "lfloor": "⌊", "rfloor": "⌋", "mid": "|", "vert": "|", "Vert": "‖", "prime": "'", "quad": " ", "qquad": " ",
    "textregistered": "®", "texttrademark": "™", "ss": "ß", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "aa": "å",
    "AA": "Å", "o": "ø", "O": "Ø", "l": "ł", "L": "Ł", "i": "ı", "S": "§", "textmu": "µ",
    "left": "", "right": "", "big": "", "Big": "", "bigl": "", "bigr": "", "displaystyle": "", "tiny": "",
    "small": "", "large": "", "xspace": "", "bf": "", "it": "", "em": "", "rm": "", "tt": "", "newline": " ",
    **_GREEK, **_CAPITAL_GREEK, **_RELATIONS, **_NEVER_WORDS,
}  # fmt: skip
_ACCENTS = {
    "`": "\u0300", "'": "\u0301", "^": "\u0302", "~": "\u0303", "=": "\u0304", "u": "\u0306", ".": "\u0307",
    '"': "\u0308", "r": "\u030a", "H": "\u030b", "v": "\u030c", "c": "\u0327", "k": "\u0328",
}  # fmt: skip
_SUPERSCRIPTS = dict(zip("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹", strict=True))


def _names(table: dict[str, str]) -> str:
    return "|".join(sorted(table, key=lambda name: (-len(name), name)))


# A lost name starts where no lower-case word runs into it; one letter before it is a variable ("Tgeq 0").
_START = r"(?:(?<![a-z\\])|(?<=\b[a-z]))"
_NUMBER = r"\d+(?:[.,]\d+)*"
_URL = re.compile(r"(?:https?://|www\.)[^\s{}<>\\]+", re.IGNORECASE)

Replacement = str | Callable[[re.Match[str]], str]


def _accent(match: re.Match[str]) -> str:
    letter = {"ı": "i", "ȷ": "j", "\\i": "i", "\\j": "j"}.get(match["letter"], match["letter"])
    return unicodedata.normalize("NFC", letter + _ACCENTS[match["mark"]])


def _symbol(match: re.Match[str]) -> str:
    """The command's sign; a command we do not know loses only its backslash."""
    name = match["name"]
    return _WITH_BACKSLASH.get(name, name)


def _relation(match: re.Match[str]) -> str:
    before = f"{match['before']} " if match["before"] else ""
    return f"{before}{_RELATIONS[match['name']]} "


def _superscript(match: re.Match[str]) -> str:
    return "".join(_SUPERSCRIPTS[digit] for digit in match["digits"])


_FORMATTING = (
    r"text(?:bf|it|tt|sc|rm|sf|normal|up)?|emph|underline|mbox|hbox|url|math(?:cal|bb|bf|rm|sf|frak|it|scr|tt)"
    r"|boldsymbol|bm|operatorname|overline|widetilde|widehat"
)

_RULES: tuple[tuple[re.Pattern[str], Replacement], ...] = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        # Dollars around a formula: none of them beside a space on the inner side, the closing one before no digit.
        (r"(?<![\\$\w])\$(?=[^\s$])([^$\n]{1,200}?)(?<=[^\s\\])\$(?![\d$])", r"\1"),
        (r"(?<!\\)\\[(\[]\s*", ""),
        (r"\s*(?<!\\)\\[)\]]", ""),
        # Accents: na\"ive, Fr\'echet, Se\~norita, \c{c}, \v{s}.
        (r"\\(?P<mark>[`'^~=.\"])\s?\{?(?P<letter>\\[ij](?![A-Za-z])|[A-Za-zı])\}?", _accent),
        (r"\\(?P<mark>[uvHckr])\{(?P<letter>[A-Za-z])\}", _accent),
        # Escaped characters; feeds that drop the dollar of "\$500" leave "\500".
        (r"\\([%&#_{}$])", r"\1"),
        (r"\\(?=\d)", "$"),
        (r"\\[,;:!> \\/]", " "),
        # Commands with an argument, their backslash often lost.
        (r"\\?(?<![A-Za-z])(?:cite[pt]?|ref|label|footnote)\{[^{}]{0,200}\}", ""),
        (r"\\?(?<![A-Za-z])[dt]?frac\{([^{}]{1,60})\}\{([^{}]{1,60})\}", r"\1/\2"),
        (r"\\?(?<![A-Za-z])sqrt\{([^{}]{1,60})\}", r"√(\1)"),
        (rf"\\?(?<![A-Za-z])(?:{_FORMATTING})\{{([^{{}}]{{0,1000}})\}}", r"\1"),
        (rf"\\(?:{_FORMATTING})\{{(?=[^{{}}]*(?:\{{|$))", ""),
        (r"\^\{?(?:\\?(?:tiny|small|rm|mathrm|text)[ {]*)?(?:TM|\\?texttrademark)\}{0,2}(?![A-Za-z])", "™"),
        (r"\^\{?\\?circledR\}?(?![a-z])", "®"),
        (r"(?<=\d)\s?\^\{?\\?circ\}?(?![a-z])", "°"),
        (r"\\(?P<name>[A-Za-z]+)(?:\s*\{\})?", _symbol),
        # Signs whose backslash is lost.
        (r"(?<=\d)times(?![a-z])", "×"),
        (rf"(?<![\w.])({_NUMBER}) times (?={_NUMBER}(?![\w.]))", r"\1 × "),
        (r"(?<=[\d%×])\s?sim\s?(?=\d)", "~"),
        (r"(?<![A-Za-z\d-])sim(?=\d[\d.,]*(?:[%×xKMBk]|\s?[a-z]{0,3}(?![A-Za-z\d])))", "~"),
        (rf"(?<![A-Za-z\d-])sim (?={_NUMBER}\s?(?:[%×]|\\%|x\b))", "~"),
        (rf"(?<![A-Za-z])approx ?(?={_NUMBER})", "≈ "),
        (r"(?P<digit>\d%?)\s?pm\s?(?=\d*\.\d)", r"\g<digit> ± "),
        (rf"(?<=\()pm\s?(?={_NUMBER})", "±"),
        (rf"(?P<before>[\w%×])?{_START}(?P<name>{_names(_RELATIONS)})(?![a-z])\s?", _relation),
        (rf"(?<![A-Za-z\d.-])ge ?(?={_NUMBER})", "≥ "),
        (rf"(?<=\()le ?(?={_NUMBER})", "≤ "),
        (r"(?<![A-Za-z])ell(?=_[\w{])", "ℓ"),
        (r"(?<![A-Za-z])sum(?=_\{)", "∑"),
        (r"(?<![A-Za-z])prod(?=_\{)", "∏"),
        (r"(?<![\w-])([A-Za-z]) subset (?=[A-Z](?:\W|_|$))", r"\1 ⊂ "),
        (
            rf"{_START}(?P<name>{_names({k: v for k, v in _NEVER_WORDS.items() if k not in _NEVER_BARE})})(?![a-z])",
            _symbol,
        ),
        (rf"(?<![A-Za-z])(?P<name>{_names(_GREEK)})(?=\^|_\{{|_\w\b|\s?=\s?\d)", _symbol),
        (rf"(?<=\()(?P<name>{_names(_GREEK)})(?=, ?(?:{_names(_GREEK)}|[a-zα-ω])\))", _symbol),
        (rf"(?<=\([α-ω], )(?P<name>{_names(_GREEK)})(?=\))", _symbol),
        # Braces that only group.
        (r"(?<=[A-Za-z)])\^\{?(?P<digits>\d)\}?(?![\w.{}^])(?<=[\d}])", _superscript),
        (r"(?<=[A-Za-z)])\^\{(?P<digits>\d)\}", _superscript),
        (r"([\^_])\{([\w.+-]{1,20})\}", r"\1\2"),
        (r"(?<![\^_\w\\}])\{([A-Za-zα-ωΑ-Ω][\w-]{0,40})\}", r"\1"),
        # Ties, and quotation marks.
        (r"(?<=[A-Za-z.,)])~(?=[A-Za-z(\[])", " "),
        (r"(?<=\d)~(?=[A-Za-z])", " "),
        (r"``([^`]{1,300}?)''", r'"\1"'),
    )
)
_AROUND_URLS = (
    (re.compile(r"\\?(?<![A-Za-z])href\{[^{}]{0,300}\}\{([^{}]{0,300})\}"), r"\1"),
    (re.compile(r"\\?(?<![A-Za-z])url\{([^{}]{0,300})\}"), r"\1"),
    (re.compile(r"(?<=[A-Za-z.,)])~(?=https?://)", re.IGNORECASE), " "),
)
_SIGNS = re.compile(r"[\\{}$^]")


def _outside_urls(text: str, change: Callable[[str], str]) -> str:
    parts: list[str] = []
    at = 0
    for match in _URL.finditer(text):
        parts += [change(text[at : match.start()]), match[0]]
        at = match.end()
    return "".join([*parts, change(text[at:])])


def _once(text: str) -> str:
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text


def restore(text: str) -> str:
    """The text with lost or raw LaTeX as plain Unicode: one pass of all rules, outside addresses."""
    for pattern, replacement in _AROUND_URLS:
        text = pattern.sub(replacement, text)
    return _outside_urls(text, _once)


def plain(text: str) -> str:
    """The text without the signs LaTeX is made of: the way out where nesting has no end."""
    return _SIGNS.sub("", text)
