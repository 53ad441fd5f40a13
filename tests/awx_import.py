# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write playbooks/awx/awx_import.json, for `awx import`, from what playbooks/awx/setup.yml makes too. `make awx`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).resolve().parent.parent / "playbooks" / "awx"
TARGET = FOLDER / "awx_import.json"
NAME = "saferestart"
ORGANIZATION = {"name": "Default", "type": "organization"}
CREDENTIAL_TYPE = {
    "name": "OpenShift or Kubernetes API Bearer Token",
    "kind": "kubernetes",
    "type": "credential_type",
}


def load(name: str) -> dict[str, Any]:
    """Return the one variable of a file in vars/."""
    (content,) = yaml.safe_load((FOLDER / "vars" / f"{name}.yml").read_text(encoding="utf-8")).values()
    found: dict[str, Any] = content
    return found


def key(kind: str, name: str, **more: Any) -> dict[str, Any]:
    """Return the natural key of an object of the organization: how awxkit finds it."""
    return {"organization": ORGANIZATION, "name": name, "type": kind, **more}


def generate() -> str:
    """Return the content of the file. Inventory, project and credential have to be there before it is imported."""
    template = load("templates")
    made = {
        **template,
        "playbook": "safe_restart.yml",
        "inventory": key("inventory", NAME),
        "project": key("project", NAME),
        "related": {
            "credentials": [key("credential", NAME, credential_type=CREDENTIAL_TYPE)],
            "labels": [],
            "schedules": [],
            "survey_spec": load("survey"),
        },
        "natural_key": key("job_template", template["name"]),
    }
    return json.dumps({"job_templates": [made]}, indent=2) + "\n"


if __name__ == "__main__":
    TARGET.write_text(generate(), encoding="utf-8")
