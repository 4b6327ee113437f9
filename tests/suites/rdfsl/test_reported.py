"""CRLNet's own figures stand on the official board, each in a column, with its mean left to nobody."""

from farfield_evaluators.catalog import find
from farfield_evaluators.suites.rdfsl.reported import REPORTED


def test_every_figure_has_a_column() -> None:
    (row,) = REPORTED
    board = find(row.benchmark)
    assert row.figures.keys() <= {(column.metric, column.domain) for column in board.columns}
    assert row.figures["accuracy", "plant-virus[shots=10]"] == 0.8604
    assert len(row.figures) == 18


def test_the_headline_is_the_mean_at_five_shots() -> None:
    for name in ("rdfsl/official", "rdfsl/drawings"):
        assert (find(name).columns[0].domain, find(name).columns[0].title) == ("shifts[shots=5]", "Mean, 5 shots")
