"""R14: which activities have nearly one name."""

from collections import Counter, defaultdict
from functools import lru_cache
from itertools import islice

from .align import name_key

_TWINS_NAMED = 5  # 1,000 rows of one name are half a million pairs; nobody reads more than a few for a row


@lru_cache(maxsize=64)
def twins(names: tuple[str, ...]) -> dict[int, tuple[int, ...]]:
    """By place in `names`: the places of the first few earlier names that are the same or share 4 of 5 words.

    Two sets of words that overlap so far must share one of the rarest fifth (and one more) of either, so only rows
    found by those words are compared. Kept by the names alone: setting a cell changes none.
    """
    words = [frozenset(name_key(name).split()) for name in names]
    spread = Counter(word for each in words for word in each)
    bit = {word: 1 << at for at, word in enumerate(spread)}
    masks = [sum(bit[word] for word in each) for each in words]
    having: defaultdict[str, list[int]] = defaultdict(list)
    found: dict[int, tuple[int, ...]] = {}
    for place, mine in enumerate(words):
        rarest = sorted(mine, key=lambda word: (spread[word], word))[: len(mine) // 5 + 1]
        near = sorted({other for word in rarest for other in having[word]})
        if alike := tuple(islice((other for other in near if _are_alike(masks[place], masks[other])), _TWINS_NAMED)):
            found[place] = alike
        for word in rarest:
            having[word].append(place)
    return found


def _are_alike(one: int, other: int) -> bool:
    """Whether two sets of words, a bit for each, share 4 of 5. Bits, for sets of 100 words each took seconds in all."""
    return 5 * (one & other).bit_count() >= 4 * (one | other).bit_count()  # whole numbers: 0.8 is none in binary
