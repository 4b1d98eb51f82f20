"""Pure. Grey levels of a picture by share: how light the paper is, how dark the ink. Counted, not sorted."""

import cv2
import numpy as np

from todoku.scan.reading import Grey


def levels(grey: Grey, *percents: float) -> tuple[float, ...]:
    """The grey below which this percentage of the pixels lies, for each percentage asked."""
    counts = cv2.calcHist([grey], [0], None, [256], [0, 256]).ravel()
    below = np.cumsum(counts)
    return tuple(float(np.searchsorted(below, below[-1] * percent / 100)) for percent in percents)


def paper_level(page: Grey) -> float:
    """The grey of a page's paper, from every 25th pixel."""
    return levels(np.ascontiguousarray(page[::5, ::5]), 70)[0]
