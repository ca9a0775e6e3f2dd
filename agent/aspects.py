"""Respects in which work is asked about and compared: speed, memory, accuracy...

Each aspect has words that show it in a question and words that show it in a sentence of an abstract.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from agent.types import Aspect

__all__ = ["asked_aspects", "aspect_near", "shows", "wants_figures"]


@dataclass(frozen=True, slots=True)
class _Known:
    name: str
    asked: str
    shown: tuple[str, ...]


_KNOWN = (
    _Known(
        "speed",
        r"speed\w*|fast\w*|quick\w*|slow\w*|latenc\w+|throughput|run[- ]?times?|real[- ]time|rapid\w*|accelerat\w+|frame rates?|fps|delay|"
        r"sooner|how long|seconds?|milliseconds?|wall[- ]clock|timed|tokens per second|sampling steps|efficien\w+",
        ("speed", "speedup", "speed-up", "faster", "fast", "latency", "throughput", "runtime", "real-time", "accelerat", "fps", "slower", "seconds",
         "tokens/s", "frames per second", "wall-clock", "inference time", "training time", "execution time", "steps", "tflops", "petaflop", "hours", "quick", "time overhead", "time cost", "delay"),
    ),
    _Known(
        "memory",
        r"memory|footprint|vram|storage|\w*gigabytes?|gb|how (?:large|big) (?:a |are |is )?(?:the )?models?|slimm\w+|sav(?:e|es|ed|ing|ings)",
        ("memory", "gb", "storage", "footprint", "vram", "dram", "smaller", "compress"),
    ),
    _Known("energy", r"energy|power|carbon|joules?|watts?|electricity|emissions?", ("energy", "power", "carbon", "joule", "watt", "electricity", "emission")),
    _Known(
        "accuracy",
        r"accura\w+|precis(?:e|ion|ely)|recall|f1|map|error\w*|top-1|score[sd]?|perform\w*|benchmark\w*|how (?:good|well)|far apart|success rate|win rate|perplexity|loss(?:es)?|bleu",
        ("accuracy", "precision", "recall", "f1", "map", "error", "top-1", "outperform", "score", "performance", "benchmark", "%", "surpass", "miou", "perplexity", "auc", "state-of-the-art", "lossless", "degradation"),
    ),
    _Known(
        "quality",
        r"qualit\w+|fid|psnr|ssim|fidelity|realis\w+|natural\w*|give up|degrad\w+|sacrific\w+",
        ("quality", "fid", "psnr", "ssim", "fidelity", "natural", "mos", "lossless", "degradation", "state-of-the-art", "comparable", "without compromising", "db"),
    ),
    _Known(
        "size",
        r"how many (?:fewer |more )?(?:parameters|weights)|parameters?|model size|compress\w*|compact\w*|bits?|bit[- ]widths?|smaller|(?:how (?:large|big) (?:a |an |are |is |do |can )?(?:the |they |it )?(?:models?|networks?|go|scale|be)\b)|what scale",
        ("parameter", "size", "compress", "bit", "smaller", "compact", "flops", "billion", "trillion"),
    ),
    _Known("cost", r"costs?|cheap\w*|expens\w+|price|budget|gpu[- ]?hours|gpu[- ]?days|afford\w*", ("cost", "cheap", "expensive", "budget", "gpu days", "gpu hours", "afford", "hours", "$", "reduc")),
    _Known("data", r"how much data|training (?:data|images|samples|set)|datasets?|how many (?:images|samples|examples|hours)|labell?ed", ("data", "dataset", "samples", "images", "without any", "label")),
    _Known(
        "hardware",
        r"hardware|(?:gpu|card|device|machine|phone|chip|server|accelerator|processor)s?|same (?:gpu|card|hardware)|timed on|what .{0,20}run on",
        ("gpu", "cpu", "tpu", "npu", "fpga", "nvidia", "a100", "v100", "h100", "rtx", "2080ti", "dgx", "iphone", "smartphone", "phone", "jetson", "server", "processor"),
    ),
    _Known("communication", r"communicat\w+|bandwidth|network traffic", ("communication", "bandwidth")),
    _Known(
        "approach",
        r"how (?:do|does|did|is|are|can|could)|in what way|what (?:does|do) .* add|way of|mechanism|idea|principle|strateg\w+|reason|why|explain\w*|arithmetic|choos\w+|differ\w*|distinguish\w*",
        ("propose", "introduce", "present", "based on", "by ", "via", "using", "leverage", "we design"),
    ),
)  # fmt: skip

_FIGURES = re.compile(
    r"\bhow (?:much|many|large|big|fast|far|long|often|small|accurate|high|low|precise\w*|well|quick\w*|slow|soon|cheap)\b|\bwhat (?:\w+ ){0,3}"
    r"(?:gains?|speed-?ups?|figures?|rates?|scores?|accurac\w+|errors?|share|portion|fraction|percentage|factor|number|savings?|size|"
    r"perplexity|latency|throughput|quality|scale|numbers|memory|energy|reduction|increase|improvements?|bleu|fid|psnr)\b|"
    r"\b(?:gains?|speed-?ups?|savings?|figures?|throughput|accuracy|how many times|by what factor)\b",
    re.I,
)


@lru_cache(maxsize=64)
def _asked(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{pattern})\b", re.I)


def asked_aspects(question: str) -> tuple[Aspect, ...]:
    """The aspects a question asks about, in the order it names them. "approach" comes last, when figures are asked too."""
    found: list[tuple[int, Aspect]] = []
    for known in _KNOWN:
        match = _asked(known.asked).search(question)
        if match is not None:
            place = len(question) if known.name == "approach" else match.start()
            found.append((place, Aspect(known.name, known.shown)))
    return tuple(aspect for _, aspect in sorted(found, key=lambda pair: (pair[0], pair[1].name)))


def wants_figures(question: str) -> bool:
    """True when the answer should hold a number."""
    return _FIGURES.search(question) is not None


def shows(aspect: Aspect, sentence: str) -> bool:
    """True when `sentence` carries a word of `aspect`."""
    return _shown(aspect.terms).search(sentence) is not None


def aspect_near(sentence: str, start: int, end: int, reach: int = 60) -> str | None:
    """The aspect whose word stands nearest to `sentence[start:end]`, within `reach` characters; None where none does."""
    left = max(0, start - reach)
    around = sentence[left : end + reach]
    best: tuple[int, str] | None = None
    for known in _KNOWN:
        if known.name in _NOT_MEASURED:
            continue
        for match in _shown(known.shown).finditer(around):
            first, last = left + match.start(), left + match.end()
            option = (max(first - end, start - last, 0), known.name)
            best = min(best or option, option)
    return best[1] if best else None


_NOT_MEASURED = frozenset(["approach", "hardware", "data"])


@lru_cache(maxsize=256)
def _shown(terms: tuple[str, ...]) -> re.Pattern[str]:
    parts = [(r"(?<![a-z])" if term[0].isalnum() else "") + re.escape(term) for term in terms]
    return re.compile("|".join(parts) or r"(?!)", re.I)
