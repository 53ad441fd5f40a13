# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The site: the pages of the repository, beside what antsibull-docs makes of the documentation in the code."""

from __future__ import annotations

import re
from pathlib import Path

from sphinx.application import Sphinx

HERE = Path(__file__).parent

project = "saferestart.k8s"
author = copyright = "saferestart.k8s contributors"  # noqa: A001  Sphinx calls it so
extensions = ["myst_parser", "sphinx_antsibull_ext"]
include_patterns = ["index.md", "CHANGELOG.md", "docs/*.md", "roles/*/README.md", "collection/*.rst"]
default_role = "any"
html_theme = "furo"
html_title = project
html_copy_source = html_show_sourcelink = html_use_index = False
# Dark where the reader's system is.
antsibull_ext_color_scheme = "default-autodark"
pygments_style = "ansible"
pygments_dark_style = "monokai"
# A block without a language is a command or a picture, and no Python.
highlight_language = "text"
myst_heading_anchors = 3
# A page may have no heading of some level, and `ref` is to pages of Ansible's own site, which is not asked.
suppress_warnings = ["myst.header", "ref.ref"]

#: Where a link to a file leads on the site.
PAGES = [
    (re.compile(r"\]\((?:\.\./)*plugins/(module|inventor)(?:s|y)/(\w+)\.py\)"), "](/collection/{1}_{0}.rst)"),
    (re.compile(r"\]\((?:\.\./)*playbooks/(\w+)\.yml\)"), "](/docs/playbooks.md#{0})"),
    (re.compile(r"\]\((?:\.\./)*README\.md\)"), "](/index.md)"),
]
#: The theme shows them beside each page, and says that they are an error in it.
CONTENTS = re.compile(r"^\.\. contents::\n(?: +.*\n)*", re.MULTILINE)


def on_the_site(_app: Sphinx, page: str, source: list[str]) -> None:
    """Turn the links of a page to what has a page on the site, and put contents only where they are wanted."""
    text = CONTENTS.sub("", source[0])
    for pattern, target in PAGES:
        text = pattern.sub(
            lambda match, to=target: to.format(*match.groups()).replace("_inventor.", "_inventory."), text
        )
    if page == "index":
        text += f"\n```{{eval-rst}}\n{(HERE / 'contents.rst').read_text(encoding='utf-8')}```\n"
    source[0] = text


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    app.connect("source-read", on_the_site)
