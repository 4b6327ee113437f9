"""Published figures: each with its source, on a benchmark that has such a figure."""

import re

import pytest

from farfield.errors import UnknownName
from farfield_evaluators.catalog import benchmarks, catalog, find, reported_for
from farfield_evaluators.reported import Reported, Unplaced
from farfield_evaluators.suites.domainbed import published

REPORTED, UNPLACED = catalog().reported, catalog().unplaced
AGGREGATES = {"id", "shifts", "near", "far"}


def one(benchmark: str, method: str) -> Reported:
    (found,) = [r for r in reported_for(benchmark) if r.method == method]
    return found


@pytest.mark.parametrize("reported", REPORTED, ids=lambda r: f"{r.benchmark} {r.method}")
def test_every_figure_is_one_of_its_benchmark(reported: Reported) -> None:
    benchmark = find(reported.benchmark)
    metrics = {m.name for m in benchmark.metrics}
    domains = benchmark.plan.domains([d.name for d in benchmark.domains]) | AGGREGATES
    assert {(m, d) for m, d in reported.figures if m not in metrics or d not in domains} == set()
    assert any((c.metric, c.domain) in reported.figures for c in benchmark.columns)
    assert all(0 <= value <= 1 for value in reported.figures.values())


@pytest.mark.parametrize("reported", [*REPORTED, *UNPLACED], ids=lambda r: f"{type(r).__name__} {r.method}")
def test_every_source_says_where_and_how_well_it_is_known(reported: Reported | Unplaced) -> None:
    assert re.search(r"\[[VS]\]", reported.source)
    assert re.search(r"arXiv \d{4}\.\d{5}|timm|EasyRobust|later papers", reported.source)


def test_a_method_is_reported_once_on_a_benchmark() -> None:
    pairs = [(r.benchmark, r.method) for r in REPORTED]
    assert len(pairs) == len(set(pairs))


def test_the_bars() -> None:
    car_ft = one("imagenet-ood/imagenet", "CLIP ViT-B/16, CAR-FT").figures
    assert [car_ft["accuracy", d] for d in ("val", "v2", "r", "a", "sketch")] == [
        0.8327,
        0.7403,
        0.7537,
        0.4953,
        0.5297,
    ]
    resnet = one("imagenet-ood/imagenet", "ResNet-50 (torchvision)").figures
    assert (resnet["accuracy", "a"], resnet["accuracy", "objectnet"]) == (0.0, 0.35751)
    assert one("imagenet-ood/imagenet-c", "DAT, ViT-B/16").figures["mce", "shifts"] == 0.4559
    zode = one("ood-detection/imagenet-classic", "ZODE, zoo of 5 models").figures
    assert (zode["fpr95-classic", "far"], zode["auroc", "far"]) == (0.281, 0.9399)


@pytest.mark.parametrize(
    ("method", "near", "far"),
    [("MSP", 0.7602, 0.8523), ("MaxLogit", 0.7646, 0.8957), ("Energy", 0.7589, 0.8947), ("ReAct", 0.7738, 0.9367)],
)
def test_openoods_figures_are_its_leaderboards(method: str, near: float, far: float) -> None:
    reported = one("ood-detection/imagenet", f"ResNet-50, {method}")
    assert reported.figures == {("auroc", "near"): near, ("auroc", "far"): far, ("accuracy", "id"): 0.7618}
    assert "leaderboard" in reported.source


def test_all_rows_of_openoods_leaderboards_stand_on_their_boards() -> None:
    counts = {
        "cifar10": 61,
        "cifar100": 57,
        "imagenet-200": 56,
        "imagenet-200-full-spectrum": 60,
        "imagenet": 97,
        "imagenet-full-spectrum": 83,
    }
    assert {name: len(reported_for(f"ood-detection/{name}")) for name in counts} == counts
    scale = one("ood-detection/imagenet-full-spectrum", "ResNet-50, SCALE").figures
    assert scale == {
        ("auroc-full-spectrum", "near"): 0.6467,
        ("auroc-full-spectrum", "far"): 0.8885,
        ("accuracy-full-spectrum", "id"): 0.5435,
    }
    assert ("accuracy", "id") not in one("ood-detection/cifar10", "ResNet-18, CIDER + KNN").figures
    exposed = one("ood-detection/imagenet-200", "ResNet-18, OE + MSP")
    assert exposed.figures["auroc", "near"] == 0.8484
    assert "outliers" in exposed.source


def test_clipns_figures_are_its_readmes() -> None:
    reported = one("ood-detection/imagenet-classic", "CLIPN-ATD, ViT-B/16")
    assert "README" in reported.source
    assert reported.figures["fpr95-id-interp", "sun"] == 0.2569
    assert "better than the paper's" in reported.source


def test_printed_means_are_those_of_their_parts() -> None:
    zode = one("ood-detection/imagenet-classic", "ZODE, zoo of 5 models").figures
    sets = ("inaturalist", "sun", "places", "textures")
    for metric in ("auroc", "fpr95-classic"):
        assert zode[metric, "far"] == pytest.approx(sum(zode[metric, s] for s in sets) / 4, abs=1e-4)


def test_domainbeds_tables() -> None:
    for name, row in _averages().items():
        found = [one(b, name).figures["accuracy-iid", "shifts"] for b in _benchmarks()]
        assert found == pytest.approx([a / 100 for a in row.parts])
    erm = one("domainbed/colored-mnist", "ERM").figures
    assert [erm["accuracy-iid", e] for e in ("+90%", "+80%", "-90%")] == [0.717, 0.729, 0.1]
    assert (erm["accuracy-loo", "shifts"], erm["accuracy-oracle", "-90%"]) == (0.367, 0.287)
    assert sum([0.717, 0.729, 0.1]) / 3 == pytest.approx(erm["accuracy-iid", "shifts"], abs=5e-4)


def test_what_no_board_has_a_column_for() -> None:
    boxes = [one for one in UNPLACED if not one.figure.startswith("COCO-C, masks")]
    found = {one.method: (one.figure.partition(",")[0], one.value) for one in boxes}
    assert {name: value for name, (of, value) in found.items() if name in _averages() and of == "DomainBed"} == {
        name: pytest.approx(row.average / 100) for name, row in _averages().items()
    }
    assert {name: pair for name, pair in found.items() if name not in _averages()} == {
        "CAR-FT": ("DomainBed", 0.785),
        "MIRO": ("DomainBed", 0.659),
        "MIRO + SWAD": ("DomainBed", 0.681),
        "MAE + DAT, ViT-H": ("Stylized-ImageNet", 0.3277),
    }


def test_an_average_is_that_of_the_boards_figures() -> None:
    for name, row in _averages().items():
        found = [one(b, name).figures["accuracy-iid", "shifts"] for b in _benchmarks()]
        assert sum(found) / len(found) == pytest.approx(row.average / 100, abs=0.001)


def _averages() -> dict[str, published.Published]:
    return {name: published.PUBLISHED["iid", published.ALL, name] for name in published.ALGORITHMS}


def _benchmarks() -> list[str]:
    names = ("colored-mnist", "rotated-mnist", "vlcs", "pacs", "office-home", "terra-incognita", "domain-net")
    return [f"domainbed/{name}" for name in names]


def test_tiers() -> None:
    assert len(reported_for("domainbed/pacs", "full")) == len(_averages()) + 2
    assert reported_for("domainbed/pacs", "defaults") == reported_for("domainbed/pacs")
    assert reported_for("domainbed/pacs", "smoke") == ()


def test_most_benchmarks_of_ours_have_none() -> None:
    assert reported_for("imagenet-ood/mini") == ()
    assert reported_for("no/such") == ()
    with pytest.raises(UnknownName):
        find("no/such")
    assert {r.benchmark for r in REPORTED} <= {b.name for b in benchmarks()}
