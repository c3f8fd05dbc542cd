# The whole set-up of gisgrid: `make demo` and `make test` are all a fresh machine needs.
# Every step leaves a stamp, so that running it again is quick.

# The system's own interpreter where it will do: one built by hand is often slower (a third in plain loops, a tenth in the tests).
PYTHON ?= $(shell /usr/bin/python3 -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo /usr/bin/python3 || echo python3)
VENV   := .venv
BIN    := $(VENV)/bin
STAMPS := .stamps
PORT   ?= 8000
PART   ?=
SHELL  := /bin/bash

export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: setup setup-dev demo test prove bench lint clean help

help: ## what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 10

setup: $(STAMPS)/system $(STAMPS)/system-print $(STAMPS)/venv $(STAMPS)/texts $(STAMPS)/assets ## everything `make demo` needs, without starting it

setup-dev: setup $(STAMPS)/system-test $(STAMPS)/venv-dev $(STAMPS)/assets-dev ## what the tests need besides, without running them

demo: setup ## the demo community at http://127.0.0.1:8000
	@gisgrid db upgrade > /dev/null
	@gisgrid demo
	@echo "accounts of the demo (name, role, password), also in var/demo-accounts.txt:"
	@grep -E '^(head|staff|member01|leader|resident01|admin)[[:space:]]' var/demo-accounts.txt || true
	@echo "open http://127.0.0.1:$(PORT)"
	@exec gisgrid serve --host 127.0.0.1 --port $(PORT)

test: setup-dev lint ## every test and check
	@pytest -n 3 --dist loadgroup -q

prove: setup-dev $(if $(filter-out opens,$(PART)),,$(STAMPS)/system-opens) ## the long proofs, PART=name for one
	@python -m tests.prove $(PART)

bench: $(STAMPS)/system $(STAMPS)/venv-dev ## benchmarks beside their peers
	@python -m tests.bench

lint: $(STAMPS)/venv-dev
	@ruff check -q .
	@ruff format -q --check .
	@mypy

clean: ## forget the installation, keep var/
	rm -rf $(VENV) $(STAMPS) node_modules web/static/vendor

# What a Debian package brings, with a command that tells whether it is there.
$(STAMPS)/system: | $(STAMPS)
	@.ci/packages "SpatiaLite" "ls /usr/lib/*/mod_spatialite.so /usr/lib/mod_spatialite.so 2>/dev/null | grep -q ." libsqlite3-mod-spatialite
	@.ci/packages "venv" "$(PYTHON) -c 'import ensurepip, venv'" python3-venv
	@touch $@

# Without these all works but the PDF of hand-over sheets, so that a machine that lacks them is set up all the same.
$(STAMPS)/system-print: | $(STAMPS)
	@.ci/packages "Pango" "$(PYTHON) -c 'import ctypes; [ctypes.CDLL(f\"lib{name}.so.0\") for name in (\"pango-1.0\", \"pangoft2-1.0\", \"harfbuzz-subset\")]'" libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 || echo "going on without PDFs"
	@.ci/packages "a small Chinese font" "ls /usr/share/fonts/truetype/wqy/wqy-microhei.ttc /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc 2>/dev/null | grep -q ." fonts-wqy-microhei || echo "going on without a Chinese font for PDFs"
	@touch $@

$(STAMPS)/system-test: | $(STAMPS)
	@.ci/packages "PostGIS" "ls /usr/share/postgresql/*/extension/postgis.control 2>/dev/null | grep -q ." postgresql postgresql-postgis
	@.ci/packages "Chromium" "test -x /usr/bin/chromium-headless-shell" chromium-headless-shell
	@.ci/packages "a Chinese font" "ls /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc 2>/dev/null | grep -q ." fonts-noto-cjk
	@touch $@

# Programs of other people, in which exports are opened.
$(STAMPS)/system-opens: | $(STAMPS)
	@.ci/packages "QGIS" "/usr/bin/python3 -c 'import qgis.core' 2>/dev/null" python3-qgis
	@.ci/packages "LibreOffice" "command -v soffice" libreoffice-calc-nogui
	@touch $@

# An interpreter without ensurepip leaves half an environment behind: it is taken away before another try.
$(STAMPS)/venv: requirements.lock pyproject.toml | $(STAMPS)
	@test -x $(BIN)/pip || { rm -rf $(VENV); $(PYTHON) -m venv $(VENV); }
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes --only-binary :all: -r requirements.lock
	@$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# Words of the interface in English, sentences of the core in Chinese.
$(STAMPS)/texts: $(wildcard web/translations/*/LC_MESSAGES/*.po) $(shell find web -path "*/static/*.js" -not -path "*/vendor/*") $(STAMPS)/venv
	@$(BIN)/python -m web.texts
	@touch $@

$(STAMPS)/venv-dev: requirements-dev.lock $(STAMPS)/venv
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes --only-binary :all: -r requirements-dev.lock
	@touch $@

# The machine's node if it is new enough, else the one in the environment.
$(STAMPS)/assets: package.json package-lock.json layers/assets.py $(STAMPS)/venv
	@npm ci --ignore-scripts --omit=dev --silent
	@$(BIN)/python -m layers.assets
	@touch $@

$(STAMPS)/assets-dev: $(STAMPS)/assets
	@npm ci --ignore-scripts --silent
	@touch $@

$(STAMPS):
	@mkdir -p $@
