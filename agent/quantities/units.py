"""The unit that stands behind a number, or the thing it counts."""

from __future__ import annotations

import re

__all__ = ["TIMES", "counted_at", "unit_at"]

TIMES = "second|minute|hour|day|week|month|year|decade"
"""Units of time as they are written out, one of each."""

_UNITS: tuple[tuple[str, str], ...] = (
    (r"\\?%|per ?cent\b", "%"),
    (r"(?:absolute )?percentage[- ]points?\b|pp\b|(?:absolute )?(?:[A-Za-z]*[A-Z][\w-]*[- ]){0,2}(?:score |more |fewer |extra |additional |full )?points?\b|%p\b", "pp"),
    (r"(?:×|x|X)(?![A-Za-z0-9])|[xX](?=(?:fast|slow|small|larg|low|high|few|less|more)er)|\$?\\times\$?|times\b|-?folds?\b", "x"),
    (r"ns\b|nanoseconds?\b", "ns"),
    (r"[µμu]s\b|microseconds?\b", "us"),
    (r"ms\b|msec\b|milliseconds?\b", "ms"),
    (r"(?<!\d{4})s(?![\w/-])|secs?\b|seconds?\b", "s"),
    (r"mins?\b|minutes?\b", "min"),
    (r"h(?![\w/-])|hrs?\b|hours?\b", "h"),
    (r"days?\b|(?<=\s)d(?![\w/-])", "day"),
    (r"weeks?\b|wks?\b", "week"),
    (r"months?\b", "month"),
    (r"years?\b|yrs?\b", "year"),
    (r"decades?\b", "decade"),
    (r"cents?\b", "cent"),
    (r"dollars?\b", "$"),
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
    (r"dBm?\b|decibels?\b", "dB"),
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
_NOUNS = re.compile(
    r"[\s-]+(?:[a-z][\w-]*[\s-]+){0,3}?(parameter|param|token|layer|step|epoch|iteration|sample|example|image|video|frame|gpu|dataset|task|"
    r"model|categor|class|language|head|question|paper|people|user|node|device|generator|student|scenario|speaker|"
    r"participant|patient|expert|benchmark|domain|agent|hour|pixel|point|view|neuron|channel|block|expert|sentence|word|"
    r"document|quer|network|player|worker|stage|round|trial|member|client|element|instance|scene|object|problem|"
    r"evaluation|call|line|page|species|case|report|collision|attack|environment|robot|socket|chip|core|subject|fold|seed)(?:s|es|ies|y)?\b",
    re.I,
)


def unit_at(text: str, end: int) -> tuple[str, int]:
    """The unit that stands at `end`, and where it ends; an empty one, and `end`, where none does."""
    for pattern, name in _UNIT:
        match = pattern.match(text, end)
        if match is not None:
            unit = re.sub(r"\\1", next((g for g in match.groups() if g), ""), name)
            return _LONG.get(unit, unit), match.end()
    return "", end


def counted_at(text: str, end: int) -> str:
    """ "params" where the number that ends at `end` counts parameters, else nothing."""
    match = _NOUNS.match(text, end)
    if match is None or re.search(r"[,;.]|\b(?:and|or|to|of|in|on|for|with|than)\b", match[0]):
        return ""
    noun = match[1].lower()
    return {"parameter": "params", "param": "params"}.get(noun, "")
