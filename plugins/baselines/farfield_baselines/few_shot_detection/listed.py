"""The methods of this folder, in the order of the documentation."""

from farfield_baselines.few_shot_detection import (
    defrcn,
    fs_prototypes,
    fsrw,
    imtfa,
    mask2former_ft,
    meta_rcnn,
    mtfa,
    reft,
    tfa_cos,
    tfa_fc,
)

SPECS = (fs_prototypes.SPEC, tfa_fc.SPEC, tfa_cos.SPEC, mtfa.SPEC, imtfa.SPEC, defrcn.SPEC, fsrw.SPEC, meta_rcnn.SPEC)
QUERY_BASED = (mask2former_ft.SPEC, reft.SPEC)
