"""What the entry point names: long tails as a suite; apart, so that its parts import one another without it."""

from farfield_evaluators.cards import our_cards
from farfield_evaluators.suite import Suite
from farfield_evaluators.suites.longtail.benchmarks import LONG_TAILS

SUITE = Suite(name="longtail", place=40, benchmarks=LONG_TAILS, cards=our_cards())
