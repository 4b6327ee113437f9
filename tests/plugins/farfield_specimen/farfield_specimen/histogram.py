"""Classification by the nearest colour histograms."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from farfield import RunContext, TrainingSet, setting

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Config:
    """The settings; each is a field of the submit form."""

    bins: int = setting(8, ge=2, le=16, help="Bins for each of red, green and blue.")
    neighbours: int = setting(3, ge=1, le=50, help="How many training images of a class count.")


class NearestHistogram:
    """The logit of a class is the mean similarity of its most similar training images."""

    def __init__(self, context: RunContext) -> None:
        self.config: Config = context.config
        self.classes = context.class_count

    def fit(self, train: TrainingSet) -> None:
        self.known = np.concatenate([histograms(b.inputs, self.config.bins) for b in train.batches(64)])
        self.labels = train.labels

    def predict(self, images: Pixels) -> Floats:
        similar = self.similarities(images)
        logits = np.zeros((len(images), self.classes))
        for label in np.unique(self.labels):
            of_class = np.sort(similar[:, self.labels == label])
            logits[:, label] = of_class[:, -self.config.neighbours :].mean(axis=1)
        return logits

    def similarities(self, images: Pixels) -> Floats:
        """Bhattacharyya coefficients in 0..1 [B, N] of the images and the training images."""
        similar: Floats = histograms(images, self.config.bins) @ self.known.T
        return similar


def histograms(images: Pixels, bins: int) -> Floats:
    """Square roots of the joint colour histograms [B, bins**3] of images [B, H, W, 3]."""
    levels = images.astype(np.int64) * bins // 256
    cells = levels @ np.array([bins**2, bins, 1])
    counts = np.stack([np.bincount(c.ravel(), minlength=bins**3) for c in cells])
    roots: Floats = np.sqrt(counts / counts.sum(axis=1, keepdims=True))
    return roots
