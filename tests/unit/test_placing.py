"""Pictures at other sizes and places."""

import numpy as np

from engine.painters.base import Frame
from engine.picture import Picture
from engine.placing import placed, resized, scaled_size


def frame_picture(side=80):
    """Opaque on a red square in the middle; transparent elsewhere, with green colour to leak."""
    pixels = np.zeros((side, side, 4), np.uint8)
    pixels[..., 1] = 255
    third = slice(side // 4, 3 * side // 4)
    pixels[third, third] = (255, 0, 0, 255)
    return Picture(pixels)


def test_at_full_size_pixels_are_copied_also_over_the_edge():
    source = frame_picture()
    picture = placed(source, Frame(-10, 30, 80), (60, 90), None)
    assert picture.size == (60, 90)
    assert np.array_equal(picture.pixels[30:90, 0:60], source.pixels[0:60, 10:70])
    assert not picture.pixels[:30].any()


def test_a_frame_beside_the_photo_leaves_it_empty():
    assert not placed(frame_picture(), Frame(500, 0, 80), (60, 90), None).pixels.any()


def test_scaled_pictures_keep_their_place_and_do_not_leak_colour():
    for side in (40, 80, 160, 233):
        picture = placed(frame_picture(side), Frame(10, 20, 80), (100, 120), 60).pixels
        assert picture.shape == (60, 50, 4)
        alpha = picture[..., 3].astype(float)
        ys, xs = np.mgrid[:60, :50] + 0.5
        # The square spans 30..70 x 40..80 of the photo, at half size.
        assert abs((xs * alpha).sum() / alpha.sum() - 25) < 0.2
        assert abs((ys * alpha).sum() / alpha.sum() - 30) < 0.2
        assert abs(alpha.sum() / 255 - 20 * 20) < 12
        assert (picture[alpha > 0][:, 1] < 12).all()


def test_sizes():
    assert scaled_size((300, 100), None) == (300, 100)
    assert scaled_size((300, 100), 150) == (150, 50)
    assert scaled_size((10_000, 3), 100) == (100, 1)
    photo = Picture(np.full((100, 300, 3), 7, np.uint8))
    assert resized(photo, None) is photo and resized(photo, 300) is photo
    assert resized(photo, 30).size == (30, 10) and (resized(photo, 600).pixels == 7).all()
