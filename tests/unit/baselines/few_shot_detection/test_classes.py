"""Base and novel classes: what is left of a scene, and under which label."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.baselines.few_shot_detection.made import scene

from farfield import AnnotatedImage, RunContext
from farfield.families.toys import Scenes
from farfield_baselines.few_shot_detection.classes import OfClasses, base_classes, of_classes


def test_base_classes_are_those_that_are_not_novel() -> None:
    context = RunContext(class_names=("a", "b", "c", "d"), novel_classes=(3, 1))
    assert base_classes(context) == (0, 2)


@given(st.lists(st.integers(0, 6), max_size=8), st.lists(st.integers(0, 6), unique=True, min_size=1))
def test_objects_of_other_classes_go_with_their_boxes_and_masks(labels: list[int], classes: list[int]) -> None:
    count = len(labels)
    boxes, masks = np.arange(4.0 * count).reshape(count, 4), np.zeros((count, 1, 8), bool)
    masks[np.arange(count), 0, np.arange(count)] = True
    image = np.zeros((1, 8, 3), np.uint8)
    whole = AnnotatedImage(image=image, boxes=boxes, labels=np.array(labels, np.int64), masks=masks, domain=1)
    part = of_classes(whole, np.array(classes))
    left = [place for place, label in enumerate(labels) if label in classes]
    assert [classes[place] for place in part.labels] == [labels[place] for place in left]
    np.testing.assert_array_equal(part.boxes, boxes[left])
    assert part.masks is not None
    np.testing.assert_array_equal(part.masks, masks[left])
    assert part.domain == 1


def test_a_set_keeps_its_length_and_its_domains_and_reads_when_asked() -> None:
    listed = Scenes([scene([0, 1], 1), replace(scene([1], 2), domain=1)])
    part = OfClasses(listed, (1,))
    assert len(part) == 2
    assert part.domains.tolist() == [0, 1]
    assert [each.labels.tolist() for each in part] == [[0], [0]]
    assert part[0:1][0].labels.tolist() == [0]
    assert part[-1].domain == 1
    with pytest.raises(IndexError):
        part[2]
