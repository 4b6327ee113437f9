"""What the boards of OpenOOD's kind have in common: domains, figures and columns."""

from collections.abc import Callable, Mapping

from farfield_evaluators.benchmark import Column, Domain, Role
from farfield_evaluators.metrics import catalog as metrics

Titles = Mapping[str, str]
"""Domains of one role: name and title of each."""

DETECTION = (metrics.AUROC, metrics.FPR95, metrics.AUPR_IN, metrics.AUPR_OUT)


def in_folder(folder: str) -> Callable[[str], str]:
    """Sets of one role lie in one folder of their pack, by the names of OpenOOD's lists."""
    return lambda name: f"{folder}/{name.replace('-', '_')}"


def domains(role: Role, titles: Titles, set_of: Callable[[str], str] | None = None) -> tuple[Domain, ...]:
    """A domain for each, in the set that `set_of` says: `near/ssb_hard` of ssb-hard."""
    set_of = set_of or in_folder(role)
    return tuple(Domain(name=name, title=title, role=role, set=set_of(name)) for name, title in titles.items())


def near_far(ood: Titles) -> tuple[Column, ...]:
    """Means over near and far sets, the accuracy, and each OOD set."""
    return (
        Column(metric="auroc", domain="near", title="Near AUROC"),
        Column(metric="auroc", domain="far", title="Far AUROC"),
        Column(metric="fpr95", domain="near", title="Near FPR@95"),
        Column(metric="fpr95", domain="far", title="Far FPR@95"),
        Column(metric="accuracy", domain="id", title="ID accuracy"),
        *(Column(metric="auroc", domain=n, title=f"{t}, AUROC") for n, t in ood.items()),
    )


def full_spectrum(ood: Titles, alone: str) -> tuple[Column, ...]:
    """The same where shifted ID images count as ID; `alone` names the ID set without them."""
    return (
        Column(metric="auroc-full-spectrum", domain="near", title="Near AUROC"),
        Column(metric="auroc-full-spectrum", domain="far", title="Far AUROC"),
        Column(metric="fpr95-full-spectrum", domain="near", title="Near FPR@95"),
        Column(metric="fpr95-full-spectrum", domain="far", title="Far FPR@95"),
        Column(metric="auroc", domain="near", title=f"Near AUROC, {alone} alone"),
        Column(metric="auroc", domain="far", title=f"Far AUROC, {alone} alone"),
        Column(metric="accuracy", domain="id", title="ID accuracy"),
        Column(metric="accuracy-full-spectrum", domain="id", title="ID accuracy, with shifts"),
        *(Column(metric="auroc-full-spectrum", domain=n, title=f"{t}, AUROC") for n, t in ood.items()),
    )
