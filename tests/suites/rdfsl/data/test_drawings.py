"""`rdfsl-drawings`: queries are by families of artists that neither base nor support has, and there are enough."""

import pytest

from farfield_evaluators.catalog import find
from farfield_evaluators.data.packs import Pack
from farfield_evaluators.suites.rdfsl.data.drawings import LEARNED_STYLES, NOVEL, QUERY_STYLES, STYLES, import_drawings
from farfield_evaluators.suites.rdfsl.drawings import QUERIES, SHOTS
from farfield_evaluators.suites.rdfsl.plan import Episodes
from farfield_evaluators.suites.rdfsl.sets import support_of
from farfield_evaluators.suites.rdfsl.staging import pools

FAMILIES = ("openmoji", "symbola", "fluent", "noto", "twemoji", "emojione", "photographs")


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    return import_drawings(tmp_path_factory.mktemp("packs"))


def family(style: str) -> str:
    (name,) = (name for name in FAMILIES if style.startswith(name))
    return name


def test_no_family_of_artists_is_on_both_sides() -> None:
    asked = {family(style) for styles in QUERY_STYLES.values() for style in styles}
    assert not {family(style) for style in LEARNED_STYLES} & asked


def test_base_classes_are_no_class_of_an_episode(pack: Pack) -> None:
    names = [each.name for each in pack.classes]
    assert names[-len(NOVEL) :] == list(NOVEL)
    base = {names[label] for label in pack.labels[pack.members("base")]}
    assert base == set(names) - set(NOVEL)
    assert len(base) == 26


def test_every_class_has_enough_for_an_episode_by_artists_of_its_set(pack: Pack) -> None:
    board = find("rdfsl/drawings")
    assert isinstance(board.plan, Episodes)
    for domain in board.domains:
        found = pools(pack, domain, board.plan.episode({"shots": max(SHOTS)}))
        assert len(found) == len(NOVEL)
        assert min(len(pool.queries) for pool in found) >= 15 > QUERIES
        for name, styles in ((domain.set, QUERY_STYLES[domain.name]), (support_of(domain.set), LEARNED_STYLES)):
            seen = {STYLES[number] for number in pack.domain_numbers[pack.members(name)]}
            assert seen == set(styles)
