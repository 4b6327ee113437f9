"""RefT's parts: what is pooled, what re-weights, what is linked, and of what each does not depend."""

import torch

from farfield_baselines.networks.query_segmenter_decoder import Predicted
from farfield_baselines.networks.query_segmenter_frames import Truth
from farfield_baselines.networks.query_segmenter_reference import Reference, Support, best_queries, class_centres
from farfield_baselines.networks.seeding import seeded

WIDTH, CLASSES = 16, 4


def reference(**parts: bool) -> Reference:
    """With weights that do something."""
    with seeded("cpu", 0):
        made = Reference(WIDTH, 4, CLASSES, **{"centres": True, "link": True} | parts)
        for parameter in made.parameters():
            torch.nn.init.normal_(parameter, std=0.5)
    return made


def features(count: int = 2, seed: int = 1) -> torch.Tensor:
    with seeded("cpu", seed):
        return torch.randn(count, WIDTH, 4, 4)


def support(present: list[bool], queries: int = 3) -> Support:
    with seeded("cpu", 2):
        centres, linked = torch.randn(CLASSES, WIDTH), torch.randn(queries, WIDTH)
    return Support(centres=centres, present=torch.tensor(present), queries=linked)


def truth(label: int, rows: slice) -> Truth:
    masks = torch.zeros(1, 8, 8)
    masks[0, rows] = 1.0
    return Truth(labels=torch.tensor([label]), masks=masks)


def test_a_centre_is_the_mean_inside_masks_and_of_nothing_outside() -> None:
    maps = features()
    told = [truth(1, slice(0, 4)), truth(1, slice(4, 8))]
    sums, counts = class_centres(maps, told, CLASSES)
    assert counts.tolist() == [0.0, 2.0, 0.0, 0.0]
    torch.testing.assert_close(sums[1], maps[0, :, :2].mean((1, 2)) + maps[1, :, 2:].mean((1, 2)))
    outside = maps.clone()
    outside[0, :, 2:], outside[1, :, :2] = 100.0, -100.0
    torch.testing.assert_close(class_centres(outside, told, CLASSES)[0], sums)


def test_an_object_smaller_than_a_place_still_has_a_centre() -> None:
    masks = torch.zeros(1, 8, 8)
    masks[0, 0, 0] = 0.5
    sums, counts = class_centres(features(1), [Truth(labels=torch.tensor([3]), masks=masks)], CLASSES)
    assert counts[3] == 1
    torch.testing.assert_close(sums[3], features(1)[0, :, 0, 0])


def test_a_centre_of_a_class_that_the_support_lacks_changes_nothing() -> None:
    known, made = support([False, True, False, False]), reference()
    (before,) = made.features([features()], known)
    others = known.centres.clone()
    others[[0, 2, 3]] += 5.0
    (after,) = made.features([features()], Support(centres=others, present=known.present, queries=known.queries))
    torch.testing.assert_close(after, before, rtol=0, atol=0)
    own = known.centres.clone()
    own[1] += 5.0
    (changed,) = made.features([features()], Support(centres=own, present=known.present, queries=known.queries))
    assert (changed - before).abs().max() > 0.01


def test_all_classes_weigh_at_once_in_whatever_order() -> None:
    known, made = support([True, True, True, False]), reference()
    order = torch.tensor([2, 3, 0, 1])
    turned = Support(centres=known.centres[order], present=known.present[order], queries=known.queries.flip(0))
    torch.testing.assert_close(made.features([features()], turned)[0], made.features([features()], known)[0])
    queries = features().flatten(2).transpose(1, 2)
    torch.testing.assert_close(made.queries(queries, turned), made.queries(queries, known))
    assert (made.queries(queries, known) - queries).abs().max() > 0.01


def test_weights_lie_between_nothing_and_twice() -> None:
    (weighted,) = reference().features([features()], support([True] * 4))
    share = weighted / features()
    assert share.min() >= 0
    assert share.max() <= 2
    assert share.std() > 0.01


def test_both_parts_begin_as_if_they_were_not_there() -> None:
    made, known = Reference(WIDTH, 4, CLASSES, centres=True, link=True), support([True] * 4)
    queries = features().flatten(2).transpose(1, 2)
    torch.testing.assert_close(made.features([features()], known)[0], features())
    torch.testing.assert_close(made.queries(queries, known), queries)


def test_a_part_that_is_off_does_nothing() -> None:
    known, queries = support([True] * 4), features().flatten(2).transpose(1, 2)
    plain = reference(centres=False, link=False)
    assert not plain.in_use
    assert plain.features([features()], known)[0].equal(features())
    assert plain.queries(queries, known).equal(queries)
    assert reference(link=False).queries(queries, known).equal(queries)
    assert reference(centres=False).features([features()], known)[0].equal(features())
    assert reference(centres=False).in_use


def test_a_support_set_that_shows_nothing_does_nothing() -> None:
    empty, made = support([False] * 4, queries=0), reference()
    queries = features().flatten(2).transpose(1, 2)
    assert made.features([features()], empty)[0].equal(features())
    assert made.queries(queries, empty).equal(queries)


def test_centres_are_remembered_and_move_slowly() -> None:
    made = reference()
    ones = torch.ones(CLASSES, WIDTH)
    made.remember(ones, torch.tensor([True, False, False, False]), kept=0.9)
    made.remember(3 * ones, torch.tensor([True, True, False, False]), kept=0.9)
    known = made.remembered
    assert known.present.tolist() == [True, True, False, False]
    torch.testing.assert_close(known.centres[:, 0], torch.tensor([1.2, 3.0, 0.0, 0.0]))


def test_the_best_queries_are_the_least_likely_no_object() -> None:
    classes = torch.zeros(1, 3, 2)
    classes[0, :, 1] = torch.tensor([1.0, -1.0, 0.0])
    queries = torch.arange(3.0)[None, :, None].expand(1, 3, WIDTH)
    best, scores = best_queries(Predicted(classes=classes, masks=torch.zeros(1, 3, 2, 2), queries=queries), 2)
    assert best[:, 0].tolist() == [1.0, 2.0]
    torch.testing.assert_close(scores, torch.sigmoid(torch.tensor([1.0, 0.0])))
