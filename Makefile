# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later

CLUSTER   ?= saferestart
PROVIDER  ?= kind
CONTEXT   ?=
NAMESPACE ?=
SCENARIO  ?=
VENV      ?= .venv
# The newest Python of the supported range that really runs and can make a virtual environment.
PYTHON    ?= $(shell for python in python3.13 python3.12 python3.11 python3; do $$python -c 'import ensurepip, sys, venv; \
	print(sys._base_executable) if (3, 11) <= sys.version_info < (3, 14) else sys.exit(1)' 2>/dev/null && break; done)

# Everything runs from this checkout, whatever its folder is called, and leaves the user's own Ansible alone.
TREE := .build/tree/ansible_collections/saferestart/k8s
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
export ANSIBLE_COLLECTIONS_PATH := $(CURDIR)/.build/tree
export ANSIBLE_HOME := $(CURDIR)/.build/ansible
export ANSIBLE_LOCALHOST_WARNING := false
export LC_ALL := C.UTF-8
# What is kept between runs, as tests/cluster/vars/main.yml has it.
export SAFERESTART_CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/saferestart-k8s
# The tests share a cluster of their own, so that they never take down the one that somebody is looking at.
export SAFERESTART_CLUSTER ?= saferestart-test

# Requirements of another content, or another folder, are another virtual environment.
STAMP := $(VENV)/.made-from-$(firstword $(shell (pwd; cat requirements.txt requirements-dev.txt) | cksum))
CLUSTER_PLAYBOOK = ansible-playbook -e cluster_name='$(CLUSTER)' -e cluster_provider='$(PROVIDER)' \
	$(if $(CONTEXT),-e cluster_context='$(CONTEXT)') $(if $(NAMESPACE),-e cluster_namespace='$(NAMESPACE)')

.DEFAULT_GOAL := help
.PHONY: help demo up down clean test lint unit molecule chaos examples benchmark compat docs venv

help: ## this text
	@echo "make TARGET [CLUSTER=name] [PROVIDER=kind|existing CONTEXT=name NAMESPACE=name]"
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  %-10s %s\n", $$1, $$2}' Makefile

demo: venv ## make a cluster and restart sample workloads in it: what was done, and the proof
	@$(CLUSTER_PLAYBOOK) tests/demo/demo.yml
	@cat .build/demo.txt

up: venv ## make the cluster, with the sample images in it
	@$(CLUSTER_PLAYBOOK) tests/cluster/up.yml

down: venv ## remove the cluster
	@$(CLUSTER_PLAYBOOK) tests/cluster/down.yml

clean: ## remove every cluster and everything that was built
	@[ ! -e '$(VENV)' -a ! -e '$(SAFERESTART_CACHE)' ] || \
	{ $(MAKE) --no-print-directory venv && $(CLUSTER_PLAYBOOK) tests/cluster/clean.yml; }
	@rm -rf .venv .build
	@find . -name __pycache__ -prune -exec rm -r {} +

test: venv ## run every check and every scenario; ends with a count of passed and failed; less of it: ARGS='--fast', ARGS='--only NAME...'
	@python tests/run.py $(ARGS)

lint: venv ## run the static checks only
	@python tests/run.py --only lint

unit: venv ## run the unit tests only
	@pytest -q

molecule: venv ## run the scenarios, or one of them, on a cluster that stays up: SCENARIO=name
	@python tests/run.py --only cluster-up '$(if $(SCENARIO),molecule-$(SCENARIO),molecule)'

# It breaks the cluster that it runs on, and takes its time: not part of `make test`.
chaos: venv ## restart while the API server, a kubelet or a node is away, on a cluster of its own that is removed at the end
	@SAFERESTART_CLUSTER='$(if $(filter file,$(origin CLUSTER)),saferestart-chaos,$(CLUSTER))' SAFERESTART_KEEP_CLUSTER= molecule test --scenario-name chaos

# Each is run as it stands, one after the other: not part of `make test` either.
examples: venv ## run every example of the documentation, for half an hour, on a cluster of its own that is removed at the end
	@SAFERESTART_CLUSTER='$(if $(filter file,$(origin CLUSTER)),saferestart-examples,$(CLUSTER))' SAFERESTART_KEEP_CLUSTER= molecule test --scenario-name examples

benchmark: up ## measure speed and memory on the cluster, beside peers; less of it: PARTS='one_pod many_pods large_plan'
	@$(MAKE) --no-print-directory venv VENV=.build/benchmark-venv
	@.build/benchmark-venv/bin/pip install --quiet --disable-pip-version-check -r tests/benchmark/requirements.txt
	@. '$(SAFERESTART_CACHE)/clusters/$(CLUSTER)/env' && \
	PATH="$(CURDIR)/.build/benchmark-venv/bin:$$PATH" python tests/benchmark/benchmark.py '$(CLUSTER)' $(PARTS)

# Each supported ansible-core with another supported Python: `make compat-3.12` is one of them. With the first come the
# oldest libraries that requirements.txt allows, with the others the newest ones.
COMPAT = 3.11 3.12 3.13
CORE_3.11 = 2.19
CORE_3.12 = 2.20
CORE_3.13 = 2.21
compat: ## unit and sanity tests and Galaxy's importer with every supported ansible-core; not part of `make test`
	@$(MAKE) --no-print-directory --keep-going $(COMPAT:%=compat-%)

.PHONY: $(COMPAT:%=compat-%)
$(COMPAT:%=compat-%): compat-%:
	@for python in python$* ~/.pyenv/versions/$*.*/bin/python ''; do "$$python" -c 'import ensurepip, venv' 2>/dev/null && break; done; \
	[ "$$python" ] || { echo "ansible-core $(CORE_$*) was not tried: Python $* with the venv module is neither on PATH nor in ~/.pyenv:" \
	"install it (where Debian or Ubuntu have it: apt-get install python$*-venv)" >&2; exit 1; }; \
	echo "== ansible-core $(CORE_$*) with $$("$$python" --version)" && \
	$(MAKE) --no-print-directory venv VENV=.build/compat/$* PYTHON="$$python" && \
	.build/compat/$*/bin/pip install --quiet --disable-pip-version-check 'ansible-core==$(CORE_$*).*' \
	$(if $(filter $*,$(firstword $(COMPAT))),$$(sed -n 's/>=/==/p' requirements.txt)) || exit 1; \
	failed=0; PATH="$(CURDIR)/.build/compat/$*/bin:$$PATH" python tests/run.py $(or $(ARGS),--only unit sanity) || failed=1; \
	$(MAKE) --no-print-directory importer VENV=.build/compat/$* PYTHON="$$python" CORE=$(CORE_$*) || failed=1; exit $$failed

.PHONY: importer
IMPORTER_VENV = .build/importer-venv$(CORE)
importer: venv ## what Galaxy does with a collection that is published: its own importer, on what `make` builds
	@[ $(IMPORTER_VENV)/made -nt tests/importer/requirements.txt ] || { '$(PYTHON)' -m venv --clear $(IMPORTER_VENV) && \
	$(IMPORTER_VENV)/bin/pip install --quiet --disable-pip-version-check -r tests/importer/requirements.txt && touch $(IMPORTER_VENV)/made; }
	@$(if $(CORE),$(IMPORTER_VENV)/bin/pip install --quiet --disable-pip-version-check 'ansible-core==$(CORE).*')
	@python tests/importer/importer.py $(IMPORTER_VENV)

docs: $(TREE) ## make the site of all pages, modules, plugins and roles: .build/docs/html/index.html
	@[ .build/docs-venv/made -nt docs/site/requirements.txt ] || { '$(PYTHON)' -m venv --clear .build/docs-venv && \
	.build/docs-venv/bin/pip install --quiet --disable-pip-version-check -r docs/site/requirements.txt && touch .build/docs-venv/made; }
	@rm -rf .build/docs
	@mkdir -p -m 755 .build/docs/source/collection
	@cp README.md .build/docs/source/index.md
	@cp -r CHANGELOG.md requirements.txt docs extensions roles playbooks plugins molecule .build/docs/source
	@PATH="$(CURDIR)/.build/docs-venv/bin:$$PATH" antsibull-docs --config-file docs/site/antsibull-docs.cfg collection --use-current \
	--squash-hierarchy --fail-on-error --dest-dir .build/docs/source/collection saferestart.k8s
	@.build/docs-venv/bin/sphinx-build -q -W --keep-going -c docs/site -d .build/docs/doctrees .build/docs/source .build/docs/html
	@echo "The site: $(CURDIR)/.build/docs/html/index.html"

.PHONY: awx
awx: venv ## write playbooks/awx/awx_import.json anew
	@python tests/awx_import.py

venv: $(STAMP) $(TREE) ## make .venv, with Ansible and all tools in it (the other targets do it too)

$(STAMP):
	@[ "$(PYTHON)" ] || { echo "No Python 3.11, 3.12 or 3.13 with the venv module was found:" \
	"install one (on Debian and Ubuntu: apt-get install python3-venv), or name it: make venv PYTHON=/path/to/python" >&2; exit 1; }
	@echo "Making $(VENV) with $$("$(PYTHON)" --version), about a minute"
	@rm -rf '$(VENV)'
	@"$(PYTHON)" -m venv '$(VENV)'
	@pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch '$@'

$(TREE):
	@mkdir -p '$(@D)'
	@ln -sfn ../../../.. '$@'
