"""The methods of this folder, in the order of the documentation."""

from farfield import MethodSpec
from farfield_baselines.groups import (
    class_reweighting,
    dfr,
    group_reweighting,
    jtt,
    regression,
    wilds_afn,
    wilds_coral,
    wilds_dann,
    wilds_erm,
    wilds_groupdro,
    wilds_irm,
)

SPECS: tuple[MethodSpec, ...] = (
    wilds_erm.SPEC,
    wilds_groupdro.SPEC,
    wilds_irm.SPEC,
    wilds_coral.SPEC,
    wilds_dann.SPEC,
    wilds_afn.SPEC,
    class_reweighting.SPEC,
    group_reweighting.SPEC,
    dfr.SPEC,
    jtt.SPEC,
    *regression.SPECS,
)
