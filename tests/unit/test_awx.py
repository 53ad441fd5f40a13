# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is made in AWX: questions that the role understands, and one source for the playbook and for the import."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.saferestart.k8s.tests import awx_import

ROOT = Path(__file__).resolve().parents[2]
SURVEY = awx_import.load("survey")
QUESTIONS: list[dict[str, Any]] = SURVEY["spec"]
OPTIONS: dict[str, dict[str, Any]] = yaml.safe_load(
    (ROOT / "roles" / "safe_restart" / "meta" / "argument_specs.yml").read_text(encoding="utf-8")
)["argument_specs"]["main"]["options"]

#: What AWX itself knows: awx/api/views/__init__.py, JobTemplateSurveySpec.
ALL_FIELDS = {
    "question_name",
    "question_description",
    "variable",
    "type",
    "required",
    "min",
    "max",
    "default",
    "choices",
}
#: Which types of an option can take the answer.
TYPES = {
    "text": {"str", "list", "raw"},
    "textarea": {"list", "raw"},
    "multiplechoice": {"str", "raw"},
    "multiselect": {"list", "raw"},
    "integer": {"int", "raw"},
}


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question["variable"])
def test_a_question_is_an_option(question: dict[str, Any]) -> None:
    option = OPTIONS[question["variable"]]
    assert question.keys() == ALL_FIELDS
    assert option["type"] in TYPES[question["type"]]
    assert set(question["choices"]) <= set(option.get("choices", question["choices"]))
    # AWX insists on an answer over its API, also where there is a default
    if option.get("required"):
        assert question["required"]
    has_choices = question["type"] in {"multiplechoice", "multiselect"}
    assert bool(question["choices"]) == has_choices
    assert (question["min"] is None and question["max"] is None) == has_choices


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question["variable"])
def test_its_default_is_the_options(question: dict[str, Any]) -> None:
    default = OPTIONS[question["variable"]].get("default", "")
    # the answers of a multiselect are lines
    assert question["default"] == ("\n".join(default) if question["type"] == "multiselect" else default)


def test_what_is_required_is_asked() -> None:
    required = {name for name, option in OPTIONS.items() if option.get("required")}
    assert required <= {question["variable"] for question in QUESTIONS}
    assert len({question["variable"] for question in QUESTIONS}) == len(QUESTIONS)


def test_the_import_is_what_the_generator_makes() -> None:
    assert awx_import.TARGET.read_text(encoding="utf-8") == awx_import.generate()


def play() -> dict[str, Any]:
    """The play that makes it all."""
    (found,) = yaml.safe_load((awx_import.FOLDER / "setup.yml").read_text(encoding="utf-8"))
    made: dict[str, Any] = found
    return made


def test_the_playbook_makes_what_is_imported() -> None:
    tasks = {name: task[name] for task in play()["tasks"] for name in task if name.startswith("awx.awx.")}
    template = tasks["awx.awx.job_template"]
    fields = awx_import.load("templates").keys()
    assert {name: template[name] for name in fields} == {
        name: f"{{{{ saferestart_awx_template.{name} }}}}" for name in fields
    }
    assert template["survey_spec"] == "{{ saferestart_awx_survey }}"
    for module in ("project", "inventory"):
        assert tasks[f"awx.awx.{module}"]["name"] == template[module] == awx_import.NAME
    variables = play()["vars"]
    assert variables["saferestart_awx_credential"] == awx_import.NAME
    assert variables["saferestart_awx_organization"] == awx_import.ORGANIZATION["name"]
    assert variables["saferestart_awx_playbook"] == "safe_restart.yml"
    assert tasks["awx.awx.credential"]["credential_type"] == awx_import.CREDENTIAL_TYPE["name"]


def test_the_sample_project_has_the_playbook() -> None:
    (imported,) = yaml.safe_load((awx_import.FOLDER / "project" / "safe_restart.yml").read_text(encoding="utf-8"))
    name = imported["ansible.builtin.import_playbook"].removeprefix("saferestart.k8s.")
    assert (ROOT / "playbooks" / f"{name}.yml").exists()
