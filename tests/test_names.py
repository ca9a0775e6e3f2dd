"""Names of a claim in the forms that a source may give them."""

from __future__ import annotations

import pytest

from agent.ground.names import missing_names
from agent.ground.source import read
from store.types import Paper

CLINIC = Paper(
    "p",
    "Sheep with APOE ε4",
    "We followed HIV-infected shepherds and carriers of APOE ε4 in a cluster randomised controlled trial (cRCT-2). "
    "Interleukin-6 and herpes simplex virus type 1 were measured, and TMEM7 was blocked. "
    "NF-kappaB and IFN-γ fell in vascular smooth muscle cells. Loom-2 and Loom-3 meet GPT-4 on an A100 GPU.",
)


@pytest.mark.parametrize(
    "claim",
    [
        "Carriers of APOE4 were followed.",
        "Carriers of APOE-ε4 were followed.",
        "Shepherds who are HIV-positive were followed.",
        "The cRCT ran for a year.",
        "NF-κB fell, and so did IFN-gamma.",
        "The drop in VSMC (vascular smooth muscle cell) counts was small.",
        "Against GPT-4, Loom-3 was ahead.",
        "HSV-1 and IL-6 were measured.",
        "A GPT-4 agent, and TMEM7-deficient NF-kappaB-positive cells.",
        "Non-measurable TMEM7 was blocked.",
    ],
)
def test_the_same_name_in_another_form_is_known(claim: str) -> None:
    assert missing_names(claim, read([CLINIC])) == ()


@pytest.mark.parametrize(
    ("claim", "name"),
    [
        ("Carriers of APOE2 were followed.", "APOE2"),
        ("The drop in IFN-beta was small.", "IFN-beta"),
        ("Against GPT-3, the last was ahead.", "GPT-3"),
        ("The trial ran on an H100.", "H100"),
        ("The trial measured IL-16.", "IL-16"),
        ("The trial measured HSV-2.", "HSV-2"),
    ],
)
def test_another_name_is_not(claim: str, name: str) -> None:
    assert missing_names(claim, read([CLINIC])) == (name,)
