"""VUNet's protocol of reconstruction: held-out things painted in their own shape and look."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from trainer.data.coco import PersonSample
from trainer.metrics import asking, similarity, sketch_bench
from trainer.metrics.asking import Asking
from trainer.metrics.edge_fidelity import NEAREST
from trainer.metrics.figures import Figure
from trainer.metrics.likeness import Likeness, Measure, likeness_figures
from trainer.metrics.nearest import TrainingPhotos, described
from trainer.metrics.notes import Notes
from trainer.metrics.protocol_judges import FORMULA
from trainer.metrics.protocol_people import held_out
from trainer.metrics.protocol_sets import inception_figures
from trainer.metrics.protocol_subject import Subject
from trainer.metrics.published import published
from trainer.metrics.reconstruction import reconstruction_sheet, reconstructions
from trainer.metrics.sheets import Cell, contact_sheet, strided
from trainer.metrics.sketch_bench import Pixels
from trainer.metrics.sketch_set import CASES, sketches
from trainer.metrics.stage import on_white

ID = "vunet-reconstruction"
SHOWN = 18
"""Products on the sheet."""
_PEOPLE = Measure(
    ID,
    "Reconstruction",
    f"each held-out person's own look at their own pose, {asking.PROTOCOL}; compared with the "
    "photo on white, inside the person's box (margin 4 % of the frame)",
)


def measure(subject: Subject, notes: Notes) -> None:
    """SSIM and Inception score of people or products painted as they are.

    Esser et al., CVPR 2018, section 4.2: the image given its own shape and appearance.

    Raises:
        GuiseError: no data, or something cannot be painted.
    """
    if {"FromPhoto", "Vector"}.isdisjoint(subject.card.takes):
        notes.gap(ID, f"{subject.card.id} takes no looks of photos")
    elif subject.card.shape == "Sketch":
        _measure_sketches(subject, notes)
    else:
        _measure_people(subject, notes)


def reconstructed(subject: Subject, notes: Notes) -> list[Likeness]:
    """Every held-out person painted as they are, beside the nearest training photos."""

    def make() -> list[Likeness]:
        everyone, train = held_out(subject, notes)
        people = [person.squared() for person in everyone]
        asked = Asking(subject.session, subject.card.id, subject.card.side)
        with notes.timed(f"{ID}, paint"):
            return reconstructions(asked, people, _training(subject, notes, train))

    return subject.once("reconstructed", make)


def _measure_people(subject: Subject, notes: Notes) -> None:
    """SSIM, feature distance and Inception score of people painted as they are.

    Esser et al., CVPR 2018, section 4.2: the image given its own shape and appearance. The paper's
    SSIM is of whole pictures; ours is stricter, inside the person's box.

    Raises:
        GuiseError: no data, or somebody cannot be painted.
    """
    cases = reconstructed(subject, notes)
    judge = subject.judges.likeness(notes, f"{ID}.feature_distance")
    notes.judges |= FORMULA
    with notes.timed(ID):
        for figure in likeness_figures(cases, judge, _PEOPLE):
            whole = {"whole frame, on white": _whole(cases)} if figure.judge == "formula" else {}
            notes.figures.append(
                msgspec.structs.replace(
                    figure, detail=figure.detail | whole, published=published(figure.id)
                )
            )
    notes.sheet(ID, lambda: reconstruction_sheet(cases))
    painted = [on_white(case.painted) for case in cases]
    real = {"real photos": [on_white(case.truth) for case in cases]}
    how = f"{_PEOPLE.protocol}; whole frames"
    with notes.timed(f"{ID}, Inception score"):
        notes.figures += inception_figures(
            subject.judges, notes, f"{ID}.is", "Reconstruction, IS", how, painted, real
        )


def _training(
    subject: Subject, notes: Notes, samples: Sequence[PersonSample]
) -> TrainingPhotos | None:
    """The training photos described by the judge of likeness; None without its weights."""
    judge = subject.judges.likeness(notes, f"{ID}.nearest")
    if judge is None:
        return None
    with notes.timed("describe training photos"):
        return described(samples, subject.card.side, judge)


def _whole(cases: Sequence[Likeness]) -> float:
    each = [similarity.ssim(on_white(case.painted), on_white(case.truth)) for case in cases]
    return sum(each) / len(each)


def _measure_sketches(subject: Subject, notes: Notes) -> None:
    given = sketches(subject, notes, subject.count(CASES))
    group = given.groups[0]
    known = [(case, case.photo) for case in group.cases if case.photo is not None]
    with notes.timed(f"{ID}, paint"):
        painted = given.encoded
    copies = [given.nearest.photo(case.lines) for case, _ in known]
    photos = [photo for _, photo in known]
    notes.sheet(ID, lambda: _sheet(photos, painted, copies))
    notes.judges |= FORMULA
    how = f"{len(known)} held-out edges with the looks of their own photos, {sketch_bench.PROTOCOL}"
    with notes.timed(ID):
        notes.figures.append(_ssim([c.name for c, _ in known], painted, copies, photos, how))
        notes.figures += inception_figures(
            subject.judges,
            notes,
            f"{ID}.is",
            "Reconstruction, IS",
            how,
            painted,
            {"real photos": photos, NEAREST: copies},
        )


def _ssim(
    names: Sequence[str],
    painted: Sequence[Pixels],
    copies: Sequence[Pixels],
    photos: Sequence[Pixels],
    how: str,
) -> Figure:
    def each(pictures: Sequence[Pixels]) -> list[float]:
        return [similarity.ssim(a, b) for a, b in zip(pictures, photos, strict=True)]

    found, copied = each(painted), float(np.mean(each(copies)))
    return Figure(
        id=f"{ID}.ssim",
        title="Reconstruction, SSIM",
        protocol=f"{how}; against the photo; {similarity.PROTOCOL}",
        judge="formula",
        n=len(found),
        value=float(np.mean(found)),
        baselines={NEAREST: copied},
        better="higher",
        target=(copied, None),
        target_says="above the photo of the nearest training edges",
        cases=dict(zip(names, found, strict=True)),
        published=published(f"{ID}.ssim"),
    )


def _sheet(photos: Sequence[Pixels], painted: Sequence[Pixels], copies: Sequence[Pixels]) -> Pixels:
    """(H, W, 3) some photos, each beside its painting and the photo of the nearest edges."""
    cells: list[Cell] = []
    for i in strided(len(photos), SHOWN):
        cells += [Cell("photo", photos[i]), Cell("painted", painted[i])]
        cells += [Cell("nearest", copies[i])]
    return contact_sheet([cells[n : n + 9] for n in range(0, len(cells), 9)], photos[0].shape[0])
