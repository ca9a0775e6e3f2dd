"""One record from named fields, under the names that arXiv, Semantic Scholar, OpenAlex, Crossref and people use."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from datetime import date
from email.utils import parsedate_to_datetime

from store.readers.decode import unreadable
from store.text import canonical
from store.types import Author, ReadFailure, Record

__all__ = ["TITLE_NAMES", "failure_of", "iso_date", "record_of"]

TITLE_NAMES = ("title", "display_name", "articletitle", "documenttitle", "papertitle", "primarytitle", "ti")
_ABSTRACT = ("abstract", "abstractinvertedindex", "summary", "abstracttext", "abstractnote", "ab", "description")
_AUTHORS = ("authors", "authorships", "author", "creator", "creators", "au", "authorsparsed", "authornames")
_YEAR = ("year", "publicationyear", "py", "pubyear", "publishedyear")
_DATE = ("date", "publicationdate", "published", "publisheddate", "issued", "datepublished", "versions")
_VENUE = ("venue", "journalref", "journal", "containertitle", "booktitle", "sourcetitle", "publicationtitle",
          "conference", "primarylocation", "hostvenue")  # fmt: skip
_TAGS = ("tags", "tag", "keywords", "theme", "categories", "fieldsofstudy")
_URL = ("url", "link", "landingpageurl", "openaccesspdf", "id")
_MAX_TITLE, _MAX_ABSTRACT = 2_000, 100_000
_DOI = re.compile(r"\b10\.\d{4,9}/[^\s\"<>]+", re.IGNORECASE)
_ARXIV = re.compile(
    r"(?:arxiv(?:\.org/(?:abs|pdf)/|[:.]))?\s*(\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v\d+)?", re.I
)
_MONTHS = {name: number for number, name in enumerate(
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1)}  # fmt: skip
_NAMED = re.compile(r"^([A-Za-z]{3})[a-z]*\.?\s+(\d{1,2})(?:\s*,\s*(\d{4}))?$")
_DAY_FIRST = re.compile(r"^(\d{1,2})\s+([A-Za-z]{3})[a-z]*\.?,?\s+(\d{4})$")
_MONTH_YEAR = re.compile(r"^([A-Za-z]{3})[a-z]*\.?,?\s+(\d{4})$")
_ISO = re.compile(r"^(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?(?:[T ].*)?$")
_WORDS = re.compile(r"[^\W\d_]")

Value = object


def iso_date(text: str) -> str | None:
    """As much of an ISO 8601 date as the text gives ("2025-08-20", "2025-08", "2025", "--01-23"), or None."""
    text = text.strip()
    year = month = day = None
    if match := _ISO.match(text):
        year, month, day = match[1], match[2], match[3]
    elif match := _NAMED.match(text):
        year, month, day = match[3], _MONTHS.get(match[1].lower(), 0), match[2]
    elif match := _DAY_FIRST.match(text):
        year, month, day = match[3], _MONTHS.get(match[2].lower(), 0), match[1]
    elif match := _MONTH_YEAR.match(text):
        year, month = match[2], _MONTHS.get(match[1].lower(), 0)
    elif re.match(r"^[A-Za-z]{3}, \d{1,2} [A-Za-z]{3} \d{4} ", text):
        try:
            return parsedate_to_datetime(text).date().isoformat()
        except ValueError:
            return None
    else:
        return None
    return _checked(year, month, day)


def _checked(year: str | None, month: str | int | None, day: str | None) -> str | None:
    try:
        date(int(year or 2000), int(month or 1) if month is not None else 1, int(day or 1))
    except ValueError:
        return None
    if month is not None and int(month) == 0:
        return None
    parts = [year or "-", *(f"{int(part):02d}" for part in (month, day) if part is not None)]
    return "-".join(parts)


def _key(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _first(row: Mapping[str, Value], names: tuple[str, ...]) -> Value:
    return next((row[name] for name in names if row.get(name) not in (None, "", [], {})), None)


def _text(value: Value) -> str:
    """A value as text: a string, a number, the first of a list, or what a mapping calls its name."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, list | tuple):
        return _text(value[0]) if value else ""
    if isinstance(value, Mapping):
        for name in ("name", "display_name", "title", "url", "source", "created", "value"):
            if value.get(name):
                return _text(value[name])
        if value.get("date-parts"):
            parts = value["date-parts"]
            first = parts[0] if isinstance(parts, list) and parts else []
            return "-".join(str(part) for part in first) if isinstance(first, list) else ""
    return ""


def _abstract(value: Value) -> str:
    """Plain text, or OpenAlex's inverted abstract put in order."""
    if not isinstance(value, Mapping):
        return _text(value)
    places = [
        (place, word) for word, at in value.items() if isinstance(at, list) for place in at if isinstance(place, int)
    ]
    return " ".join(str(word) for _, word in sorted(places))


def _names(value: Value) -> Iterator[str]:
    if isinstance(value, str):
        yield from re.split(r"\s*;\s*|\s+and\s+" if ";" in value or (" and " in value and "," not in value) else
                            r"\s*;\s*|\s*,?\s+and\s+|\s*,\s+", value)  # fmt: skip
    elif isinstance(value, list):
        for one in value:
            if isinstance(one, str):
                yield one
            elif isinstance(one, list):
                yield " ".join(str(part) for part in [*one[1:2], *one[:1]] if part)
            elif isinstance(one, Mapping):
                family, given = _text(one.get("family")), _text(one.get("given"))
                yield f"{given} {family}".strip() or _text(one.get("author")) or _text(one)


def _authors(value: Value) -> tuple[Author, ...]:
    return tuple(Author(name) for name in (canonical(name) for name in _names(value)) if _WORDS.search(name))


_CATEGORIES = re.compile(r"[a-z-]+(?:\.[A-Za-z-]+)?(?: [a-z-]+(?:\.[A-Za-z-]+)?)*")


def _tags(value: Value) -> tuple[str, ...]:
    """Tags of a list, of a string with separators, or arXiv categories ("cs.LG stat.ML")."""
    if isinstance(value, list):
        parts = [_text(one) for one in value]
    elif isinstance(value, str) and "." in value and _CATEGORIES.fullmatch(value):
        parts = value.split()
    else:
        parts = re.split(r"\s*[;,|]\s*", _text(value))
    return tuple(dict.fromkeys(tag for tag in (canonical(part) for part in parts) if tag))


def _year(value: Value, day: str | None) -> int | None:
    match = re.search(r"(?<!\d)(1[5-9]\d\d|20\d\d)(?!\d)", _text(value)) or re.match(r"(\d{4})", day or "")
    return int(match[1]) if match else None


def _doi(row: Mapping[str, Value]) -> str | None:
    ids = row.get("externalids") or row.get("ids")
    nested = {_key(str(k)): v for k, v in ids.items()} if isinstance(ids, Mapping) else {}
    match = _DOI.search(_text(row.get("doi")) or _text(nested.get("doi")) or _text(row.get("di")))
    return match[0].rstrip(".,;)").lower() if match else None


def _arxiv(row: Mapping[str, Value], doi: str | None) -> str | None:
    ids = row.get("externalids") or row.get("ids")
    nested = {_key(str(k)): v for k, v in ids.items()} if isinstance(ids, Mapping) else {}
    named = (
        _text(row.get("arxivid")) or _text(row.get("arxiv")) or _text(row.get("eprint")) or _text(nested.get("arxiv"))
    )
    if doi and doi.startswith("10.48550/arxiv."):
        named = named or doi.removeprefix("10.48550/arxiv.")
    for value in (named, _text(row.get("id"))):
        if match := _ARXIV.fullmatch(
            value.strip().removeprefix("http://").removeprefix("https://").removesuffix(".pdf")
        ):
            return match[1]
    match = re.search(r"arxiv\.org/(?:abs|pdf)/(\d{4}\.\d{4,5}|[a-z.-]+/\d{7})", _text(row.get("url")), re.I)
    return match[1] if match else None


def _link(row: Mapping[str, Value]) -> str | None:
    links = (_text(row.get(name)).strip() for name in _URL)
    return next((link for link in links if re.match(r"https?://\S+$", link)), None)


def failure_of(title: str, abstract: str) -> str | None:
    """Why a record with this title and abstract cannot be loaded, or None."""
    if reason := unreadable(title) or unreadable(abstract):
        return reason
    if not _WORDS.search(canonical(title[: _MAX_TITLE + 1])):
        return "no title"
    if len(title) > _MAX_TITLE:
        return f"a title of {len(title):,} characters (at most {_MAX_TITLE:,})"
    if len(abstract) > _MAX_ABSTRACT:
        return f"an abstract of {len(abstract):,} characters (at most {_MAX_ABSTRACT:,})"
    if not _WORDS.search(canonical(abstract)):
        return f"no abstract ({canonical(title)[:80]})"
    return None


def record_of(fields: Mapping[str, Value], path: str, locator: str) -> Record | ReadFailure:
    """The record, or why there is none. Names are matched without case, spaces and underscores."""
    row = {_key(name): value for name, value in fields.items() if isinstance(name, str)}
    title = html.unescape(_text(_first(row, tuple(_key(name) for name in TITLE_NAMES))))
    abstract = _abstract(_first(row, _ABSTRACT))
    if reason := failure_of(title, abstract):
        return ReadFailure(path, locator, reason)
    day = iso_date(_text(_first(row, _DATE)))
    doi = _doi(row)
    count = row.get("authorcount")
    return Record(
        path=path, locator=locator, title=title, abstract=abstract,
        authors=_authors(_first(row, _AUTHORS)),
        year=_year(_first(row, _YEAR), day), date=day,
        venue=canonical(_text(_first(row, _VENUE))) or None,
        doi=doi, arxiv_id=_arxiv(row, doi), url=_link(row),
        organisation=canonical(_text(row.get("organisation") or row.get("organization"))) or None,
        author_count=count if isinstance(count, int) and not isinstance(count, bool) else None,
        tags=_tags(_first(row, _TAGS)),
    )  # fmt: skip
