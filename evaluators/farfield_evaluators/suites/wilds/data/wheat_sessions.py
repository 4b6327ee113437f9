"""The sessions of GlobalWheat, a domain each: their names by the numbers that WILDS' tables have for them."""

_OF_INSTITUTE = (
    ("Arvalis", 12),
    ("ETHZ", 1),
    ("Inrae", 1),
    ("NMBU", 2),
    ("Rres", 1),
    ("ULiège-GxABT", 1),
    ("Utokyo", 3),
    ("Ukyoto", 1),
    ("NAU", 3),
    ("ARC", 1),
    ("UQ", 11),
    ("Terraref", 2),
    ("KSU", 4),
    ("CIMMYT", 3),
    ("Usask", 1),
)
SESSIONS = tuple(f"{name}_{number}" for name, count in _OF_INSTITUTE for number in range(1, count + 1))
"""The 47 sessions of the labeled release."""
_WITHOUT_BOXES = """\
CIMMYT_PHY_9SAT_HEAT_RGB_20200415
CIMMYT_PHY_9SAT_HEAT_RGB_20200422
CIMMYT_PHY_BestPT_HEAT_RGB_20200422
CIMMYT_PHY_BestPT_HEAT_RGB_280420
CIMMYT_PHY_BestPT_RGO_RGB_20200319
CIMMYT_PHY_HIBAPIII_HEAT_RGB_20200422
CIMMYT_PHY_HIBAPIII_RGO_RGB_20200311
CIMMYT_PHY_HIBAPIII_RGO_RGB_20200312
CIMMYT_PHY_HIBAPIII_RGO_RGB_20200313
CIMMYT_PHY_HIBAPIII_RGO_RGB_20200503
CIMMYT_PHY_ROOTS-ANAT_HEAT_RGB_20200422
CIMMYT_PHY_ROOTS_ANAT_RGO_RGB_20200313
CIMMYT_PHY_ROOTS_ANAT_SQ_RGB_20200313
KSU_17ASH_LakinFuller_KEY_PCTHEAD_20170423
KSU__16ASH_AM-PANEL_KEY_PCTHEAD_20160504
RRes-Dataset1
RRes-Dataset2
RRes-Dataset3
RRes-Dataset4
arvalis_greoux_Session_2020-05-25_12-13-52
arvalis_greoux_Session_2020-06-22_07-46-39
arvalis_VLB_Session 2020-06-02 09-33-05_VBProb
arvalis_BIGNAN_Session 2021-06-17 13-49-26
arvalis_ENCRAMBADE_Session 2021-05-18 07-59-37
arvalis_ENCRAMBADE_Session 2021-06-11 07-48-21
arvalis_OLM_Session 2021-06-02 07-47-38
arvalis_OLM_Session 2021-06-17 11-55-36
arvalis_VLB_Session 2021-05-28 07-08-58
arvalis_VLB_Session 2021-06-14 08-51-33
arvalis_mons_2018
hokkaido_SK_SK_2021_7_20
hokkaido_SK_SK_2021_7_28
hokkaido_SM_SM_2021_7_10
hokkaido_Tsujino_2021_6_16
hokkaido_Tsujino_2021_6_23
hokkaido_Tsujino_2021_6_7
hokkaido_Tsujino_2021_6_9
hokkaido_Tsujino_2021_7_10
hokkaido_Tsujino_2021_7_11
hokkaido_Tsujino_2021_7_20
hokkaido_Tsujino_2021_7_3
inrae_clermont
uliege_6_11
uliege_6_15
uliege_6_16
uliege_6_18
uliege_6_23
uliege_6_26
uliege_7_13
uliege_7_7
usask_2019_08_06_sampled
usask_2019_08_12_sampled
ETHZ_2
"""
UNLABELED_SESSIONS = (*SESSIONS, *(f"unlabeled_{name}" for name in _WITHOUT_BOXES.splitlines()))
"""Those of the unlabeled release: the same, and 53 of which no picture has boxes."""
