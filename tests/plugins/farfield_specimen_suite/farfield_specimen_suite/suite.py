"""What the entry point names: the benchmark, the importer of its pack, its card."""

from importlib.resources import files

from farfield import TaskFamily
from farfield_evaluators.benchmark import Benchmark, Column, Domain
from farfield_evaluators.metrics.catalog import ACCURACY, AUROC, FPR95
from farfield_evaluators.scoring.detection import ID_ACCURACY, OPENOOD
from farfield_evaluators.suite import OwnImporter, Suite
from farfield_evaluators.tracks import OPEN, SCRATCH
from farfield_specimen_suite.folds import LeaveOneFoldOut
from farfield_specimen_suite.gap import GAP, MeanGap
from farfield_specimen_suite.squares import FOLDS, PACK, draw

SQUARES = Benchmark(
    name="specimen/squares",
    version="1",
    family=TaskFamily.OOD_DETECTION,
    title="Squares over folds",
    summary="Tell squares of known brightness from squares of other colours, in two folds.",
    description="Each run trains on one fold of the training squares and is tested on all test squares.",
    pack=PACK,
    train_set=FOLDS[0],
    domains=(
        Domain(name="known", title="Known", role="id", set="test/known"),
        Domain(name="tinted", title="Tinted", role="near", set="test/tinted"),
        Domain(name="noise", title="Noise", role="far", set="test/noise"),
    ),
    metrics=(AUROC, FPR95, ACCURACY, GAP),
    scorers=(OPENOOD, ID_ACCURACY, MeanGap()),
    columns=(
        Column(metric="auroc", domain="near", title="Near AUROC"),
        Column(metric="auroc", domain="far", title="Far AUROC"),
        Column(metric="gap", domain="near", title="Near gap"),
        Column(metric="accuracy", domain="id", title="ID accuracy"),
    ),
    tracks=(OPEN, SCRATCH),
    licence="CC0: drawn by the suite itself.",
    plan=LeaveOneFoldOut(),
)

SUITE = Suite(
    name="specimen",
    benchmarks=(SQUARES,),
    importers=lambda: (OwnImporter(name=PACK, build=draw, source="is drawn by farfield-specimen-suite"),),
    cards=files("farfield_specimen_suite") / "cards",
)
