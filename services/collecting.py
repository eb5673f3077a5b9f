"""How often the collector of cyclic garbage looks: seldom, for what is made here are trees."""

import gc

_YOUNG, _MIDDLE, _OLD = 50_000, 20, 100


def collect_seldom() -> None:
    """From here on what is loaded is not looked through again, and new objects are after 50,000 of them, not after 700.

    Decoding an event makes some twenty objects and no cycle: by default a third of a replay was spent looking for one.
    """
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)
