"""RD-FSL: classes of six data sets learned from 1, 5 or 10 images each, and told apart in images of another origin.

Input: images of any size. Output: logits of the five classes of an episode. Domains: animals, insects, minerals, oracle
script, fungi and plant viruses; of each class the support and the queries lie in folders of their own. Source: Guo et
al., Enhancing Environmental Robustness in Few-shot Learning via Conditional Representation Learning, 2025 (arXiv
2502.01183). Data are the operator's copies. Licence: the release states none.
"""

from farfield_evaluators.suites.rdfsl.board import episodic_board
from farfield_evaluators.suites.rdfsl.names import PACK, TITLES
from farfield_evaluators.suites.rdfsl.plan import Episodes

PAPER = (
    "Guo et al., Enhancing Environmental Robustness in Few-shot Learning via Conditional Representation Learning, 2025 "
    "(arXiv 2502.01183)"
)
RDFSL = episodic_board(
    TITLES,
    Episodes(),
    headline=5,
    name="rdfsl/official",
    title="RD-FSL",
    summary="Five classes at a time learned from 1, 5 or 10 images each, and found in images of another origin.",
    description=(
        "600 episodes of each of six data sets: five of its classes, from 1, 5 or 10 support images each, and 15 "
        "queries of each from another folder than the support, taken elsewhere. Which classes and images an episode "
        "has is the same for every entry. After +/- stands the 95% interval over episodes. The mean over the data "
        "sets, by which entries are ranked, is ours."
    ),
    pack=PACK,
    licence="The release states none for its images.",
    citations=(PAPER,),
)
