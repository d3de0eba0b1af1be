"""SVG drawings: every shape and path command, placed as browsers place them; nothing is run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.errors import InputError
from engine.shapes.raster import canvas_frame, drawn_ink
from engine.shapes.sketch import Sketch, Stroke
from engine.shapes.sketch_files import open_sketch
from engine.shapes.svg import read_svg, save_svg, svg_of

PEN = 'stroke="black" fill="none"'


def svg(inside: str, attributes: str = 'width="400" height="300"') -> bytes:
    return f'<svg xmlns="http://www.w3.org/2000/svg" {attributes}>{inside}</svg>'.encode()


def strokes(inside: str, attributes: str = 'width="400" height="300"') -> tuple[Stroke, ...]:
    return read_svg(svg(inside, attributes)).sketch.strokes


def only(inside: str, attributes: str = 'width="400" height="300"') -> NDArray[np.float64]:
    (stroke,) = strokes(inside, attributes)
    return stroke.xy


@pytest.mark.parametrize(
    ("d", "corners"),
    [
        ("M10 20 L30 40 50 60", [(10, 20), (30, 40), (50, 60)]),
        ("m10,20l20,20 20,20", [(10, 20), (30, 40), (50, 60)]),
        ("M10 20H50V80", [(10, 20), (50, 20), (50, 80)]),
        ("m10 20h40v60z", [(10, 20), (50, 20), (50, 80), (10, 20)]),
        ("M10-20.5.5-3", [(10, -20.5), (0.5, -3)]),
        ("M1e1 2E1L3.e1,4e1", [(10, 20), (30, 40)]),
        ("M0 0 10 10zl5 0", None),
    ],
)
def test_lines_of_paths(d: str, corners: list[tuple[float, float]] | None) -> None:
    found = strokes(f'<path d="{d}" {PEN}/>')
    if corners is None:  # after z the pen stands where the line began
        assert [s.xy.tolist() for s in found] == [[[0, 0], [10, 10], [0, 0]], [[0, 0], [5, 0]]]
    else:
        assert found[0].xy == pytest.approx(np.array(corners))


@pytest.mark.parametrize("relative", [False, True])
def test_curves_of_paths_lie_on_their_polynomials(relative: bool) -> None:
    def d(*commands: tuple[str, list[tuple[float, float]]]) -> str:
        at, told = (0.0, 0.0), ""
        for letter, points in commands:
            shift = at if relative else (0.0, 0.0)
            told += letter.lower() if relative else letter
            told += " ".join(f"{x - shift[0]} {y - shift[1]}" for x, y in points)
            at = points[-1]
        return told

    a, b, c, e = (10, 200), (50, 20), (150, 20), (200, 200)
    f, g = (250, 380), (390, 200)
    xy = only(f'<path d="{d(("M", [a]), ("C", [b, c, e]), ("S", [f, g]))}" {PEN}/>')
    t = np.linspace(0, 1, 400)[:, None]

    def cubic(*corners: tuple[float, float]) -> NDArray[np.float64]:
        p, q, r, s = (np.array(corner, float) for corner in corners)
        return (1 - t) ** 3 * p + 3 * (1 - t) ** 2 * t * q + 3 * (1 - t) * t**2 * r + t**3 * s

    mirrored = (2 * e[0] - c[0], 2 * e[1] - c[1])
    both = np.vstack([cubic(a, b, c, e), cubic(e, mirrored, f, g)])
    away = np.linalg.norm(xy[:, None] - both[None], axis=2).min(1)
    assert away.max() < 1
    assert xy[-1] == pytest.approx(g)
    quadratic = only(f'<path d="{d(("M", [a]), ("Q", [b, e]), ("T", [g]))}" {PEN}/>')
    one, two, three = (np.array(v, float) for v in (a, b, e))
    other = 2 * three - two
    both = np.vstack(
        [
            (1 - t) ** 2 * one + 2 * (1 - t) * t * two + t**2 * three,
            (1 - t) ** 2 * three + 2 * (1 - t) * t * other + t**2 * np.array(g, float),
        ]
    )
    away = np.linalg.norm(quadratic[:, None] - both[None], axis=2).min(1)
    assert away.max() < 1


@pytest.mark.parametrize(
    ("flags", "middle", "large"),
    [
        ("0 0", (200, 100), False),
        ("0 1", (100, 200), False),
        ("1 1", (200, 100), True),
        ("1 0", (100, 200), True),
    ],
)
def test_arcs_go_round_the_right_centre(
    flags: str, middle: tuple[float, float], large: bool
) -> None:
    xy = only(f'<path d="M100 100A100 100 0 {flags} 200 200" {PEN}/>')
    assert np.hypot(*(xy - middle).T) == pytest.approx(np.full(len(xy), 100), abs=0.01)
    length = np.hypot(*np.diff(xy, axis=0).T).sum()
    assert length == pytest.approx(100 * np.pi * (1.5 if large else 0.5), rel=0.01)


def test_arcs_with_flags_written_together_and_radii_too_small() -> None:
    packed = only(f'<path d="M100 100a100 100 0 01100 100" {PEN}/>')
    assert packed[-1] == pytest.approx((200, 200))
    grown = only(f'<path d="M100 100A1 1 0 0 1 200 100" {PEN}/>')
    assert np.hypot(*(grown - (150, 100)).T) == pytest.approx(np.full(len(grown), 50), abs=0.01)
    turned = only(f'<path d="M100 100A60 30 90 0 1 160 100" {PEN}/>')
    assert turned[:, 1].min() == pytest.approx(40, abs=0.5)


def test_basic_shapes() -> None:
    assert only(f'<line x1="1" y1="2" x2="30" y2="40" {PEN}/>').tolist() == [[1, 2], [30, 40]]
    assert len(only(f'<polyline points="0,0 10,0 10,10" {PEN}/>')) == 3
    polygon = only(f'<polygon points="0,0 10,0 10,10" {PEN}/>')
    assert polygon[0].tolist() == polygon[-1].tolist()
    circle = only(f'<circle cx="100" cy="120" r="50" {PEN}/>')
    assert np.hypot(*(circle - (100, 120)).T) == pytest.approx(np.full(len(circle), 50))
    ellipse = only(f'<ellipse cx="100" cy="120" rx="80" ry="40" {PEN}/>')
    assert (ellipse.min(0) == pytest.approx((20, 80), abs=0.5)) and len(ellipse) > 20
    rect = only(f'<rect x="10" y="20" width="100" height="50" {PEN}/>')
    assert rect.tolist() == [[10, 20], [110, 20], [110, 70], [10, 70], [10, 20]]
    rounded = only(f'<rect x="10" y="20" width="100" height="50" rx="10" {PEN}/>')
    assert rounded.min(0).tolist() == pytest.approx([10, 20])
    assert rounded.max(0).tolist() == pytest.approx([110, 70])
    assert np.hypot(*(rounded - (10, 20)).T).min() == pytest.approx(10 * (2**0.5 - 1), abs=0.1)


def test_transforms_of_groups_are_nested() -> None:
    inside = (
        '<g transform="translate(100 50)"><g transform="rotate(90) scale(2, 1)">'
        f'<line x1="0" y1="0" x2="10" y2="0" {PEN} transform="matrix(1 0 0 1 5 0)"/></g></g>'
    )
    (stroke,) = strokes(inside)
    assert stroke.xy == pytest.approx(np.array([(100, 60), (100, 80)]))
    assert stroke.width[0] == pytest.approx(2**0.5)
    skewed = only(f'<line x1="0" y1="0" x2="0" y2="10" {PEN} transform="skewX(45)"/>')
    assert skewed[-1] == pytest.approx((10, 10))
    turned = only(f'<line x1="20" y1="10" x2="30" y2="10" {PEN} transform="rotate(90 10 10)"/>')
    assert turned == pytest.approx(np.array([(10, 20), (10, 30)]))


def test_the_view_box_fits_into_the_canvas() -> None:
    line = f'<line x1="10" y1="10" x2="20" y2="10" {PEN}/>'
    drawing = read_svg(svg(line, 'width="400px" height="300" viewBox="10 10 100 100"'))
    assert drawing.sketch.size == (400, 300)
    (stroke,) = drawing.sketch.strokes
    assert stroke.xy == pytest.approx(np.array([(50, 0), (80, 0)]))
    assert stroke.width[0] == pytest.approx(3)
    alone = read_svg(svg(line, 'viewBox="0 0 600 400"')).sketch
    assert alone.size == (600, 400)
    tiny = read_svg(svg(line, 'width="24" height="12" viewBox="0 0 24 12"')).sketch
    assert tiny.size == (256, 128)
    metric = read_svg(svg(line, 'width="10cm" height="5cm"')).sketch
    assert metric.size == (378, 189)
    huge = read_svg(svg(line, 'width="100000" height="50000"')).sketch
    assert max(huge.size) == 12_000


def test_paint_is_inherited_and_style_wins() -> None:
    hidden = (
        f'<g fill="none"><circle cx="9" cy="9" r="5"/></g><line x2="9" y2="9" {PEN}/>'
        f'<g display="none"><line x2="9" y2="9" {PEN}/></g>'
        f'<line x2="9" y2="9" {PEN} style="stroke:none"/>'
        f'<line x2="9" y2="9" {PEN} visibility="hidden"/>'
    )
    assert len(strokes(hidden)) == 1
    (wide,) = strokes(f'<g style="stroke-width: 4pt"><line x2="9" y2="9" {PEN}/></g>')
    assert wide.width[0] == pytest.approx(16 / 3)
    assert len(only('<circle cx="50" cy="50" r="20"/>')) > 10  # filled: its outline


def test_style_sheets_name_classes() -> None:
    sheet = (
        "<defs><style>/* .b{display:none} */ .a,.c{fill:none;stroke:#231f20;stroke-width:3px}"
        ".gone{display:none} #d{stroke-width:5 !important}</style></defs>"
    )
    lines = ("class='a'", "class='c gone'", "class='a' id='d'", "class='a' stroke='none'", "")
    found = strokes(sheet + "".join(f"<line x2='9' y2='9' {line}/>" for line in lines))
    assert [stroke.width[0] for stroke in found] == [3, 5, 3]


def test_paper_is_no_line_and_white_erases() -> None:
    paper = '<rect width="100%" height="100%" fill="white"/>'
    path = '<path d="M0 0H400V300H0Z" fill="#eee"/>'
    ink = f'<line x1="5" y1="5" x2="90" y2="90" {PEN}/>'
    rubber = '<line x1="50" y1="50" x2="60" y2="60" stroke="#FFFFFF" stroke-width="5"/>'
    found = strokes(paper.replace("100%", "400", 1).replace("100%", "300") + path + ink + rubber)
    assert [stroke.erase for stroke in found] == [False, True]


def test_scripts_and_references_are_left_out_and_told(tmp_path: Path) -> None:
    told = tmp_path / "told"
    inside = (
        f'<script>open("{told}")</script><image href="file:///etc/passwd" width="9" height="9"/>'
        '<use href="http://127.0.0.1:9/a.svg#b"/><text>hello</text>'
        f'<foreignObject><line x2="9" y2="9" {PEN}/></foreignObject>'
        f'<line x2="9" y2="9" {PEN} onload="alert(1)"/>'
    )
    drawing = read_svg(svg(inside))
    assert len(drawing.sketch.strokes) == 1
    assert drawing.left_out == (
        "scripts",
        "embedded pictures",
        "linked copies",
        "text",
        "foreign content",
    )
    assert "scripts" in drawing.note
    with pytest.raises(InputError, match=r"no lines.*embedded pictures"):
        read_svg(svg('<image href="a.png"/>'))


def test_entities_are_refused_and_a_plain_doctype_is_not() -> None:
    bomb = '<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;">]>'
    body = svg(f'<line x2="9" y2="9" {PEN}/>').decode()
    with pytest.raises(InputError, match="entities"):
        read_svg((bomb + body).encode())
    outside = '<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    with pytest.raises(InputError, match="entities"):
        read_svg((outside + body).encode())
    plain = '<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://x/y.dtd">'
    assert len(read_svg((plain + body).encode()).sketch.strokes) == 1


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not xml",
        b"<svg",
        b"<html><body/></html>",
        b'<svg xmlns="http://other"/>',
        b'<?xml version="1.0" encoding="shift_jis"?><svg/>',
        svg("<g>" * 10_000 + "</g>" * 10_000),
        svg("<g/>" * 60_000),
        svg(""),
        svg(f'<path d="" {PEN}/>'),
        svg(f'<path d="M0 0" {PEN}/>'),
        svg(f'<line x2="9" {PEN}/>', 'width="-5" height="9"'),
    ],
    ids=range(12),
)
def test_what_is_no_drawing_says_so(content: bytes) -> None:
    with pytest.raises(InputError):
        read_svg(content)


@pytest.mark.parametrize(
    "part",
    [
        'd="M0 0 L1e400 5 9 9"',
        'd="M0 0 C"',
        'd="M0 0 A1 1 0 2 0 5 5"',
        'd="L L L"',
        'd="M0 0L5 5" transform="scale(1e300) scale(1e300)"',
        'd="M0 0L5 5" transform="rotate(" stroke-width="1e999"',
        'd="M0 0 C1e200 1e200 -1e200 5 9 9" stroke-width="nan"',
    ],
)
def test_malformed_parts_cost_no_more_than_themselves(part: str) -> None:
    drawing = read_svg(svg(f'<path {part} {PEN}/><line x1="3" y1="4" x2="9" y2="9" {PEN}/>'))
    assert drawing.sketch.strokes[-1].xy.tolist() == [[3, 4], [9, 9]]


def test_a_sketch_survives_the_way_out_and_back(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    pressed = Stroke.of(rng.uniform(20, 280, (12, 2)), rng.uniform(1, 6, 12))
    even = Stroke.of(rng.uniform(20, 280, (20, 2)), 3.0)
    rubber = Stroke.of([(50, 50), (250, 250)], 12.0, erase=True)
    dot = Stroke.of([(150, 40)], 6.0)
    sketch = Sketch((320, 300), (pressed, even, rubber, dot))
    save_svg(sketch, tmp_path / "a.svg")
    back = open_sketch(tmp_path / "a.svg")
    assert back.size == sketch.size
    before, after = (drawn_ink(s, canvas_frame(s.size), 128).astype(int) for s in (sketch, back))
    assert np.abs(before - after).mean() < 1
    assert svg_of(back).count("#ffffff") == 1
