"""OOD detection against ImageNet-1k, by OpenOOD v1.5; its packs are imported by the suite `imagenet`."""

from farfield_evaluators.cards import our_cards
from farfield_evaluators.suite import Suite
from farfield_evaluators.suites.openood.benchmarks import OPENOOD_BENCHMARKS
from farfield_evaluators.suites.openood.reported import REPORTED

SUITE = Suite(name="openood", place=4, benchmarks=OPENOOD_BENCHMARKS, reported=REPORTED, cards=our_cards())
