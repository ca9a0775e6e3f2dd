"""Reference files: BibTeX, RIS, CSL-JSON, and the reference list of a review.

A value the library does not know is left out, never guessed; a paper without authors stands under
its title. Titles and names are untrusted text: each format has its own escaping here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from urllib.parse import quote

from agent.render.documents import Json, JsonObject
from agent.render.escape import terminal
from agent.render.literal import literal
from agent.types import Source
from store.types import Author, Paper

__all__ = ["bibtex", "csl_json", "reference_list", "ris"]

_LATEX = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
}
_PARTICLE = re.compile(r"(?:al|bin|da|das|de|del|della|den|der|di|dos|du|el|la|le|ten|ter|van|von|zu|zur)\Z")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?\Z")
_WEB = re.compile(r"https?://[^\s<>\"'`\\{}|^\[\]()]+\Z")
_DOI = re.compile(r"10\.\d{4,9}/\S+\Z")
_ARXIV = re.compile(r"[\w.-]+(?:/\d{7})?(?:v\d+)?\Z")


def bibtex(sources: Iterable[Source]) -> str:
    """One entry a source, in the order given; `@article` where the venue is known, else `@misc`."""
    return "\n".join(_bibtex_entry(source) for source in sources)


def ris(sources: Iterable[Source]) -> str:
    """One record a source; lines end as the format asks, with carriage return and line feed."""
    return "".join(f"{line}\r\n" for source in sources for line in _ris_lines(source))


def csl_json(sources: Iterable[Source]) -> str:
    """A CSL-JSON array, as pandoc and reference managers read it."""
    return json.dumps([_csl_item(source) for source in sources], ensure_ascii=False, indent=2) + "\n"


def reference_list(sources: Sequence[Source]) -> str:
    """The markdown list of a review, by key."""
    return "\n".join(f"- `{source.key}`: {_reference(source.paper)}" for source in sources)


def _reference(paper: Paper) -> str:
    parts = []
    if paper.authors:
        names = [literal(author.name) for author in paper.authors]
        parts.append(", ".join(names[:6]) + (" and others." if len(names) > 6 else "."))
    parts.append(f"*{literal(paper.title)}*" + ("" if paper.title.rstrip().endswith(("?", "!", ".")) else "."))
    if paper.venue:
        parts.append(literal(paper.venue) + ".")
    parts.append(f"{paper.year}." if paper.year is not None else "Undated.")
    link = _link(paper)
    if link:
        parts.append(f"<{link}>")
    return " ".join(parts)


def _link(paper: Paper) -> str | None:
    """The best address of the paper, only if it is plainly a web address."""
    if paper.doi and _DOI.match(paper.doi):
        return "https://doi.org/" + quote(paper.doi, safe="/;:.-_")
    if paper.arxiv_id and _ARXIV.match(paper.arxiv_id):
        return f"https://arxiv.org/abs/{paper.arxiv_id}"
    return paper.url if paper.url and _WEB.match(paper.url) else None


def _short(paper: Paper) -> str:
    """The title up to its subtitle, for citing a paper without authors; empty where there is no such thing."""
    head, colon, _ = paper.title.partition(": ")
    return head.strip() if colon and not paper.authors else ""


def _line(text: str) -> str:
    """`text` on one line, without control characters."""
    return " ".join(terminal(text).split())


def _latex(text: str) -> str:
    return "".join(_LATEX.get(character, character) for character in _line(text))


def _bibtex_entry(source: Source) -> str:
    paper = source.paper
    fields: list[tuple[str, str]] = []
    if paper.authors:
        fields.append(("author", " and ".join(_bibtex_name(author) for author in paper.authors)))
    fields.append(("title", "{" + _latex(paper.title) + "}"))
    if _short(paper):
        fields.append(("shorttitle", "{" + _latex(_short(paper)) + "}"))
    if paper.venue:
        fields.append(("journal", _latex(paper.venue)))
    fields += _bibtex_date(paper)
    if paper.doi:
        fields.append(("doi", _verbatim(paper.doi)))
    if paper.arxiv_id:
        fields += [("eprint", _verbatim(paper.arxiv_id)), ("archiveprefix", "arXiv")]
    if paper.url and _WEB.match(paper.url):
        fields.append(("url", _verbatim(paper.url)))
    kind = "article" if paper.venue else "misc"
    body = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields)
    return f"@{kind}{{{source.key},\n{body}\n}}\n"


def _bibtex_name(author: Author) -> str:
    """A personal name as BibTeX splits it itself; one that its splitting would tear stands in braces."""
    family, given = _name(author)
    if given:
        return f"{_guarded(family)}, {_guarded(given)}"
    return "{" + _latex(family) + "}"


def _guarded(part: str) -> str:
    """The word "and" and commas inside a name part must not separate names."""
    escaped = _latex(part)
    return "{" + escaped + "}" if re.search(r",|\band\b", escaped, re.IGNORECASE) else escaped


def _bibtex_date(paper: Paper) -> list[tuple[str, str]]:
    if paper.year is None:
        return []
    known = _date_parts(paper)
    month = [("month", _MONTHS[known[1] - 1])] if len(known) > 1 else []
    return [("year", str(paper.year)), *month]


def _verbatim(text: str) -> str:
    """For fields read as they stand: no brace, backslash or space survives."""
    return quote(_line(text), safe="!#$&'()*+,/:;=?@[]~%._-")


def _date_parts(paper: Paper) -> list[int]:
    """[year, month, day] as far as known and in agreement with the paper's year."""
    if paper.year is None:
        return []
    found = _DATE.match(paper.date or "")
    if not found or int(found[1]) != paper.year:
        return [paper.year]
    parts = [paper.year]
    if found[2] and 1 <= int(found[2]) <= 12:
        parts.append(int(found[2]))
        if found[3] and 1 <= int(found[3]) <= 31:
            parts.append(int(found[3]))
    return parts


def _name(author: Author) -> tuple[str, str]:
    """(family, given); given is empty for a name of one word or one that is no person's."""
    name = _line(author.name)
    if "," in name:
        family, _, given = name.partition(",")
        return family.strip() or name, given.strip()
    words = name.split()
    if len(words) < 2:
        return name, ""
    cut = len(words) - 1
    while cut > 1 and _PARTICLE.match(words[cut - 1]):
        cut -= 1
    return " ".join(words[cut:]), " ".join(words[:cut])


def _ris_lines(source: Source) -> list[str]:
    paper = source.paper
    lines = [("TY", "JOUR" if paper.venue else "GEN"), ("ID", source.key)]
    lines += [("AU", _ris_name(author)) for author in paper.authors]
    lines.append(("TI", _line(paper.title)))
    if _short(paper):
        lines.append(("ST", _line(_short(paper))))
    if paper.venue:
        lines.append(("JO", _line(paper.venue)))
    parts = _date_parts(paper)
    if parts:
        lines.append(("PY", str(parts[0])))
        if len(parts) > 1:
            lines.append(("DA", "/".join(f"{part:02d}" for part in parts) + "/" * (4 - len(parts))))
    if paper.doi:
        lines.append(("DO", _line(paper.doi)))
    if paper.arxiv_id:
        lines.append(("AN", f"arXiv:{_line(paper.arxiv_id)}"))
    if paper.url:
        lines.append(("UR", _line(paper.url)))
    return [f"{tag}  - {value}" for tag, value in lines] + ["ER  - "]


def _ris_name(author: Author) -> str:
    family, given = _name(author)
    return f"{family}, {given}" if given else family


def _csl_item(source: Source) -> JsonObject:
    paper = source.paper
    item: JsonObject = {"id": source.key, "type": "article-journal" if paper.venue else "article"}
    if paper.authors:
        item["author"] = [_csl_name(author) for author in paper.authors]
    item["title"] = _line(paper.title)
    if _short(paper):
        item["title-short"] = _line(_short(paper))
    if paper.venue:
        item["container-title"] = _line(paper.venue)
    parts = _date_parts(paper)
    if parts:
        item["issued"] = {"date-parts": [parts]}
    if paper.doi:
        item["DOI"] = _line(paper.doi)
    if paper.arxiv_id:
        item |= {"archive": "arXiv", "archive_location": _line(paper.arxiv_id)}
    if paper.url:
        item["URL"] = _line(paper.url)
    return item


def _csl_name(author: Author) -> Json:
    family, given = _name(author)
    return {"family": family, "given": given} if given else {"literal": family}
