"""A cache of very small values stays small, too."""

from engine.cache import ByteCache


def test_values_that_weigh_nothing_do_not_pile_up():
    cache, made = ByteCache[str](10**9, lambda _: 0), []
    for look in range(5000):
        cache.get(look, lambda look=look: made.append(look) or str(look))
    cache.get(4999, lambda: made.append("again") or "")
    assert len(made) == 5000
    cache.get(0, lambda: made.append("first") or "")
    assert made[-1] == "first"
