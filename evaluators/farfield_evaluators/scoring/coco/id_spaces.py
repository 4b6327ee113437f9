"""Ids of another space: what the ids of a results file say together about how they were written."""

from collections.abc import Iterator

from farfield_evaluators.problems import Problem
from farfield_evaluators.scoring.coco.annotations import Truth
from farfield_evaluators.scoring.coco.problems import OTHER_IDS

LEAST = 3  # distinct ids, of which something can be said


def id_space_problems(truth: Truth, categories: set[int], images: set[int]) -> Iterator[Problem]:
    """What all ids together have wrong, where some category is unknown, or every image is."""
    known = set(truth.categories.tolist())
    if not categories <= known and len(categories) >= LEAST:
        says = category_hint(categories, known)
        if says:
            yield Problem(code=OTHER_IDS, where="category_id", says=says)
    if images and images.isdisjoint(truth.images.tolist()):
        says = "none of the images is in the annotations: the results are of another set of images"
        yield Problem(code=OTHER_IDS, where="image_id", says=says)


def category_hint(ids: set[int], known: set[int]) -> str:
    """How category ids may have come about that are not all known; empty where that is not to be seen.

    >>> category_hint({0, 1, 2}, {1, 2, 4})
    'they are numbers of classes from 0; write the ids of the annotations, which go from 1 to 4'
    >>> category_hint({2, 3, 5}, {1, 2, 4})
    'all would be known if each was lower by one: the list of categories is shifted'
    """
    if max(known) - min(known) + 1 > len(known):  # ids with gaps, which numbers of classes do not have
        for first in (0, 1):
            if ids <= set(range(first, first + len(known))) and first in ids:
                ends = f"which go from {min(known)} to {max(known)}"
                return f"they are numbers of classes from {first}; write the ids of the annotations, {ends}"
    for step, word in ((1, "higher"), (-1, "lower")):
        if {number + step for number in ids} <= known:
            return f"all would be known if each was {word} by one: the list of categories is shifted"
    return ""
