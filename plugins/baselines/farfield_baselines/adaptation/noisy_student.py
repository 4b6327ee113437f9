"""Noisy Student (Xie et al. 2020, arXiv 1911.04252), as WILDS 2.0 has it: a teacher, and students with noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from farfield import setting
from farfield_baselines.adaptation.self_training import WILDS_2, SelfTraining, StrongImageConfig, UnlabeledConfig
from farfield_baselines.trained.core import NeedsUnlabeled, Setup, Stage, TensorBatch
from farfield_baselines.trained.declare import declare

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, kw_only=True)
class NoisyStudentConfig(UnlabeledConfig):
    """How many students, and how much noise."""

    generations: int = setting(2, ge=1, le=10, help="Students after the teacher; each teaches the next.")
    student_dropout: float = setting(0.5, ge=0.0, le=0.9, help="Dropout before the classifier of a student.")


class NoisyStudent(SelfTraining):
    """ERM; then students that start as their teacher and learn, with noise, what it says without of unlabeled examples.

    Labels and what the teacher says count alike, each as a mean over its batch.
    """

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self.taught = np.zeros(0, np.int64)

    def stages(self) -> Sequence[Stage]:
        config: NoisyStudentConfig = self.config
        student = Stage(name="student", epochs=config.epochs, before=self.teach, loss=self.student_loss)
        return [Stage(name="teacher", epochs=config.epochs), *[student] * config.generations]

    def teach(self) -> None:
        """Remember the class that the network, as it is now, predicts of each unlabeled example [N]."""
        self.taught = self.outputs(self.unlabeled).argmax(axis=1).astype(np.int64)

    def student_loss(self, batch: TensorBatch) -> torch.Tensor:
        import torch
        from torch.nn import functional

        from farfield_baselines.networks.inputs import to_labels

        other = self.stream.next()
        features = self.featurizer(torch.cat([batch.inputs, other.inputs]))
        outputs = self.classifier(functional.dropout(features, self.config.student_dropout))
        taught = to_labels(self.taught[other.positions.cpu().numpy()], self.setup.device)
        risk = self.errors(outputs[: len(batch.labels)], batch).mean()
        return risk + functional.cross_entropy(outputs[len(batch.labels) :], taught)


SPEC = declare(
    "noisy-student",
    NoisyStudent,
    "Noisy Student: ERM as a teacher, and students that learn its predictions of unlabeled examples with noise",
    ("Xie et al. 2020, arXiv 1911.04252", WILDS_2),
    config=NoisyStudentConfig,
    network=StrongImageConfig,
    held=NeedsUnlabeled,
    images_gib=38.0,
)
