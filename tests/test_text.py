"""Canonical text: what feeds lose comes back, prose stays, nothing unseen gets in."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.text import canonical, fold

CORPUS = Path(__file__).parents[1].parent / "shared" / "corpus"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("a 6.7times speedup", "a 6.7× speedup"),
        ("up to 2.4\\times faster", "up to 2.4× faster"),
        ("a 4sim 16times gain", "a 4~16× gain"),
        ("by 15\\%sim30\\% overall", "by 15%~30% overall"),
        ("in 5sim10 steps", "in 5~10 steps"),
        ("sparse (sim50\\%) layers", "sparse (~50%) layers"),
        ("at 1152times1152 pixels", "at 1152×1152 pixels"),
        ("at 512 times 512 pixels", "at 512 × 512 pixels"),
        ("WideNetV2times 1.4 (1.6 ms)", "WideNetV2× 1.4 (1.6 ms)"),
        ("a leq 2% loss", "a ≤ 2% loss"),
        ("images (leq 256px)", "images (≤ 256px)"),
        ("real time (ge 25 fps)", "real time (≥ 25 fps)"),
        ("Here Tgeq 0 is a delay", "Here T ≥ 0 is a delay"),
        ("vs. \\geq 100,000", "vs. ≥ 100,000"),
        ("costs \\500 a run", "costs $500 a run"),
        ("33\\% & 5\\&6", "33% & 5&6"),
        ("Net-$π$ and Net-$\\pi$", "Net-π and Net-π"),
        ("an $f$-divergence", "an f-divergence"),
        ("for $500 training, $5-$10 a day", "for $500 training, $5-$10 a day"),
        ("S^{2}FT and O(n^2)", "S²FT and O(n²)"),
        ("time \\( O(n^3) \\) with", "time O(n³) with"),
        ("some 10^{13} nets", "some 10^13 nets"),
        ("638 m^2/s^2", "638 m²/s²"),
        ("called G_{stack}, and W^{res}", "called G_stack, and W^res"),
        ("at rate O(1/{\\alpha})", "at rate O(1/α)"),
        ("an (alpha, lambda)-reduction", "an (α, λ)-reduction"),
        ("Acme^circledR Core^{tiny TM} Max", "Acme® Core™ Max"),
        ("u mapsto y, train rightarrow test", "u ↦ y, train → test"),
        ("three textit{O}bstacles", "three Obstacles"),
        ("\\textbf{even with four steps}.", "even with four steps."),
        ("by \\textbf{Positional \\textbf{Integrity Encoding} (PIE)", "by Positional Integrity Encoding (PIE)"),
        ("cost mathcal{O}(n)", "cost O(n)"),
        ("at \\url{https://a.org/x_y}", "at https://a.org/x_y"),
        ("a na\\\"ive Fr\\'echet se\\~norita", "a naïve Fréchet señorita"),
        ("an ``in-situ'' way", 'an "in-situ" way'),
        ("Network~(FFN) at~https://a.org", "Network (FFN) at https://a.org"),
        ("10~20X, ~254x, (~billion)", "10~20X, ~254x, (~billion)"),
        ("ell_2-distance", "ℓ_2-distance"),
        ("0.91pm0.02", "0.91 ± 0.02"),
        ("R&amp;D <i>in vivo</i> H<sub>2</sub>O", "R&D in vivo H2O"),
        ("{GPU}-aware training", "GPU-aware training"),
    ],
)
def test_lost_latex_is_restored(raw: str, expected: str) -> None:
    assert canonical(raw) == expected


@pytest.mark.parametrize(
    "prose",
    [
        "It is three times faster and 10 times smaller.",
        "2-7 times speedup, 10 000 times faster, hundreds of times",
        "sim-to-real transfer with sim2real and a sim of 3 runs",
        "a subset of the tokens, in a sum of parts, to 5 users in 3 rooms",
        "an epsilon-greedy policy, the sigma-field level, alpha testing",
        "at 5pm the ge group of le Monde",
        "see https://a.org/leq_times/geq~x?infty=cdot for more",
        "MPI_Pack and n_h with {a, b}",
        "inference times of 3 ms",
    ],
)
def test_prose_and_addresses_stay(prose: str) -> None:
    assert canonical(prose) == prose


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("a\x00b\x07c", "abc"),
        ("red \x1b[31malert\x1b[0m now", "red alert now"),
        ("\x1b]0;title\x07text", "text"),
        ("zero\u200bwidth \u202ereversed\u202c \ufeffbom soft\u00adhyphen", "zerowidth reversed bom softhyphen"),
        ("many\r\n  kinds\t of\u00a0space ", "many kinds of space"),
        ("e\u0301", "é"),
        ("lone \ud800 surrogate", "lone surrogate"),
        ("", ""),
    ],
)
def test_nothing_unseen_gets_in(raw: str, expected: str) -> None:
    assert canonical(raw) == expected


_PIECES = st.sampled_from(
    [
        "times",
        "sim",
        "leq",
        "geq",
        "ge",
        "pm",
        "\\times",
        "\\%",
        "\\textbf{",
        "textit{",
        "}",
        "{",
        "^",
        "_",
        "~",
        "$",
        "\\(",
        "\\)",
        "``",
        "''",
        "alpha",
        "infty",
        "mapsto",
        "3",
        "4.5",
        "a",
        "X",
        ".",
        ",",
        "&amp;",
        "&lt;",
        "&#36;",
        "<i>",
        "\\",
        "\\\\",
        "\\'e",
        "^{2}",
        "_{x}",
        "circledR",
        "subset",
        "approx",
        "\u200b",
        "\x1b[1m",
        "https://a.b/leq",
        "é",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(_PIECES, st.just(" "), st.text(max_size=3)), max_size=30).map("".join))
def test_canonical_is_idempotent(raw: str) -> None:
    once = canonical(raw)
    assert canonical(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert not any(unicodedata.category(char) in {"Cc", "Cf", "Cs"} for char in once)


def test_endless_nesting_ends() -> None:
    deep = "\\textbf{" * 2000 + "x" + "}" * 2000
    assert canonical(deep) == canonical(canonical(deep))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("S^{2}FT: Efficient", "s2ft efficient"),
        ("Net-$π$: A Study", "NET π — a study"),
        ("Fréchet   Means", "frechet means"),
        ("512times512", "512×512"),
    ],
)
def test_fold_ignores_how_a_title_is_written(left: str, right: str) -> None:
    assert fold(left) == fold(right)


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not beside this checkout")
def test_the_corpus_keeps_no_lost_latex() -> None:
    for page in sorted(CORPUS.glob("*.txt")):
        for line in page.read_text(encoding="utf-8").splitlines():
            text = canonical(line)
            assert canonical(text) == text
            assert not re.search(r"\d(?:times|sim)(?![a-z])|\\|circledR|(?<![a-z])(?:leq|geq|mapsto|cdot)", text)
