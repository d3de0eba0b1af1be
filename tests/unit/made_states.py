"""Looks, poses and documents of every kind, for tests of what is written and read."""

from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import strategies as st

from engine.appearance import BODY, FromPhoto, Mix, Parts, Sampled
from engine.finishing import Finish
from engine.perception.base import Reading
from engine.photo import Photo
from engine.photo_files import png_bytes
from engine.picture import Picture
from engine.request import Scene
from engine.shape_files import Rasters
from engine.shapes.pose import Pose
from studio.editors.pose.document import PoseWanted
from studio.editors.pose.form import PoseState
from studio.entries import Entry
from studio.project_state import NamedLook, PainterNote, View
from tests.unit.people import drawn_person

PHOTO, MASK, POSE = drawn_person((60, 80))
OTHER = Photo(255 - PHOTO.pixels)
RASTERS = Rasters(
    {PHOTO.digest: PHOTO, OTHER.digest: OTHER}.__getitem__, {MASK.digest: MASK}.__getitem__
)
numbers = st.floats(-1e8, 1e8, allow_subnormal=False)
poses = st.builds(
    lambda flat, marks: Pose(np.array(flat).reshape(18, 2), np.array(marks, np.uint8), (60, 80)),
    st.lists(numbers, min_size=36, max_size=36),
    st.lists(st.integers(0, 2), min_size=18, max_size=18),
)
leaves = st.one_of(
    st.builds(FromPhoto, st.sampled_from([PHOTO, OTHER]), poses, st.sampled_from([None, MASK])),
    st.builds(Sampled, st.integers(-(2**63), 2**64 - 1), poses),
)
looks = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(Mix, inner, inner, st.floats(0, 1)),
        st.builds(
            lambda d, r: Parts(d, tuple(r.items())),
            inner,
            st.dictionaries(st.sampled_from(BODY), inner),
        ),
    ),
    max_leaves=4,
)


def thumbnail(shade):
    """A small PNG file."""
    return png_bytes(Picture(np.full((24, 16, 3), shade % 256, np.uint8)))


READING = Reading(PHOTO, POSE, MASK, tuple(np.linspace(0, 1, 18).tolist()), True)
wanteds = st.builds(
    PoseWanted,
    poses,
    poses,
    st.sampled_from(["people", "someone's"]),
    st.one_of(st.none(), looks),
    st.sampled_from([None, MASK]),
    st.builds(Finish, st.floats(0, 50), st.floats(0, 1)),
    st.sampled_from(Scene),
)
moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).map(
    lambda moment: moment.replace(tzinfo=UTC)
)
entries = st.builds(
    Entry,
    wanteds,
    st.integers(0, 255).map(thumbnail),
    st.booleans(),
    st.floats(0, 1e6),
    moments,
)
readings = st.builds(
    lambda pose, found: Reading(PHOTO, pose, MASK, READING.confidence, found),
    poses,
    st.booleans(),
)
states = st.builds(
    PoseState,
    name=st.text(max_size=12),
    reading=readings,
    wanted=wanteds,
    fitting=st.booleans(),
    selected=st.frozensets(st.integers(0, 17)),
    locked=st.frozensets(st.integers(0, 17)),
    people=st.lists(readings, max_size=2).map(tuple),
    painter=st.one_of(st.none(), st.builds(PainterNote, st.text(max_size=9), weights=st.text())),
    history=st.lists(entries, max_size=3).map(tuple),
    favourites=st.lists(st.builds(NamedLook, st.text(), looks), max_size=2).map(tuple),
    view=st.builds(
        View,
        st.sampled_from(["side", "wipe"]),
        st.floats(0, 64),
        st.one_of(st.none(), st.tuples(numbers, numbers)),
    ),
    thumbnail=st.sampled_from([b"", thumbnail(9)]),
)


def full_state():
    """A document with some of everything."""
    look = Parts(Sampled(7, POSE), (("head", FromPhoto(OTHER, POSE)), ("feet", Sampled(8, POSE))))
    wanted = PoseWanted(POSE, POSE.moved(left_wrist=(30.25, 11.125)), "people", look)
    start = datetime(2030, 5, 6, 7, 8, 9, 123456, UTC)
    history = tuple(
        Entry(wanted._replace(look=None), thumbnail(n), n == 1, 0.25, start + timedelta(minutes=n))
        for n in range(3)
    )
    return PoseState(
        name="walker",
        reading=READING,
        wanted=wanted,
        selected=frozenset({3, 4}),
        painter=PainterNote("people", "People", "ab" * 32, "Free.", True),
        history=history,
        favourites=(NamedLook("Red coat", look, thumbnail(5)),),
        thumbnail=thumbnail(3),
    )
