"""COCO's 80 classes by their ids, and FsDet's division of them: the 20 of Pascal VOC are novel, the other 60 base.

Wang et al., Frustratingly Simple Few-Shot Object Detection, ICML 2020. Ids go to 90 with gaps; in a pack a class has
its place among them, in ascending order.
"""

from collections.abc import Mapping
from types import MappingProxyType

_GAPS = {12, 26, 29, 30, 45, 66, 68, 69, 71, 83}
_NAMES = (
    "person, bicycle, car, motorcycle, airplane, bus, train, truck, boat, traffic light, fire hydrant, stop sign, "
    "parking meter, bench, bird, cat, dog, horse, sheep, cow, elephant, bear, zebra, giraffe, backpack, umbrella, "
    "handbag, tie, suitcase, frisbee, skis, snowboard, sports ball, kite, baseball bat, baseball glove, skateboard, "
    "surfboard, tennis racket, bottle, wine glass, cup, fork, knife, spoon, bowl, banana, apple, sandwich, orange, "
    "broccoli, carrot, hot dog, pizza, donut, cake, chair, couch, potted plant, bed, dining table, toilet, tv, laptop, "
    "mouse, remote, keyboard, cell phone, microwave, oven, toaster, sink, refrigerator, book, clock, vase, scissors, "
    "teddy bear, hair drier, toothbrush"
)
IDS: tuple[int, ...] = tuple(number for number in range(1, 91) if number not in _GAPS)
NAMES: Mapping[int, str] = MappingProxyType(dict(zip(IDS, _NAMES.split(", "), strict=True)))
NOVEL_IDS: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7, 9, 16, 17, 18, 19, 20, 21, 44, 62, 63, 64, 67, 72)
BASE_IDS: tuple[int, ...] = tuple(number for number in IDS if number not in NOVEL_IDS)
NUMBERS: Mapping[int, int] = MappingProxyType({number: place for place, number in enumerate(IDS)})
"""A class's number in a pack, by its id."""
NOVEL: tuple[int, ...] = tuple(NUMBERS[number] for number in NOVEL_IDS)
BASE: tuple[int, ...] = tuple(NUMBERS[number] for number in BASE_IDS)
