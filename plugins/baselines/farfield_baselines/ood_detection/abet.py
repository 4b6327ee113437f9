"""AbeT, ablated learned temperature energy (LeVine et al. 2024, arXiv 2401.12129, section 3), after training.

The paper learns the temperature together with the network. Here the network stays as it is and the temperature alone
is learned, on its features: T(x) = sigmoid(a . x + c), which is what the paper's sigmoid of a batch-normalised linear
layer is once training is over.
"""

from dataclasses import dataclass

from farfield import setting
from farfield_baselines.ood_detection.core import Floats, Known, Rule, Score, Seen
from farfield_baselines.ood_detection.declare import Detector
from farfield_baselines.ood_detection.energy import negative_energy


@dataclass(frozen=True, kw_only=True)
class Config:
    """How strongly the temperature is held back from fitting single images."""

    l2: float = setting(1.0, ge=1e-6, le=1e6, help="Weight of the L2 penalty on the temperature's weights and bias.")


def ablated_energy(logits: Floats, temperature: Floats) -> Floats:
    """logsumexp(logits / T), without the factor T that the energy score has before it: [B, C], [B] -> [B]."""
    return negative_energy(logits / temperature[:, None])


def abet(known: Known, config: Config) -> Score:
    """The ablated energy at the temperature that makes ID training images' labels likeliest."""
    from farfield_baselines.ood_detection.learned_temperature import fit_temperature

    temperature = fit_temperature(known.seen.features, known.seen.logits, known.labels, config.l2)

    def score(seen: Seen) -> Floats:
        return ablated_energy(seen.logits, temperature(seen.features))

    return score


RULE = Rule(make=abet, fits=True)
DETECTOR = Detector(
    name="abet",
    title="Ablated learned temperature energy (AbeT)",
    rule=RULE,
    config=Config,
    papers=("LeVine et al. 2024, arXiv 2401.12129", "Hsu et al. 2020, arXiv 2002.11297"),
)
SPEC = DETECTOR.spec
