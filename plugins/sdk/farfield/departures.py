"""Departures: in what a method, or how its results were had, leaves the usual rules of a comparison.

A benchmark whose authors have such rules names those that it forbids or refuses; a method declares its own in
`TrackClaims(departs=...)`. Elsewhere they decide nothing. Extra data has an entry of its own there, `extra_data`.
"""

from collections.abc import Mapping

TEST_DATA, TRAINS_ON_VALIDATION = "uses-test-data", "trains-on-validation"
SELECTS_ELSEWHERE, BATCH_STATISTICS = "selects-elsewhere", "batch-statistics"

DEPARTURES: Mapping[str, str] = {
    TEST_DATA: "it learned from test data, or was chosen by them",
    SELECTS_ELSEWHERE: "it was chosen by other data than the official validation split",
    TRAINS_ON_VALIDATION: "it was trained on validation data, too",
    BATCH_STATISTICS: "it predicts with statistics of the test batch",
}
"""What each says of an entry, within a sentence."""
