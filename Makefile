# 古诗词 nanoGPT. `make show` opens the interface, `make test` checks everything; each builds its own .venv.

VENV := .venv
BIN := $(VENV)/bin
SHELL := /bin/bash

# The first Python that is new enough; `make PYTHON=/path/to/python3.12 test` takes another.
PYTHON ?= $(firstword $(foreach name,python3.11 python3 python3.12 python3.13,$(shell \
	$(name) -c 'import sys; sys.version_info >= (3, 11) and print(sys.executable)' 2>/dev/null)))

.PHONY: help show poem test format clean
.DELETE_ON_ERROR:

help:
	@echo "make show    在浏览器里打开界面     open the interface in the browser"
	@echo "make poem    用随附的模型写几首诗   write poems with the model that ships"
	@echo "make test    检查与测试             format, lint, types, import direction, tests"
	@echo "make format  整理代码格式           format the code"
	@echo "make clean   删去 .venv 与缓存      remove .venv and caches"

show: $(VENV)/.installed
	@$(BIN)/streamlit run GPT_show.py

poem: $(VENV)/.installed
	@$(BIN)/python sample.py --num_samples=3

test: $(VENV)/.installed-dev
	@bash scripts/install_browser.sh
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest

format: $(VENV)/.installed-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis *.egg-info

# Stamps: a second call installs nothing. torch is pinned with the rest, so no other build replaces it later.
$(VENV)/.installed: pyproject.toml | $(BIN)/pip
	$(BIN)/pip install --quiet --editable .
	@touch $@

$(VENV)/.installed-dev: pyproject.toml | $(BIN)/pip
	$(BIN)/pip install --quiet --editable '.[dev]'
	@touch $@ $(VENV)/.installed

$(BIN)/pip:
	@PYTHON="$(PYTHON)" bash scripts/make_venv.sh $(VENV)
