"""Who is better than whom, and in what: comparisons and changes a sentence states.

"A is slower than B", "B outperforms A in speed" and "A trails B" are one statement once sides and
signs are read; a claim that puts the sides or the sign the other way is caught here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from agent.ground.opposites import opposites_of
from agent.ground.source import Line, Source
from agent.ground.words import fold, stem, words
from agent.quantities import quantities

__all__ = ["Comparison", "Reversal", "comparisons", "own_names", "own_words", "reversal"]

OWN = "*own*"

_BETTER = re.compile(
    r"\b(?:outperform(?:s|ed|ing)?|outstrips?|outpaces?|surpass(?:es|ed|ing)?|beats?|beating|exceed(?:s|ed|ing)?|excels? over|wins? (?:over|against)|"
    r"overtakes?|tops|dominat(?:es|ing)|leads|edges out|improv(?:es?|ed|ing) (?:up)?on|(?:is|are|was|were|being|proves?|performs?|performed|does|did|do) (?:\w+ )?(?:better|superior) (?:than|to)|superior to|better than)\b",
    re.I,
)
_WORSE = re.compile(
    r"\b(?:trail(?:s|ed|ing)?|underperform(?:s|ed|ing)?|lag(?:s|ged|ging)?(?: far)?(?: behind)?|falls? behind|loses? to|(?:is|are) (?:inferior to|beaten by|outperformed by|surpassed by)|"
    r"falls? short of|fails? to (?:match|beat|outperform|surpass|reach)|inferior to|worse than|outperformed by|surpassed by|beaten by)\b",
    re.I,
)
_NOT = re.compile(r"\b(?:not|never|no|hardly|n['’]t|cannot|without)\s(?:\w+\s)?$", re.I)
_NOUNS_IN_ER = (
    "other rather whether under over layer number after either neither transformer parameter per paper order power user never however "
    "computer server consumer tracker decoder encoder router adapter tokenizer optimizer classifier together further former latter"
)
"""Words in -er that compare nothing."""
_ON = re.compile(r"^\s(?:on|with|in|for|at|under|by|using)\s", re.I)
_PREPOSITION = re.compile(r"\b(?:in|on|to|from|of|by|among|over)\s$", re.I)
_COMPARATIVE = re.compile(
    r"\b(?P<word>more|less|fewer|faster|quicker|slower|higher|lower|larger|bigger|greater|smaller|longer|shorter|better|worse|cheaper|costlier|lighter|heavier|"
    r"stronger|weaker|easier|harder|sooner|later|deeper|wider|narrower|finer|coarser|richer|poorer|closer|further|(?!(?:"
    + _NOUNS_IN_ER.replace(" ", "|")
    + r")\b)[a-z]{3,}er)\b(?P<what>(?:[\s,-]+(?:and |in |as )?[\w./-]+){0,7}?)[\s,]+than\b",
    re.I,
)
_AGAINST = re.compile(
    r"\b(?:compared (?:to|with|against)|in comparison (?:to|with)|relative to|as compared (?:to|with)|as opposed to|versus|vs\.?|over|against|in contrast (?:to|with)|than)\s",
    re.I,
)
_LEAD = re.compile(
    r"^(?:set |when |as )?(?:compared (?:to|with|against)|in comparison (?:to|with)|relative to|against|in contrast to|unlike)\s(?P<right>[^,]+),\s*",
    re.I,
)
_GAIN = re.compile(
    r"\b(?P<word>speed-?\s?ups?|acceleration|improvements?|gains?|increases?|boosts?|advantages?|reductions?|decreases?|drops?|savings?|cuts?|slowdowns?|degradation|losses|loss|"
    r"improv(?:es|ed|ing|e)|increas(?:es|ed|ing|e)|reduc(?:es|ed|ing|e)|decreas(?:es|ed|ing|e)|lower(?:s|ed|ing)|sav(?:es|ed|ing|e)|accelerat(?:es|ed|ing|e)|boost(?:s|ed|ing)|cuts|"
    r"rais(?:es|ed|ing|e)|speeds? up|speeding up|slows|slow(?:s|ed|ing)? down|shortens?|faster|slower|higher|lower|more|fewer|less|smaller|larger|better|worse|cheaper|superior|stronger)\b",
    re.I,
)
_CLAUSE = re.compile(
    r";\s|:\s|,\s(?:while|whereas|but|and|which|with|yet|although|despite|at|albeit)\b|,\s(?=\w+ing\b)|\b(?:while|whereas|although)\b|\.\s",
    re.I,
)
_DOWNWARD = frozenset(
    "less fewer slower lower smaller shorter worse cheaper lighter weaker poorer narrower reduct reduc decreas drop save cut slowdown degrad loss lower slow shorten harder costlier coarser".split()
)
_DIMENSIONS: tuple[tuple[str, int, str], ...] = (
    ("speed", 1, "speed speedup fast quick throughput fps rapid rapidly quickly acceleration responsive"),
    ("speed", -1, "latency time duration delay slow slowly runtime ttft hours minutes seconds"),
    ("memory", 1, "memory footprint ram vram storage cache"),
    ("size", 1, "size parameter parameters weights"),
    ("compute", 1, "flops flop computation computational compute operation operations macs gflops"),
    ("energy", 1, "energy power consumption watt"),
    ("cost", 1, "cost costs expense budget price communication overhead"),
    ("data", 1, "sample samples data examples labels epochs epoch iterations iteration steps"),
    ("quality", 1, "accuracy accurate performance quality precision recall score map ap bleu psnr ssim f1 auc robust robustness generalization generalisation generalize fidelity perform precise results effective capability miou"),
    ("efficiency", 1, "efficient efficiency efficiently"),
    ("quality", -1, "error loss perplexity rmse mae fid wer degradation bias overfitting inaccurate"),
)  # fmt: skip
_INTRINSIC: dict[str, tuple[str, int]] = {
    "faster": ("speed", 1), "quicker": ("speed", 1), "sooner": ("speed", 1), "slower": ("speed", -1), "better": ("quality", 1),
    "superior": ("quality", 1), "stronger": ("quality", 1), "worse": ("quality", -1), "weaker": ("quality", -1), "poorer": ("quality", -1),
    "cheaper": ("cost", -1), "costlier": ("cost", 1), "smaller": ("size", -1), "larger": ("size", 1), "bigger": ("size", 1),
    "lighter": ("size", -1), "heavier": ("size", 1),
}  # fmt: skip
_DIMENSION = {stem(w): (name, sign) for name, sign, listed in _DIMENSIONS for w in listed.split()}
_SELF = re.compile(
    r"\b(?:we|our|ours|us|the proposed|this (?:work|paper|method|approach|model|framework|algorithm|system)|the (?:method|approach|framework|algorithm|system|former))\b",
    re.I,
)
_INTRODUCE = re.compile(
    r"\b(?:(?:we|paper|work|study|article|authors|is|are)\s(?:\w+\s){0,3}?(?:propos(?:e|es|ed)|introduc(?:e|es|ed)|presents?|presented|develop(?:s|ed)?|design(?:s|ed)?)|called|named|namely|termed|dubbed|coined|denoted(?: as)?|referred to as)\b",
    re.I,
)
_NAMEISH = re.compile(r"[A-Za-z0-9]*[A-Z][A-Za-z0-9]*(?:[-+^][A-Za-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Comparison:
    """`left` stands `sign` (+1 more, -1 less) to `right` in `dimension`; `OWN` stands for the paper's own method."""

    left: frozenset[str]
    right: frozenset[str]
    dimension: str
    sign: int
    text: str


@dataclass(frozen=True, slots=True)
class Reversal:
    """A claimed comparison and the source's, the other way round."""

    claimed: Comparison
    stated: Comparison
    line: Line


@lru_cache(maxsize=1024)
def own_names(source_text: str, title: str) -> frozenset[str]:
    """Names, squeezed ("M-VAR" is "mvar"), of what the paper introduces: its title's lead and names beside "we propose"."""
    lead = title.split(":", maxsplit=1)[0].strip() if ":" in title else ""
    names = {lead} if lead and " " not in lead else {m[0] for m in _NAMEISH.finditer(lead) if _telling(m[0])}
    for verb in _INTRODUCE.finditer(source_text):
        if names:
            break
        for match in _NAMEISH.finditer(source_text, verb.end(), min(len(source_text), verb.end() + 110)):
            between = source_text[verb.end() : match.start()]
            if re.search(r"[.!?]\s", between):
                break
            if (_telling(match[0]) and source_text.count(match[0]) > 1) or re.fullmatch(
                r"\s(?:as |a |an |the |our |novel |new )*", between
            ):
                names.add(match[0])
                short = re.match(
                    r"[^.()]{0,80}\(([A-Z][A-Za-z0-9-]+)\)", source_text[match.start() : match.start() + 110]
                )
                names |= {short[1]} if short else set()
                break
    return frozenset(n for n in map(_squeeze, names) if len(n) > 1 and n not in _COMMON)


def _squeeze(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", fold(name))


def own_words(text: str, own: frozenset[str]) -> frozenset[str]:
    """The folded words of `text` that are part of an own name."""
    return frozenset(w.lower for m in _NAMEISH.finditer(text) if _is_own(m[0], own) for w in words(m[0]))


def _is_own(name: str, own: frozenset[str]) -> bool:
    """True for an own name and its variants ("EfficientFormer-L1")."""
    squeezed = _squeeze(name)
    return squeezed in own or squeezed.removesuffix("s") in own or _squeeze(re.split(r"[-+]", name)[0]) in own


_COMMON = frozenset(
    "gpu gpus cpu cpus llm llms mllm mllms vlm vlms cnn cnns dnn dnns rnn rnns nlp ai ml dl rl vit vits gan gans bert gpt nerf mlp tts asr kv 3d 2d based model models transformer net".split()
)


def _telling(name: str) -> bool:
    """True for a coined name: capitals inside a part, a digit, or all capitals."""
    return any(re.search(r"[a-z][A-Z]|[A-Z][A-Z]|[A-Za-z]\d|\d[A-Za-z]", part) for part in re.split(r"[-+^]", name))


def comparisons(text: str, own: frozenset[str]) -> tuple[Comparison, ...]:
    """The comparisons of one sentence."""
    return _comparisons(text, own)


@lru_cache(maxsize=8192)
def _comparisons(text: str, own: frozenset[str]) -> tuple[Comparison, ...]:
    lead = _LEAD.match(text)
    outer = lead["right"] if lead else ""
    found: list[Comparison] = [*_values(text, own), *_multiples(text, own)]
    text = _without_quantities(text)
    body = text[lead.end() :] if lead else text
    subject = ""
    for clause in _clauses(body):
        found += [_inherit(c, subject, own) for c in _of_clause(clause, subject, outer, own)]
        subject = subject or clause
    return tuple(found)


def _inherit(comparison: Comparison, subject: str, own: frozenset[str]) -> Comparison:
    """A later clause that names nobody speaks of the first clause's subject."""
    if (
        not subject
        or comparison.text == subject
        or OWN in comparison.left | comparison.right
        or OWN not in _side(subject, own)
    ):
        return comparison
    if _NAMEISH.search(comparison.text.split(" than ")[0][:60].lstrip()) and not re.match(
        r"(?:and|but|while|with|which|yet|at|[a-z]+ing)\b", comparison.text, re.I
    ):
        return comparison
    return replace(comparison, left=comparison.left | {OWN})


def _without_quantities(text: str) -> str:
    """`text` with its quantities blanked, so that "ten times faster" speaks of no time and "more than 2x" compares nothing."""
    for q in quantities(text):
        text = text[: q.start] + " " * (q.end - q.start) + text[q.end :]
    return text


def _clauses(text: str) -> list[str]:
    cuts = [0, *(m.start() for m in _CLAUSE.finditer(text)), len(text)]
    return [text[a:b].strip(" ,;:") for a, b in pairwise(cuts) if text[a:b].strip(" ,;:")]


def _of_clause(clause: str, subject: str, outer: str, own: frozenset[str]) -> list[Comparison]:
    found: list[Comparison] = []
    for pattern, sign in ((_BETTER, 1), (_WORSE, -1)):
        for match in pattern.finditer(clause):
            turned = -sign if _NOT.search(clause[: match.start()]) else sign
            respect = re.search(r"\b(?:in|in terms of|on) (?:both )?(.{0,25})", clause[match.end() :])
            what = (_dimension(respect[1], None) if respect else None) or ("quality", 1)
            found.append(
                _make(clause[: match.start()] or subject, clause[match.end() :], (what[0], 1), turned, clause, own)
            )
    for match in _COMPARATIVE.finditer(clause):
        if not _is_comparative(match["word"].lower()):
            continue
        sign = -1 if stem(match["word"].lower()) in _DOWNWARD or match["word"].lower() in _DOWNWARD else 1
        if re.match(r"\s(?:about |over |roughly )?[\d$]", clause[match.end() :]):
            continue
        turned = -sign if _NOT.search(clause[: match.start()]) else sign
        intrinsic = _INTRINSIC.get(match["word"].lower())
        if intrinsic is not None and _ON.match(match["what"]):
            sides = clause[: match.start()] + match["what"], re.sub(_ON, " ", clause[match.end() :])
            found.append(_make(*sides, (intrinsic[0], 1), turned * sign * intrinsic[1], clause, own))
            continue
        if intrinsic is not None and (intrinsic[0] == "speed" or not match["what"].strip()):
            what, turned = (intrinsic[0], 1), turned * sign * intrinsic[1]
        else:
            what = (
                _dimension(match["what"], None)
                or _dimension(clause[: match.start()][-40:], None)
                or (_noun(match["what"]), 1)
            )
        found.append(_make(clause[: match.start()] or subject, clause[match.end() :], what, turned, clause, own))
    found += _gains(clause, subject, outer, own)
    return found


def _is_comparative(word: str) -> bool:
    return word in ("more", "less", "fewer", "better", "worse", "further") or (
        word.endswith("er") and word not in _NOUNS_IN_ER.split()
    )


def _gains(clause: str, subject: str, outer: str, own: frozenset[str]) -> list[Comparison]:
    found = []
    for gain in _GAIN.finditer(clause):
        against = _AGAINST.search(clause, gain.end()) or re.compile(r"\sfrom\s").match(clause, gain.end())
        right = clause[against.end() :] if against else outer
        if (
            re.match(r"\s(?:\w+\s)?than\b", clause[gain.end() :])
            or re.search(r"\b(?:more|less)\s$", clause[: gain.start()], re.I)
            or _NOT.search(clause[: gain.start()])
            or (not right and _of_others(clause, gain))
        ):
            continue
        stemmed = stem(fold(gain["word"].split()[0].replace("-", "")))
        sign = -1 if stemmed in _DOWNWARD or gain["word"].lower() in _DOWNWARD else 1
        window = re.split(
            r"\s(?:on|at|for|over|from|compared|relative|than|while|with)\s",
            clause[gain.end() : (against.start() if against else len(clause))],
        )[0][:40]
        what = _dimension(
            gain["word"] + " " + window, None, skip_first=gain["word"].lower() in ("more", "less", "higher", "lower")
        ) or _dimension(clause[max(0, gain.start() - 30) : gain.start()], None)
        if what is None and gain["word"].lower().startswith(("speed", "accel", "faster")):
            what = ("speed", 1)
        if gain["word"].lower() in ("faster", "slower"):
            what, sign = ("speed", 1), _INTRINSIC[gain["word"].lower()][1]
        elif gain["word"].lower().startswith(("speed", "accel")) or gain["word"].lower().startswith("slow"):
            what = ("speed", 1)
        elif gain["word"].lower() in _INTRINSIC and right and what is None:
            what = (_INTRINSIC[gain["word"].lower()][0], 1)
        if what is None and not right:
            continue
        if (
            re.match(r"improv|better|superior|enhanc", gain["word"], re.I)
            and what is not None
            and what[0] not in ("speed", "quality", "efficiency")
        ):
            sign = -1
        found.append(_make(clause[: gain.start()] or subject, right, what or ("", 1), sign, clause, own))
    return found


def _of_others(clause: str, gain: re.Match[str]) -> bool:
    """True for "slower" of "in slower devices", an attribute of something else."""
    return bool(_PREPOSITION.search(clause[: gain.start()]) and re.match(r"\s\w+s\b", clause[gain.end() :]))


_AS = re.compile(
    r"\bas (fast|quick|slow|large|big|small|many|much|long|accurate|efficient|high|low|cheap|expensive)(?:ly)?\b(?P<what>(?: \w+){0,3}?) as\b",
    re.I,
)
_OF = re.compile(
    r"^\s(?:the )?(?:\w+ ){0,2}?(speed|throughput|size|accuracy|memory|performance|rate|energy|cost|latency)(?: as)? of\b",
    re.I,
)
_DOWN_AS = frozenset({"slow", "small", "low", "cheap"})


def _multiples(text: str, own: frozenset[str]) -> list[Comparison]:
    """ "twice as fast as B", "2x the speed of B"."""
    found = []
    for q in quantities(text):
        if q.unit != "x" or q.low <= 1:
            continue
        as_, of = _AS.match(text, q.end + 1), _OF.match(text[q.end :])
        if as_ is not None:
            word = as_[1].lower()
            what = (
                _dimension(as_["what"], None)
                or {"fast": ("speed", 1), "quick": ("speed", 1), "slow": ("speed", 1), "accurate": ("quality", 1)}.get(
                    word
                )
                or _dimension(word, ("", 1))
            )
            found.append(
                _make(
                    text[: q.start], text[as_.end() :], (what or ("", 1))[0:2], -1 if word in _DOWN_AS else 1, text, own
                )
            )
        elif of is not None:
            what = _dimension(of[1], ("", 1)) or ("", 1)
            found.append(_make(text[: q.start], text[q.end + of.end() :], what, 1, text, own))
    return found


def _values(clause: str, own: frozenset[str]) -> list[Comparison]:
    """ "two epochs, compared to the 27 epochs required for B": the numbers say which is less."""
    match = re.search(
        r"\b(?:compared (?:to|with)|versus|vs\.?|against|while|whereas|rather than|instead of)\b", clause, re.I
    )
    if match is None:
        return []
    before, after = quantities(clause[: match.start()]), quantities(clause[match.end() :])
    for ours in before[::-1]:
        for theirs in after[:1]:
            if ours.unit == theirs.unit and ours.low != theirs.low and ours.unit != "x":
                what = (
                    _dimension(clause[match.end() :][theirs.end : theirs.end + 25], None)
                    or _dimension(clause[: match.start()][ours.end : ours.end + 25], None)
                    or (_noun(clause[match.end() :][theirs.end :]), 1)
                )
                return [
                    _make(
                        clause[: match.start()],
                        clause[match.end() :],
                        what,
                        1 if ours.low > theirs.low else -1,
                        clause,
                        own,
                    )
                ]
    return []


def _make(left: str, right: str, what: tuple[str, int], sign: int, text: str, own: frozenset[str]) -> Comparison:
    return Comparison(_side(left, own), _side(_until(right), own), what[0], sign * what[1], text)


def _until(right: str) -> str:
    return re.split(r"[;:(]|,\s|\b(?:by|while|whereas|but|with|at|in terms|on|because|since|due)\b", right, maxsplit=1)[
        0
    ]


def _side(text: str, own: frozenset[str]) -> frozenset[str]:
    found = {w.stem for w in words(text) if w.is_content}
    if _SELF.search(text) or any(_is_own(m[0], own) for m in _NAMEISH.finditer(text)):
        found.add(OWN)
    return frozenset(found)


def _dimension(text: str, default: tuple[str, int] | None, *, skip_first: bool = False) -> tuple[str, int] | None:
    said = words(text)[1 if skip_first else 0 :]
    if any(word.stem == "effici" for word in said):
        return "efficiency", 1
    for word in said:
        if word.stem in _DIMENSION:
            return _DIMENSION[word.stem]
    return default


def _noun(text: str) -> str:
    said = [w.stem for w in words(text) if w.is_content]
    return said[-1] if said else ""


def reversal(claim: str, lines: Sequence[Line], source: Source) -> tuple[Reversal | None, bool]:
    """The first claimed comparison the source states the other way round, and whether any is stated the same way."""
    title = source.titles[0].text if source.titles else ""
    own = own_names(source.papers[0].abstract if source.papers else "", title)
    stated = [(c, line) for line in lines for c in _comparisons(line.text, own)]
    worst: Reversal | None = None
    agreed = False
    for claimed in _comparisons(claim, own):
        judged = [(j, c, line) for c, line in stated if (j := _judge(claimed, c)) != 0]
        if any(j > 0 for j, _, _ in judged) and max(j for j, _, _ in judged) >= -min(j for j, _, _ in judged):
            agreed = True
        elif judged and worst is None and min(j for j, _, _ in judged) <= -2:
            _, other, line = min(judged, key=lambda t: t[0])
            worst = Reversal(claimed, other, line)
    return worst, agreed


def _judge(claimed: Comparison, stated: Comparison) -> int:
    """> 0 when both say the same, < 0 when the reverse, 0 when they can't be compared; the size is the strength."""
    turned = _turn(claimed, stated)
    if turned == 0 or not _same_dimension(claimed.dimension, stated.dimension, turned):
        return 0
    return turned * claimed.sign * stated.sign


_KNOWN = frozenset(name for name, _, _ in _DIMENSIONS)


def _same_dimension(ours: str, theirs: str, turned: int) -> bool:
    if ours == theirs:
        return True
    loose = ours if theirs == "quality" else theirs if ours == "quality" else "quality"
    return abs(turned) > 1 and loose not in _KNOWN


def _turn(claimed: Comparison, stated: Comparison) -> int:
    """+3 to +1 when the sides correspond, -3 to -1 when they are exchanged, 0 when unknown."""
    both = (claimed.left & claimed.right) | (stated.left & stated.right)
    cl, cr, sl, sr = (side - both for side in (claimed.left, claimed.right, stated.left, stated.right))
    alone = not claimed.right and not stated.right and (cl & sl) - _VAGUE
    cl, cr, sl, sr = (side - _VAGUE for side in (cl, cr, sl, sr))
    same = 0.0 if _opposed(cl, sl) else min(2.0 if OWN in cl & sl or alone else 1.0, _overlap(cl, sl))
    straight = same + 1.5 * _overlap(cr, sr)
    crossed = _overlap(cl, sr) + _overlap(cr, sl) + _opposed(cl, sl) + _opposed(cr, sr)
    crossed += _opposed(cl, cr & sl)
    if OWN in cr and OWN not in cl and OWN in sl:
        crossed += 2
    if straight == crossed:
        return 0
    strong = abs(straight - crossed) >= (1.5 if straight > crossed else 2)
    size = 3 if abs(straight - crossed) >= 3 else 2 if strong else 1
    return size * (1 if straight > crossed else -1)


_VAGUE = frozenset(
    "method model approach experi result design show work framework system network propos exist perform".split()
)


def _opposed(a: frozenset[str], b: frozenset[str]) -> float:
    """How many words of one side have their opposite on the other ("smaller ones", "larger ones")."""
    return float(sum(bool(opposites_of(w) & b) for w in a))


def _overlap(a: frozenset[str], b: frozenset[str]) -> float:
    return sum(2.0 if w == OWN else 1.0 for w in a & b)
