"""The HTML report in a real browser: what a reader sees, and that nothing in it runs or calls home."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest
from browser import Browser, Parsed, find_browser, recorder

from agent.cli import main
from agent.types import Check, CheckedSentence, Citation, Label, Outcome, Quote, Verdict
from evals.figures import figures_of
from evals.metrics.metric import mean
from evals.report.html import html
from evals.result import CaseResult, CaseView, Change, Comparison, GateResult, Marked, Run, SuiteResult
from evals.statistics import SEED
from store.library import Library
from store.types import Paper, Span

OWN = "document.title='owned'"
HOSTILE = (
    f"<script>{OWN};alert(1)</script>",
    f'<img src="http://evil.example/a.png" onerror="{OWN}">',
    f'"><svg onload="{OWN}">',
    f"' autofocus onfocus='{OWN}",
    f"</style></title></textarea><script>{OWN}</script>",
    f'<a href="javascript:{OWN}">here</a>',
    '<iframe src="http://evil.example/frame"></iframe>',
    '<link rel="stylesheet" href="http://evil.example/a.css">',
    '<meta http-equiv="refresh" content="0;url=http://evil.example/gone">',
    "<style>@import url(http://evil.example/b.css);*{display:none}</style>",
    "&lt;b&gt; ]]> \u202egnihtyna \x1b[31m \U0001f9ea",
)
ALL_HOSTILE = " ".join(HOSTILE)


@pytest.fixture(scope="module")
def browser() -> Browser:
    return find_browser()


def test_without_a_browser_ci_fails_and_others_skip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(pytest.fail.Exception, match="no Chromium in CI"):
        find_browser(in_ci=True)
    with pytest.raises(pytest.skip.Exception):
        find_browser(in_ci=False)


def _written(folder: Path, page: str) -> Path:
    path = folder / "report.html"
    path.write_text(page, encoding="utf-8")
    return path


ABSTRACT = "🧪 Earlier work was slow. FooNet is 6.7× faster than Bar & uses <half> the energy. It is small."
QUOTE = Span(ABSTRACT.index("FooNet"), ABSTRACT.index(" It is small"))
PAPER = Paper("p1", "FooNet", ABSTRACT)
PASSED = Check("names", Outcome.PASS, "every name stands in the source")
FAILED = Check("numbers", Outcome.FAIL, "7.6 is not in the source")
UNRUN = Check("alignment", Outcome.SKIP, "could not run: no embedder")


def _run(hostile: str = "") -> Run:
    """A suite of four cases: wrong, claim refused, fine, raised. `hostile` goes into every text there is."""
    paper = Paper(f"p1{hostile}", f"FooNet{hostile}", f"{ABSTRACT}{hostile}")
    cited = Citation(f"foonet{hostile}", paper.paper_id, paper.title, "x", *_ends(), ABSTRACT[slice(*_ends())])
    failed = Check(f"numbers{hostile}", Outcome.FAIL, f"7.6 is not in the source{hostile}")
    bad = Verdict(Label.CONTRADICTED, 0.9, (PASSED, failed), (Quote(paper.paper_id, *_ends(), cited.quote),))
    unrun = Verdict(Label.CHECK_FAILED, 1.0, (UNRUN,), ())
    good = Verdict(Label.SUPPORTED, 0.9, (PASSED,), ())
    marked = (Marked(paper, (QUOTE,), f"cited{hostile}"),)
    said = tuple(
        CheckedSentence(f"{text}{hostile}", verdict, (cited,))
        for text, verdict in (("It is 7.6× faster.", bad), ("Unjudged.", unrun), ("It is small.", good))
    )
    views = (
        CaseView(f"How fast?{hostile}", said, (f"a line{hostile}",), marked, (f"cited, not expected{hostile}",)),
        CaseView(f"It is 7.6× faster.{hostile}", (), (), marked, (f"should be SUPPORTED{hostile}",), bad),
        CaseView(f"It is small.{hostile}", (), (), marked * 5, (), good),
    )
    group = f"group{hostile}"
    cases = tuple(CaseResult(f"case{n}{hostile}", "c", group, {"m": (1.0, 1.0)}, view) for n, view in enumerate(views))
    cases += (CaseResult(f"case3{hostile}", "c", None, {}, CaseView("?"), f"it broke{hostile}"),)
    metric = mean("m", f"a definition{hostile}", sliced=True)
    gates = (GateResult("m", "min", 2.0, 1.0, False, f"because{hostile}"),)
    change = Change("m", 0.5, 1.0, 0.5, 0.1, 0.9, 1, 0, 2)
    suite = SuiteResult(
        f"suite{hostile}", "ask", figures_of(cases, [metric], SEED), gates, cases, Comparison((change,))
    )
    return Run((suite,))


def _ends() -> tuple[int, int]:
    return QUOTE.start, QUOTE.end


def test_quotes_are_marked_where_they_stand_and_answers_are_there(browser: Browser, tmp_path: Path) -> None:
    page = Parsed(shown := browser.dom(_written(tmp_path, html(_run()))))
    assert page.abstracts == [ABSTRACT] * 7
    assert page.marks == [[(QUOTE.start, ABSTRACT[QUOTE.start : QUOTE.end])]] * 7
    for text in ("How fast?", "It is 7.6× faster.", "It is small.", "7.6 is not in the source", "it broke"):
        assert text in shown
    assert not {"script", "img", "link", "iframe", "object", "form"} & {tag for tag, _ in page.tags}


_LOOK = """<script>
const shown = s => [...document.querySelectorAll(s)].map(e => e.checkVisibility());
const colour = s => getComputedStyle(document.querySelector(s)).backgroundColor;
document.title = JSON.stringify({
  cases: shown('.case > summary'), faults: shown('.faults li'), failed: shown('.sentence > .checks.bad li'),
  passed: shown('.sentence details .checks li'), marks: shown('.case[open] > .paper mark'),
  wide: document.documentElement.scrollWidth - document.documentElement.clientWidth, width: innerWidth,
  mark: colour('mark'), box: colour('.paper'),
  links: [...document.querySelectorAll('a')].every(a => document.querySelector(a.getAttribute('href'))),
});</script>"""


def _looked(browser: Browser, folder: Path, page: str, width: int) -> dict[str, object]:
    """What a script that measures the page finds; the page's own policy, which forbids scripts, is taken off."""
    start = page.index('<meta http-equiv="Content-Security-Policy"')
    bare = page[:start] + page[page.index(">", start) + 1 :]
    path = _written(folder, bare.replace("</body>", f"{_LOOK}</body>"))
    found = json.loads(Parsed(browser.dom(path, "127.0.0.1:9", f"--window-size={width},900")).title)
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("width", [1200, 500])
def test_what_failed_is_visible_at_once_and_the_page_fits(browser: Browser, tmp_path: Path, width: int) -> None:
    found = _looked(browser, tmp_path, html(_run()), width)
    assert found["width"] == width
    assert found["wide"] == 0
    assert found["cases"] == [True] * 4
    assert found["faults"] == [True] * 3  # two of cases, one of the case that raised
    assert found["failed"] == [True] * 3  # a sentence's failed check, one that could not run, a claim's failed check
    assert found["passed"] == [False] * 2  # folded until asked for
    assert found["marks"] == [True] * 2
    assert found["mark"] != found["box"]
    assert found["links"] is True


def test_a_page_of_hostile_texts_keeps_to_its_width(browser: Browser, tmp_path: Path) -> None:
    assert _looked(browser, tmp_path, html(_run(ALL_HOSTILE)), 500)["wide"] == 0


def test_nothing_hostile_runs_and_nothing_is_asked_of_the_network(browser: Browser, tmp_path: Path) -> None:
    with recorder() as (proxy, asked):
        page = Parsed(browser.dom(_written(tmp_path, html(_run(ALL_HOSTILE))), proxy, "--virtual-time-budget=5000"))
    assert page.title == "Plumbline evaluation"
    assert asked == []
    assert not {"script", "img", "svg", "link", "iframe"} & {tag for tag, _ in page.tags}
    assert [tag for tag, _ in page.tags].count("style") == 1
    for _, attributes in page.tags:
        assert not [name for name in attributes if name.startswith("on")]
        assert (attributes.get("href") or "#").startswith("#")
        assert attributes.get("http-equiv") in (None, "Content-Security-Policy")


def test_even_unescaped_text_could_not_run_or_call_out(browser: Browser, tmp_path: Path) -> None:
    page = html(_run()).replace("<main>", f"<main>{HOSTILE[0]}{HOSTILE[1]}{HOSTILE[2]}{HOSTILE[6]}{HOSTILE[7]}")
    with recorder() as (proxy, asked):
        assert Parsed(browser.dom(_written(tmp_path, page), proxy)).title == "Plumbline evaluation"
    assert asked == []


def test_these_checks_would_notice(browser: Browser, tmp_path: Path) -> None:
    page = f"<!doctype html><meta charset=utf-8><title>fine</title>{HOSTILE[1]}{HOSTILE[2]}{HOSTILE[7]}"
    with recorder() as (proxy, asked):
        assert Parsed(browser.dom(_written(tmp_path, page), proxy)).title == "owned"
    assert {"http://evil.example/a.png", "http://evil.example/a.css"} <= set(asked)


def test_the_page_of_a_real_run(
    browser: Browser, demo_library_path: Path, demo_library: Library, tmp_path: Path
) -> None:
    paper = demo_library.find("FlashAttention: Fast and Memory-Efficient Exact Attention with IO-Awareness")
    sentence = demo_library.sentences(paper.paper_id)[0]
    case = {"id": "v", "claim": sentence.text, "paper": paper.paper_id, "label": "supported"}
    (tmp_path / "c.jsonl").write_text(json.dumps(case) + "\n", encoding="utf-8")
    (tmp_path / "s.yaml").write_text("name: v\nkind: verify\ncases: c.jsonl\n", encoding="utf-8")
    report = tmp_path / "report.html"
    with pytest.raises(SystemExit) as ended:
        main(["--library", str(demo_library_path), "eval", str(tmp_path / "s.yaml"), "--html", str(report)])
    assert ended.value.code == 0
    with recorder() as (proxy, asked):
        page = Parsed(browser.dom(report, proxy))
    assert asked == []
    assert page.abstracts == [paper.abstract]
    assert page.marks == [[(sentence.start, sentence.text)]]


def test_a_picture_can_be_taken(browser: Browser, tmp_path: Path) -> None:
    picture = browser.screenshot(_written(tmp_path, html(_run())), tmp_path / "page.png", 800, 1000)
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", picture[16:24]) == (800, 1000)
    assert len(picture) > 20_000  # a blank one has about 5,000 bytes
