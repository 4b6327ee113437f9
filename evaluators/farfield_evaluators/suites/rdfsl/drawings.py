"""Episodes of drawn things: learned from photographs and coloured drawings, found in drawings by other artists.

Input: images. Output: logits of the five classes of an episode. Domains: coloured drawings of OpenMoji and Fluent, and
their line drawings with Symbola's. Protocol: RD-FSL's (Guo et al. 2025, arXiv 2502.01183), with fewer episodes and
queries. Licence: each source's own, listed beside the images of the distribution `farfield-demo`.
"""

from farfield_evaluators.data import attribution
from farfield_evaluators.suites.rdfsl.benchmarks import PAPER
from farfield_evaluators.suites.rdfsl.board import episodic_board
from farfield_evaluators.suites.rdfsl.plan import Episodes

PACK = "rdfsl-drawings"
COLOURED, LINES = "coloured", "lines"
SHOTS, QUERIES, EPISODES = (1, 5), 10, 100
DRAWINGS = episodic_board(
    {COLOURED: "Coloured drawings", LINES: "Line drawings"},
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
