"""Episodes of drawn things: learned from photographs and coloured drawings, found in drawings by other artists.

Input: images. Output: logits of the five classes of an episode. Domains: coloured drawings of OpenMoji and Fluent, and
their line drawings with Symbola's. Protocol: RD-FSL's (Guo et al. 2025, arXiv 2502.01183), with fewer episodes and
queries; on `rdfsl/drawings-open` also scores, for some queries are of other things (Pal et al. 2023). Licence: each
source's own, listed beside the images of the distribution `farfield-demo`.
"""

from farfield_evaluators.data import attribution
from farfield_evaluators.suites.rdfsl.benchmarks import PAPER
from farfield_evaluators.suites.rdfsl.board import episodic_board
from farfield_evaluators.suites.rdfsl.plan import Episodes

PACK = "rdfsl-drawings"
COLOURED, LINES = "coloured", "lines"
TITLES = {COLOURED: "Coloured drawings", LINES: "Line drawings"}
SHOTS, QUERIES, EPISODES, OTHERS = (1, 5), 10, 100, 5
OPEN_PAPER = "Pal et al., Domain Adaptive Few-Shot Open-Set Learning, ICCV 2023"
DRAWINGS = episodic_board(
    TITLES,
    Episodes(shots=SHOTS, queries=QUERIES, episodes=EPISODES),
    headline=5,
    name="rdfsl/drawings",
    title="Drawings, episodes",
    summary="Five kinds of things at a time learned from 1 or 5 pictures each, and found in drawings by other artists.",
    description=(
        "100 episodes of each of two domains: five of ten kinds of things, from 1 or 5 photographs or coloured "
        "drawings each, and 10 queries of each by artists that neither the support nor the base set has. A method may "
        "learn before from 26 other kinds of things. After +/- stands the 95% interval over episodes."
    ),
    pack=PACK,
    licence=attribution.licence_line(attribution.DRAWINGS, attribution.PHOTOGRAPHS),
    citations=(PAPER,),
)
OPEN_DRAWINGS = episodic_board(
    TITLES,
    Episodes(shots=SHOTS, queries=QUERIES, episodes=EPISODES, others=OTHERS),
    headline=5,
    name="rdfsl/drawings-open",
    title="Drawings, open episodes",
    summary="Five kinds of things learned from 1 or 5 pictures each, and told from five others in drawings by others.",
    description=(
        "The episodes of rdfsl/drawings, to which 50 queries come: ten of each of the five kinds of things that an "
        "episode does not have, by the same artists as its other queries. A method gives logits of the five classes "
        "and a score, higher where a query is of one of them. AUROC is that of telling both by the score, accuracy is "
        "on the known queries, whatever their scores; both are means over episodes. After +/- stands the 95% interval "
        "over episodes. The setting is that of DA-FSOS, whose release draws otherwise: see the card."
    ),
    pack=PACK,
    licence=attribution.licence_line(attribution.DRAWINGS, attribution.PHOTOGRAPHS),
    citations=(OPEN_PAPER, PAPER),
)
