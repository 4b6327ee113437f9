"""OOD detection by the distance to the nearest colour histograms."""

import numpy as np

from farfield_specimen.histogram import Floats, NearestHistogram, Pixels


class HistogramDetector(NearestHistogram):
    """An image is in-distribution as far as some training images have its colours."""

    def score(self, images: Pixels) -> tuple[Floats, Floats]:
        similar = np.sort(self.similarities(images))
        return similar[:, -self.config.neighbours :].mean(axis=1), self.predict(images)
