# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Which version of the collection this is. A module is sent without galaxy.yml; a unit test says that both agree."""

from __future__ import annotations

VERSION = "0.9.0"
