"""The page: it stands alone, its links lead somewhere, and it says everything."""

from __future__ import annotations

import base64
import re
from html.parser import HTMLParser
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.unit.reports import CASES, aimed, figure, measured
from trainer.metrics.figures import Figure
from trainer.report.numbers import number, seconds, signed
from trainer.report.orderings import Claim, Contestant, Group, outcome, ranked
from trainer.report.page import render
from trainer.report.results import Results
from trainer.report.ruler import interval, ruler

BETTER = {name: value + 0.1 for name, value in CASES.items()}
VOID = {"meta", "img", "br"}


class Page(HTMLParser):
    """What a browser would see."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.sources: list[str] = []
        self.tags: list[str] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(text)
        assert not self._open, f"never closed: {self._open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            where = {"id": self.ids, "href": self.links, "src": self.sources}.get(name)
            if where is not None:
                where.append(value or "")
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open[-1:] != ["style"]:
            self.text += data


def page(folder: Path, *models, **more) -> tuple[Page, str]:
    results = Results(
        command="guise evaluate --all", versions={"torch": "2.0"}, models=list(models), **more
    )
    text = render(results, folder, {"one": {"wall": 65.0, "processor": 30.0}})
    return Page(text), text


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sheets" / "one").mkdir(parents=True)
    pixels = np.full((20, 30, 3), 99, np.uint8)
    cv2.imwrite(str(tmp_path / "sheets" / "one" / "scenes.jpg"), pixels)
    return tmp_path


def test_the_page_stands_alone_and_its_links_lead_somewhere(folder: Path):
    one = measured("one", aimed(), figure("kid", cases={}), sheets=["scenes", "gone"])
    found, text = page(folder, one, measured("two", aimed(cases=BETTER)))
    assert len(found.ids) == len(set(found.ids))
    assert {link.removeprefix("#") for link in found.links} <= set(found.ids)
    assert all(link.startswith("#") for link in found.links)
    assert "script" not in found.tags and "link" not in found.tags
    assert "url(" not in text and "@import" not in text
    (picture,) = found.sources
    kind, data = picture.split(",")
    assert kind == "data:image/jpeg;base64"
    content = np.frombuffer(base64.b64decode(data), np.uint8)
    assert cv2.imdecode(content, cv2.IMREAD_COLOR).shape == (20, 30, 3)


def test_the_page_says_everything(folder: Path):
    found, text = page(folder, measured("one", aimed()), measured("two", aimed(cases=BETTER)))
    for said in (
        "2 of 2",
        "at least 0.45",
        "nearest photo",
        "both pictures side by side",
        "PG2 0.253",
        "Published on other data",
        "no weights were named",
        "head: 0.250",
        "cd34",
        "ab12",
        "guise evaluate --all",
        "1 min 05 s by the clock",
        "Two is better",
        "One against Two",
    ):
        assert said in found.text, said
    assert "Likeness <ssim>" in found.text and "<ssim>" not in text
    assert "prefers-color-scheme: dark" in text and "@media print" in text


def test_what_was_missed_is_listed_with_its_target(folder: Path):
    short = aimed("kid", target=(0.625, None), target_says="above the copy")
    found, text = page(folder, measured("one", aimed(), short), measured("two", aimed()))
    assert "One: Likeness <kid> 0.500, wanted: above the copy (0.625)" in found.text
    assert "1 of 2 targets met" in found.text and "1 of 1 targets met" in found.text
    assert text.count('href="#one.kid"') == 2 and "#missed" in found.links
    good, _ = page(folder, measured("one", aimed()))
    assert "missed" not in good.ids and "#missed" not in good.links


def test_better_directions_and_the_hardest_cases_are_shown(folder: Path):
    low = figure("away", better="lower")
    found, _ = page(folder, measured("one", aimed(), low))
    assert "0.500\u2191" in found.text and "0.500\u2193" in found.text
    hardest = re.split("hardest of 4 cases: ", found.text)[1:]
    assert hardest[0].startswith("c.png 0.250, a.png 0.500")
    assert hardest[1].startswith("b.png 0.750")


def test_judges_are_listed_with_the_models_that_they_judged(folder: Path):
    found, _ = page(folder, measured("one", aimed()), measured("two", aimed()))
    assert "One, Two" in found.text


def test_a_model_without_a_protocol_says_what_its_card_says(folder: Path):
    card = {"title": "Lone", "metrics": {"f": {"value": 0.8125, "protocol": "as trained"}}}
    found, _ = page(folder, measured("lone", card=card))
    assert "as trained" in found.text and "0.812" in found.text


def test_orderings_say_who_wins(folder: Path):
    group = Group(
        id="shoes",
        title="Looks for sketches",
        paper="a paper",
        pack="shoes128",
        models=[Contestant(name=name, path=f"{name}.x", images=1000) for name in "abc"],
        claims=[
            Claim(text="b beats a.", better="b", worse="a", figure="ssim"),
            Claim(text="a beats b.", better="a", worse="b", figure="ssim"),
            Claim(text="b beats a in KID.", better="b", worse="a", figure="kid"),
            Claim(text="c beats a.", better="c", worse="a", figure="ssim"),
        ],
    )
    known = {
        "a": measured("a", figure(), figure("kid", cases={}, value=0.5, better="lower")),
        "b": measured(
            "b", figure(cases=BETTER), figure("kid", cases={}, value=0.25, better="lower")
        ),
        "c": measured("c", figure("other")),
    }
    ranking = ranked(group, lambda contestant: known[contestant.name])
    verdicts = [outcome.verdict for outcome in ranking.outcomes]
    assert verdicts == ["holds", "reversed", "holds", "not measured"]
    assert ranking.outcomes[0].compared and not ranking.outcomes[2].compared
    found, _ = page(folder, measured("one", aimed()), orderings=[ranking])
    assert "Of 4 orderings: 2 hold, 1 reversed, 1 not measured" in found.text
    assert "b wins in 100.0% of resamples" in found.text
    assert "c has no such figure" in found.text
    assert "1,000" in found.text


@pytest.mark.parametrize("better", ["higher", "lower"])
def test_equal_values_decide_nothing(better: str):
    claim = Claim(text="a beats b.", better="a", worse="b", figure="kid")
    same = figure("kid", cases={}, value=0.5, better=better)
    assert outcome(claim, measured("a", same), measured("b", same)).verdict == "undecided"
    less = figure("kid", cases={}, value=0.25, better=better)
    found = outcome(claim, measured("a", less), measured("b", same))
    assert found.verdict == ("holds" if better == "lower" else "reversed")


def places(drawing) -> dict[str, float]:
    """Where the parts of a drawing are, by their class."""
    return {
        part.get("class").split()[0]: float(part.get("cx") or part.get("x1") or part.get("x"))
        for part in drawing
    }


def test_the_ruler_keeps_the_order_of_what_it_shows():
    low = Figure(
        id="d", title="", protocol="", judge="", n=1, value=2.0, better="lower",
        baselines={"copy": 8.0}, target=(None, 4.0), target_says="at most 4",
    )  # fmt: skip
    drawing = ruler(low)
    at = places(drawing)
    assert at["dot"] < at["tick"]
    (band,) = [part for part in drawing if part.get("class") == "band"]
    end = float(band.get("x")) + float(band.get("width"))
    assert at["dot"] < end < at["tick"]
    share = (end - at["dot"]) / (at["tick"] - at["dot"])
    assert share == pytest.approx((4 - 2) / (8 - 2), abs=0.01)


def test_an_interval_lies_about_zero():
    drawing = interval(-1.0, 1.0, 3.0, 4.0, "open")
    at = places(drawing)
    assert at["whisker"] < at["zero"] < at["dot"]
    assert at["zero"] - at["whisker"] == pytest.approx(at["dot"] - at["zero"], abs=0.2)


def test_numbers_are_written_for_people():
    assert [number(v) for v in (0.1234, 2.5, 13.37, 991.7)] == ["0.123", "2.50", "13.4", "992"]
    assert [signed(v) for v in (0.5, -0.5, 0.0)] == ["+0.500", "\u22120.500", "0.000"]
    assert [number(v) for v in (0.0, 5e-05, -13.37)] == ["0.000", "0.00005", "\u221213.4"]
    assert [number(v) for v in (0.0498, 0.00321, 0.0004)] == ["0.0498", "0.0032", "0.0004"]
    assert float(number(3e-9)) == 3e-9
    assert [seconds(v) for v in (59.4, 60, 3725)] == ["59 s", "1 min 00 s", "62 min 05 s"]
    assert re.fullmatch(r"\d\.\d{3}", number(1.9999))
