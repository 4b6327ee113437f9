"""The suite `mini`: what the demo shows first."""

from farfield_evaluators.cards import our_cards
from farfield_evaluators.suite import OwnImporter, Suite
from farfield_evaluators.suites.mini.classification import IMAGENET_OOD_MINI
from farfield_evaluators.suites.mini.detection import OOD_DETECTION_MINI


def _importers() -> tuple[OwnImporter, ...]:
    from farfield_evaluators.data.demo import NAME, import_demo

    return (OwnImporter(name=NAME, build=import_demo, source="comes with the distribution `farfield-demo`"),)


SUITE = Suite(
    name="mini", place=1, benchmarks=(IMAGENET_OOD_MINI, OOD_DETECTION_MINI), importers=_importers, cards=our_cards()
)
