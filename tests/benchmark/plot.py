# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The picture in the documentation: how time and memory grow with the number of pods."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import matplotlib as mpl
from common import FOLDER, HERE

mpl.use("svg")

from matplotlib import pyplot as plt

PICTURE = HERE.parents[1] / "docs" / "many_pods.svg"


class Point(NamedTuple):
    """One run."""

    pods: int
    seconds: float
    mib: float


def draw(points: Sequence[Point]) -> None:
    """Write the picture into the build's folder, and beside the documentation."""
    ordered = sorted(points)
    figure, axes = plt.subplots(1, 2, figsize=(8, 3), layout="constrained")
    for axis, title, values in (
        (axes[0], "Seconds until all are Ready again", [point.seconds for point in ordered]),
        (axes[1], "Peak memory of the module, MiB", [point.mib for point in ordered]),
    ):
        axis.plot([point.pods for point in ordered], values, marker="o")
        axis.set(title=title, xlabel="pods restarted in place, all at once", ylim=(0, None), xlim=(0, None))
        axis.grid(alpha=0.3)
    for path in (FOLDER / PICTURE.name, PICTURE):
        figure.savefig(path, metadata={"Date": None})
