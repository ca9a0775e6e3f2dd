"""Numbers as text gives them, digits or words, with unit, comparator and direction.

"6.7x", "6.7 times" and "6.7-fold" are one quantity; so are "a fifth" and 20%, "halves" and a
reduction of 50%, "four orders of magnitude" and 10,000 times. Numbers that belong to a name
("GPT-4", "RTX 3090", "top-1") or mark a list ("(2)") are no quantities.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from agent.direction import direction_at
from agent.types import Quantity

__all__ = ["quantities"]

_DIGITS = r"(?:\d{1,3}(?:,\d{3})+|\d{1,3}(?: 000)+|\d+)(?:\.\d+)?|\.\d+"
_POWER = r"10\s?\^\s?\{?\s?-?\d+\s?\}?"
_ONES = {
    w: i
    for i, w in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
}
_TENS = {
    w: 10 * (i + 2)
    for i, w in enumerate(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"])
}
_SCALES = {"hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12, "dozen": 12.0}
_SUFFIXES = {"k": 1e3, "K": 1e3, "M": 1e6, "B": 1e9, "b": 1e9, "T": 1e12}
_PARTS = {
    "half": 2, "halves": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8,
    "ninth": 9, "tenth": 10, "twelfth": 12, "fifteenth": 15, "twentieth": 20, "thirtieth": 30, "fortieth": 40,
    "fiftieth": 50, "hundredth": 100, "thousandth": 1000,
}  # fmt: skip
_SMALL = "|".join(sorted([*_ONES, *_TENS], key=len, reverse=True))
_WORDS = rf"(?:(?:{'|'.join(_TENS)})-(?:{'|'.join(list(_ONES)[1:10])})|{_SMALL}|a(?= (?:hundred|thousand|million|billion|dozen)\b))"
_SCALE_WORDS = "|".join(_SCALES)
_PART_WORDS = "|".join(sorted((p + ("s?" if not p.endswith("s") else "") for p in _PARTS), key=len, reverse=True))

_UNITS: tuple[tuple[str, str], ...] = (
    (r"%|per ?cent\b", "%"),
    (r"(?:absolute )?percentage[- ]points?\b|pp\b|(?:absolute )?points?\b|%p\b", "pp"),
    (r"(?:×|x|X)(?![A-Za-z0-9])|times\b|-?folds?\b", "x"),
    (r"ns\b|nanoseconds?\b", "ns"),
    (r"[µμu]s\b|microseconds?\b", "us"),
    (r"ms\b|msec\b|milliseconds?\b", "ms"),
    (r"s(?![\w/-])|secs?\b|seconds?\b", "s"),
    (r"mins?\b|minutes?\b", "min"),
    (r"h(?![\w/-])|hrs?\b|hours?\b", "h"),
    (r"days?\b", "day"),
    (r"weeks?\b", "week"),
    (r"months?\b", "month"),
    (r"years?\b", "year"),
    (r"fps\b|FPS\b|frames?(?: per |/)s(?:ec(?:ond)?)?\b", "fps"),
    (r"tokens?(?: per |/)s(?:ec(?:ond)?)?\b|tok/s\b", "tok/s"),
    (r"([KMGTP])i?B/s\b", r"\1B/s"),
    (r"([KMGTP])i?B\b|(k)B\b", r"\1B"),
    (r"(kilo|mega|giga|tera|peta)bytes?\b", r"\1bytes"),
    (r"([kKMG])?bps\b|([KMG])b/s\b", r"\1bps"),
    (r"bits?\b", "bit"),
    (r"([kMG]?)Hz\b", r"\1Hz"),
    (r"([mkM]?)W\b|watts?\b", r"\1W"),
    (r"([mkunµ]?)J\b", r"\1J"),
    (r"(m|k)V\b", r"\1V"),
    (r"dBm?\b", "dB"),
    (r"TFLOPS?\b|TFLOPs\b", "TFLOP"),
    (r"GFLOPS?\b|GFLOPs\b|GMACs?\b", "GFLOP"),
    (r"MFLOPS?\b|MFLOPs\b", "MFLOP"),
    (r"(k|c|m|n|µ)m\b(?!/)", r"\1m"),
    (r"°C?|degrees?\b", "deg"),
)  # fmt: skip
_UNIT = [(re.compile(r"[\s\-‑]{0,2}(?:" + pattern + ")"), unit) for pattern, unit in _UNITS]
_LONG = {
    "kilobytes": "KB",
    "megabytes": "MB",
    "gigabytes": "GB",
    "terabytes": "TB",
    "petabytes": "PB",
    "kB": "KB",
    "Kbps": "kbps",
}

_NUMBER = re.compile(
    rf"(?<![\w.^{{])(?P<times>[x×]\s?)?(?P<dollar>\$\s?)?(?:(?P<power>{_POWER})|(?P<digits>{_DIGITS})(?:\s?[×x]\s?(?P<timespower>{_POWER}))?(?P<exp>e-?\d+)?)"
    rf"(?P<suffix>[kKMBbT](?![A-Za-z0-9/]))?(?P<scale>[\s-](?:{_SCALE_WORDS})s?\b)?"
)
_WORD = re.compile(
    rf"(?<![\w-])(?P<words>{_WORDS}|several|a few|few)(?P<half> and a half)?(?P<scale>(?:[\s-](?:{_SCALE_WORDS})\b)*)(?![\w])",
    re.I,
)
_FOLD = re.compile(rf"(?<![\w-])(?P<words>{_SMALL}|hundred|thousand)-?fold\b", re.I)
_PART = re.compile(
    rf"(?<![\w-])(?P<top>an?|one|two|three|four|five|seven|nine)[\s-](?P<part>{_PART_WORDS})\b"
    r"(?= of\b| (?:less|more|fewer|faster|slower|smaller|larger|lower|higher|the|its|as|that)\b|[.,;)]|$| (?:in|and|on|with|when|while|at|for)\b)"
    r"(?P<of> of (?:one|a|1) per ?cent| of 1%)?",
    re.I,
)
_HALF = re.compile(r"(?<![\w-])half(?= (?:of|the|as|its|that|their|a)\b|[.,;)]|$)", re.I)
_ORDERS = re.compile(
    rf"\b(?:(?P<n>an?|{_SMALL}|\d+)(?: (?:to|or|-) (?P<m>{_SMALL}|\d+))?[\s-])?orders?[\s-]of[\s-]magnitude\b", re.I
)
_VERBS: tuple[tuple[re.Pattern[str], float, str, int], ...] = (
    (re.compile(r"\bdoubl(?:e[sd]?|ing)\b(?![-‑])", re.I), 2.0, "x", 1),
    (re.compile(r"\btwice\b", re.I), 2.0, "x", 0),
    (re.compile(r"\btwo times\b", re.I), 2.0, "x", 0),
    (re.compile(r"\b(?:tripl(?:e[sd]?|ing)|treble[sd]?|thrice)\b", re.I), 3.0, "x", 1),
    (re.compile(r"\bquadrupl(?:e[sd]?|ing)\b", re.I), 4.0, "x", 1),
    (re.compile(r"\b(?:halv(?:e[sd]?|ing)|cut(?:s|ting)? in half|in half)\b", re.I), 50.0, "%", -1),
)
_DIMENSIONS = re.compile(r"(?<![\w.])(\d{2,5})\s?[x×]\s?(\d{2,5})(?:\s?[x×]\s?\d{1,5})?(?![\w%])")
_VERSION_BEFORE = re.compile(
    r"(?:[A-Za-z0-9]*[a-z0-9][A-Z][A-Za-z0-9]*|[A-Z][A-Za-z]*[A-Z0-9][A-Za-z0-9]*|(?<=[a-z0-9,\"'(] )[A-Z][A-Za-z]+)\s$"
)
_METRIC_BEFORE = re.compile(
    r"(?:FIDs?|IS|PSNR|SSIM|LPIPS|RMSE|MAE|MSE|BLEU|WER|CER|MOS|UTMOS|AUC|AUROC|F1|F1-score|EER|mIoU|IoU|mAP|AP|CLIP|FVD|"
    r"KID|ROUGE|ROUGE-L|perplexity|PPL|NRMSE|R2|ACC|Accuracy|Dice|NFE|SI-SDR|PESQ|STOI|CIDEr|METEOR|ELO|Elo|pass@\d)\s$"
)
_LABEL_BEFORE = re.compile(
    r"(?:top|stage|step|phase|figure|table|section|level|version|part|type|rank|algorithm|theorem|layer|case)[- ]$",
    re.I,
)

_COMPARATORS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(r"(?:" + pattern + r")\s*(?:an? |the |only |just |their |its |factor of |about |by |of )*$", re.I), sign)
    for pattern, sign in (
        (r"\b(?:up to|upto|as (?:much|many|high|large|far|long) as|as (?:low|little|few|small) as|at most|no more than|not (?:need |take |use |require )?(?:any )?more than|never more than|maximum of|a max of|not exceeding|no longer than|(?<!\w)≤|<=)", "<="),
        (r"\b(?:at least|no (?:less|fewer) than|not (?:less|fewer) than|minimum of|as early as)|≥|>=", ">="),
        (r"\b(?:within|under|below|less than|fewer than|lower than|smaller than|short of|shorter than|sub)-?|<", "<"),
        (r"\b(?:over|more than|above|exceed(?:s|ed|ing)?|greater than|larger than|higher than|beyond|upwards? of|well over|surpass(?:es|ing)?|longer than|north of)|>", ">"),
        (r"\b(?:about|approximately|around|roughly|nearly|almost|some|close to|circa|on the order of|approx\.?|just under|just over|an? (?:average|mean) of (?:about|around))|[~≈∼]", "~"),
    )
)  # fmt: skip
_MULTIPLIED = re.compile(
    r"\b(?:speed-?\s?ups?|acceleration|factors?|(?:compression|reduction|speed-?up) ratios?)\s(?:of|by|to)\s(?:up to |about |over |around |more than |nearly |at least )?$",
    re.I,
)
_AFTER = re.compile(r"^(?:\s(?:or|and) (?:more|above|higher|greater|over)\b|\+)", re.I)
_AFTER_LESS = re.compile(r"^\s(?:or|and) (?:less|fewer|lower|below|under)\b", re.I)
_JOIN = re.compile(
    r"^\s?(?:-|–|—|‑|~|∼|to)\s?$|^\s?(?:to|and|or)\s(?:about |up to |nearly |almost |as (?:much|many) as )?$", re.I
)
_LIST = re.compile(
    r"^(?:,?\s?(?:and|or|to)\s|,\s|/|\s?[-–~∼]\s?|\svs\.?\s|\sversus\s)(?:about |up to |nearly |almost |over )?$", re.I
)


@dataclass(frozen=True, slots=True)
class _Raw:
    """A number before ranges and context are read. `loose` marks word forms, which round."""

    value: float
    unit: str
    start: int
    end: int
    direction: int = 0
    loose: bool = False
    high: float | None = None


@lru_cache(maxsize=8192)
def quantities(text: str) -> tuple[Quantity, ...]:
    """The quantities of `text`, in order. Offsets are into `text`."""
    raws = _inherit(text, sorted(_raw(text), key=lambda r: (r.start, -r.end)))
    return tuple(_finish(text, raw) for raw in _ranges(text, raws))


def _raw(text: str) -> list[_Raw]:
    taken: list[tuple[int, int]] = []
    found: list[_Raw] = []

    def take(raw: _Raw | None) -> None:
        if raw is not None and all(raw.end <= a or raw.start >= b for a, b in taken):
            taken.append((raw.start, raw.end))
            found.append(raw)

    for match in _DIMENSIONS.finditer(text):
        take(_Raw(float(match[1]), "dims", *match.span(), high=float(match[2])))
    for match in _ORDERS.finditer(text):
        take(_orders(match))
    for match in _PART.finditer(text):
        take(_part(match))
    for match in _FOLD.finditer(text):
        take(_Raw(_small(match["words"]), "x", *match.span()))
    for pattern, value, unit, direction in _VERBS:
        for match in pattern.finditer(text):
            take(_Raw(value, unit, *match.span(), direction=direction, loose=True))
    for match in _HALF.finditer(text):
        take(_Raw(50.0, "%", *match.span(), loose=True))
    for match in _NUMBER.finditer(text):
        take(_digits(text, match))
    for match in _WORD.finditer(text):
        take(_words(text, match))
    return found


def _orders(match: re.Match[str]) -> _Raw:
    first = match["n"]
    low = 1.0 if first is None or first.lower() in ("a", "an") else _small(first)
    high = _small(match["m"]) if match["m"] else low
    return _Raw(10.0**low, "x", *match.span(), loose=True, high=10.0**high)


def _small(word: str) -> float:
    word = word.lower()
    if word.isdigit():
        return float(word)
    if word in _SCALES:
        return _SCALES[word]
    if "-" in word:
        tens, _, ones = word.partition("-")
        return float(_TENS[tens] + _ONES[ones])
    return float(_ONES.get(word, _TENS.get(word, 0)))


def _part(match: re.Match[str]) -> _Raw | None:
    top = 1.0 if match["top"].lower() in ("a", "an", "one") else _small(match["top"])
    name = match["part"].lower()
    bottom = _PARTS.get(name) or _PARTS.get(name.removesuffix("s"))
    if not bottom:
        return None
    value = 100.0 * top / bottom
    if match["of"]:
        value /= 100.0
    return _Raw(value, "%", *match.span(), loose=True)


def _digits(text: str, match: re.Match[str]) -> _Raw | None:
    start, end = match.span()
    power, digits = match["power"], match["digits"]
    value = _power(power) if power else float(digits.replace(",", "").replace(" ", ""))
    if match["timespower"]:
        value *= _power(match["timespower"])
    if match["exp"]:
        value *= 10.0 ** int(match["exp"][1:])
    unit = "$" if match["dollar"] else ""
    scale = match["scale"]
    if match["suffix"]:
        value *= _SUFFIXES[match["suffix"]]
        unit = unit or ("params" if match["suffix"] in "Bb" else "")
    if scale:
        value *= _SCALES[scale.strip(" -").lower().removesuffix("s")]
    if match["times"]:
        return _Raw(value, "x", start, end)
    named, stop = _unit(text, end)
    if not named and _MULTIPLIED.search(text[max(0, start - 40) : start]):
        named, stop = "x", end
    if not named and re.match(r"\s(?:faster|slower|speed-?ups?)\b", text[end : end + 10]):
        named, stop = "x", end
    if named and re.search(r"[A-Za-z][-‑]$", text[max(0, start - 2) : start]) and named in ("s", "h", "x"):
        named = ""
    if named:
        return _Raw(value, named, start, stop)
    if _is_label(text, start, end, plain=not (match["suffix"] or scale or unit), decimal="." in (digits or "")):
        return None
    if unit == "params" and re.match(
        r"\s(?:\w+\s)?(?:tokens|words|images|samples|examples|pairs)\b", text[end : end + 40]
    ):
        unit = ""
    return _Raw(value, _noun(text, end) or unit, start, end)


def _power(text: str) -> float:
    return 10.0 ** int(re.sub(r"[^\d-]", "", text.split("^")[1]))


def _is_label(text: str, start: int, end: int, *, plain: bool, decimal: bool) -> bool:
    """True for a number that is part of a name, a list mark, or a label such as "top-1"."""
    if not plain:
        return bool(re.search(r"[A-Za-z0-9][-‑]$", text[max(0, start - 2) : start]))
    before, after = text[max(0, start - 24) : start], text[end : end + 2]
    if re.match(r"m?AP\b|mAh\b", text[end : end + 4]):
        return False
    if re.match(r"[A-Za-z_]|[-‑][A-Z]|-?[dD]\b", after) or re.match(r"(?:st|nd|rd|th)\b", after):
        return True
    if (
        after.startswith(")")
        and not decimal
        and re.search(r"(?:^|[\s(])$", before)
        and float(re.sub(r"[ ,]", "", text[start:end])) < 20
    ):
        return before.endswith("(") or text[:start].count("(") == text[:start].count(")")
    if re.search(r"[A-Za-z][-‑_/]$|[A-Za-z]\d*/$|[A-Za-z]$|[:^_{]$|\d[:]$", before):
        return True
    if re.match(r":\d", after) or _LABEL_BEFORE.search(before):
        return True
    if _METRIC_BEFORE.search(before):
        return False
    return bool(_VERSION_BEFORE.search(before)) and not _noun(text, end)


def _words(text: str, match: re.Match[str]) -> _Raw | None:
    word = match["words"].lower()
    if word in ("several", "a few", "few"):
        return None
    value = (1.0 if word == "a" else _small(word)) + (0.5 if match["half"] else 0.0)
    for scale in re.findall(r"[a-z]+", match["scale"].lower()):
        value *= _SCALES[scale]
    if re.match(r"[-‑][A-Z]", text[match.end() : match.end() + 2]):
        return None
    unit, stop = _unit(text, match.end())
    if not unit and _MULTIPLIED.search(text[max(0, match.start() - 40) : match.start()]):
        unit, stop = "x", match.end()
    if word == "one" and not match["scale"] and unit in ("", "x", "pp"):
        return None
    if word == "zero" and not unit:
        return None
    return _Raw(value, unit or _noun(text, match.end()), match.start(), stop if unit else match.end())


def _unit(text: str, end: int) -> tuple[str, int]:
    for pattern, name in _UNIT:
        match = pattern.match(text, end)
        if match is not None:
            unit = re.sub(r"\\1", next((g for g in match.groups() if g), ""), name)
            return _LONG.get(unit, unit), match.end()
    return "", end


_NOUNS = re.compile(
    r"[\s-]+(?:[a-z][\w-]*[\s-]+){0,3}?(parameter|param|token|layer|step|epoch|iteration|sample|example|image|video|frame|gpu|dataset|task|"
    r"model|categor|class|language|head|question|paper|people|user|node|device|generator|student|scenario|speaker|"
    r"participant|patient|expert|benchmark|domain|agent|hour|pixel|point|view|neuron|channel|block|expert|sentence|word|"
    r"document|quer|network|player|worker|stage|round|trial|member|client|element|instance|scene|object|problem|"
    r"evaluation|call|line|page|species|case|report|collision|attack|environment|robot|socket|chip|core|subject|fold|seed)(?:s|es|ies|y)?\b",
    re.I,
)


def _noun(text: str, end: int) -> str:
    match = _NOUNS.match(text, end)
    if match is None or re.search(r"[,;.]|\b(?:and|or|to|of|in|on|for|with|than)\b", match[0]):
        return ""
    noun = match[1].lower()
    return {"parameter": "params", "param": "params"}.get(noun, "")


def _inherit(text: str, raws: list[_Raw]) -> list[_Raw]:
    """Give "3.7" of "3.7 and 6.6 times" the unit of its neighbour."""
    done = list(raws)
    for index in range(len(done) - 2, -1, -1):
        here, following = done[index], done[index + 1]
        if here.unit == "" and following.unit not in ("", "dims") and _LIST.match(text[here.end : following.start]):
            done[index] = replace(here, unit=following.unit)
    return done


def _ranges(text: str, raws: list[_Raw]) -> list[_Raw]:
    """Join "1.4-5.2x", "two to seven times", "between 2 and 5"; "from 12.6 GB to 2.5 GB" stays two."""
    joined: list[_Raw] = []
    for raw in raws:
        last = joined[-1] if joined else None
        if last is not None and last.high is None and raw.high is None and _spans(text, last, raw):
            joined[-1] = replace(last, unit=raw.unit or last.unit, high=raw.value, end=raw.end)
        else:
            joined.append(raw)
    return joined


def _spans(text: str, last: _Raw, raw: _Raw) -> bool:
    between = text[last.end : raw.start]
    if not _JOIN.match(between) or last.value >= raw.value or (last.unit not in ("", raw.unit) and raw.unit):
        return False
    if "respectively" in text[raw.end :] and not re.fullmatch(r"[-–—‑]", between):
        return False
    if re.match(r"\s?(?:and|or)\b", between):
        return bool(re.search(r"\bbetween\s(?:about )?$", text[: last.start]))
    return True


def _finish(text: str, raw: _Raw) -> Quantity:
    comparator, start = _comparator(text, raw)
    direction = raw.direction or direction_at(text, raw.start, raw.end)
    high = raw.value if raw.high is None else raw.high
    return Quantity(raw.value, high, raw.unit, comparator, direction, start, raw.end, text[start : raw.end])


def _comparator(text: str, raw: _Raw) -> tuple[str, int]:
    before = text[max(0, raw.start - 40) : raw.start]
    for pattern, sign in _COMPARATORS:
        match = pattern.search(before)
        if match is not None:
            return sign, raw.start - (len(before) - match.start()) + (len(match[0]) - len(match[0].lstrip()))
    after = text[raw.end : raw.end + 12]
    if _AFTER.match(after):
        return ">=", raw.start
    if _AFTER_LESS.match(after):
        return "<=", raw.start
    return "=", raw.start
