"""The lexical index: BM25 over titles and abstracts, by tantivy, with English stemming.

Derived from the catalog. It carries the catalog's generation in its seal (see `store.manifest`); whoever
opens it compares, and calls `update` or `rebuild`. One writer at a time: take the library's lock first.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Collection, Iterable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from store.errors import SearchFailed
from store.manifest import break_seal, intact, read_seal, seal
from store.types import Paper

if TYPE_CHECKING:
    import tantivy

__all__ = ["LexicalIndex", "Weights"]

FORM = "tantivy/1"  # raise it when schema or analysis changes: older indexes are then rebuilt
FIELDS = ("title", "abstract")
Weights = tuple[float, float]  # of title and abstract
PLAIN: Weights = (1.0, 1.0)
MAX_TERMS = 512  # distinct terms of a query that are looked up
MAX_CHARACTERS = 20_000  # of a query that are read
HEAP = 30_000_000  # bytes, twice tantivy's least
COMMIT_EVERY = 100_000  # papers


class LexicalIndex:
    """BM25 (k1 1.2, b 0.75) of a paper's title and abstract. With `path` None it lives in memory."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._sealed = None if path is None else read_seal(path)
        self._memory_generation: int | None = None
        if self._sealed is not None and path is not None:
            usable = self._sealed.form == FORM and intact(path, self._sealed)
            self._sealed = self._sealed if usable else None

    def generation(self) -> int | None:
        """The catalog's generation that is indexed; None where there is no sound index."""
        if self._path is None:
            return self._memory_generation
        return None if self._sealed is None else self._sealed.generation

    def sound(self, *, thorough: bool = True) -> bool:
        """True when the files are those that were sealed and the index opens with as many papers."""
        if self._path is None:
            return self._memory_generation is not None
        if self._sealed is None or not intact(self._path, self._sealed, thorough=thorough):
            return False
        try:
            return self._index.searcher().num_docs == self._sealed.count
        except SearchFailed:
            return False

    def rebuild(self, papers: Iterable[Paper], generation: int) -> None:
        """Throw away what is there and index the papers. Raises SearchFailed."""
        self.__dict__.pop("_index", None)
        if self._path is not None:
            try:
                break_seal(self._path)
                if self._path.exists():
                    shutil.rmtree(self._path)
                self._path.mkdir(parents=True)
            except OSError as error:
                raise self._failed("made again", error) from error
        self._write(papers, (), generation)

    def update(self, papers: Iterable[Paper], removed: Iterable[str], generation: int) -> None:
        """Index new and changed papers, forget removed ones. Raises SearchFailed where the index is not sound."""
        if self.generation() is None:
            raise SearchFailed(f"the lexical index in {self._path} is not sound; run: plumbline doctor")
        if self._path is not None:
            break_seal(self._path)
        self._write(papers, removed, generation)

    def search(
        self,
        query: str,
        k: int,
        among: Collection[str] | None = None,
        weights: Weights = PLAIN,
    ) -> list[tuple[str, float]]:
        """The `k` best papers (id, score), best first, equal scores by id; only papers that share a term.

        `among` limits the papers; any character may stand in the query. Raises SearchFailed.
        """
        terms = self.terms(query)
        return self.search_terms(dict.fromkeys(terms, 1.0), k, among, weights)

    def search_terms(
        self,
        terms: dict[str, float],
        k: int,
        among: Collection[str] | None = None,
        weights: Weights = PLAIN,
    ) -> list[tuple[str, float]]:
        """As `search`, for analysed terms with a weight each."""
        if self.generation() is None:
            raise SearchFailed(f"the lexical index in {self._path} is not sound; run: plumbline doctor")
        if not terms or k < 1 or (among is not None and not among):
            return []
        try:
            searcher = self._index.searcher()
            total = searcher.num_docs
            if not total:
                return []
            # Scores tie at the cut in an order of tantivy's own: ask for more and cut after sorting by id.
            wanted = min(total, k + 50)
            found = searcher.search(self._query(terms, among, weights), limit=wanted, count=False).hits
            hits = [(str(searcher.doc(address).get_first("paper_id")), float(score)) for score, address in found]
        except (ValueError, OSError) as error:
            raise self._failed("searched", error) from error
        return sorted(hits, key=lambda hit: (-hit[1], hit[0]))[:k]

    def terms(self, query: str) -> list[str]:
        """The distinct stems of a query, in order of appearance."""
        return list(dict.fromkeys(self._analyzer.analyze(clean(query[:MAX_CHARACTERS]))))[:MAX_TERMS]

    def counts(self, text: str) -> Counter[str]:
        """How often each stem stands in a text."""
        return Counter(self._analyzer.analyze(clean(text)))

    def frequency(self, term: str) -> int:
        """Number of papers whose abstract or title (whichever is more) holds the stem."""
        searcher = self._index.searcher()
        return max(int(searcher.doc_freq(field, term)) for field in FIELDS)

    def _query(self, terms: dict[str, float], among: Collection[str] | None, weights: Weights) -> tantivy.Query:
        from tantivy import Occur, Query

        schema = self._index.schema
        clauses = [
            (Occur.Should, Query.boost_query(Query.term_query(schema, field, term), weight * share))
            for term, weight in terms.items()
            for field, share in zip(FIELDS, weights, strict=True)
            if share
        ]
        query = Query.boolean_query(clauses)
        if among is None:
            return query
        allowed = Query.const_score_query(Query.term_set_query(schema, "paper_id", sorted(among)), 0.0)
        return Query.boolean_query([(Occur.Must, query), (Occur.Must, allowed)])

    def _write(self, papers: Iterable[Paper], removed: Iterable[str], generation: int) -> None:
        from tantivy import Document

        try:
            writer = self._index.writer(heap_size=HEAP, num_threads=1)
            for paper_id in removed:
                writer.delete_documents_by_term("paper_id", paper_id)
            for number, paper in enumerate(papers, start=1):
                writer.delete_documents_by_term("paper_id", paper.paper_id)
                writer.add_document(
                    Document(paper_id=[paper.paper_id], title=[clean(paper.title)], abstract=[clean(paper.abstract)])
                )
                if number % COMMIT_EVERY == 0:
                    writer.commit()
            writer.commit()
            writer.wait_merging_threads()
            self._index.reload()
            count = self._index.searcher().num_docs
            if self._path is None:
                self._memory_generation = generation
            else:
                seal(self._path, generation=generation, count=count, form=FORM, patterns=("*",))
                self._sealed = read_seal(self._path)
        except (ValueError, OSError) as error:
            raise self._failed("written", error) from error

    @cached_property
    def _index(self) -> tantivy.Index:
        import tantivy

        schema = tantivy.SchemaBuilder()
        schema.add_text_field("paper_id", stored=True, tokenizer_name="raw", index_option="basic")
        for field in FIELDS:
            schema.add_text_field(field, tokenizer_name="plumbline", index_option="freq")
        try:
            index = tantivy.Index(schema.build(), path=None if self._path is None else str(self._path))
            # Its default is a thread that watches for commits of others and maps their files as they change: what
            # is read would no longer be what the seal says, and a file cut short would end the process.
            index.config_reader(reload_policy="Manual")
            index.register_tokenizer("plumbline", self._analyzer)
        except (ValueError, OSError) as error:
            raise self._failed("opened", error) from error
        return index

    @cached_property
    def _analyzer(self) -> tantivy.TextAnalyzer:
        from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

        builder = TextAnalyzerBuilder(Tokenizer.simple()).filter(Filter.remove_long(64)).filter(Filter.lowercase())
        return builder.filter(Filter.ascii_fold()).filter(Filter.stemmer("English")).build()

    def _failed(self, done: str, error: Exception) -> SearchFailed:
        reason = " ".join(str(error).split())
        return SearchFailed(f"the lexical index in {self._path} could not be {done} ({reason}); run: plumbline doctor")


def clean(value: str) -> str:
    """The text without lone surrogates, which tantivy cannot take."""
    return value.encode("utf-8", "replace").decode("utf-8")
