# `make demo` shows tsviz, `make test` checks it. Both start from a bare clone with Python >= 3.11,
# Node.js >= 20.19 and make, and put everything they install into .venv and labextension/node_modules.

PYTHON ?= python3
LAB ?= 1
PYTEST_ARGS ?= -n auto --maxprocesses 4 --dist loadfile

BIN := .venv/bin
INSTALLED := .venv/installed
EXTENSION := .venv/share/jupyter/labextensions/tsviz
NPM := npm --prefix labextension run --silent
NODE_IS_NEW := const [a, b] = process.versions.node.split("."); process.exit(a * 100 + +b < 2019 ? 1 : 0)
JUPYTER_AS_ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)

.PHONY: demo test lint types test-js test-python docs build constraints clean
.NOTPARALLEL:

demo: build
	$(BIN)/tsviz demo
	@if [ "$(LAB)" != 0 ] && [ -t 0 ] && [ -t 1 ]; then \
	  exec $(BIN)/jupyter lab $(JUPYTER_AS_ROOT) notebooks/00*.ipynb; \
	fi

test: lint types test-js test-python

lint: build
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(NPM) lint
	$(NPM) format:check

types: build
	$(BIN)/pyright
	$(NPM) typecheck

test-js: build
	$(NPM) test

test-python: build
	$(BIN)/pytest $(PYTEST_ARGS)

# The site, into site/: it opens from disk, and fetches nothing from elsewhere.
docs: build
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

# `make bench-coverage` runs benchmarks/coverage.py, and so on.
bench-%: build .venv/installed-bench
	$(BIN)/python -m benchmarks.$*

# hatch_build.py knows when the JavaScript is older than its sources; nothing else is packed here.
# Jupyter finds the extension in the environment; a link there keeps it as new as the last build.
build: $(INSTALLED)
	@$(BIN)/hatchling build --hooks-only --target wheel
	@rm -rf $(EXTENSION) && ln -s $(CURDIR)/tsviz/widgets/static/jupyterlab $(EXTENSION)

$(INSTALLED): pyproject.toml constraints.txt hatch_build.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "tsviz needs Python 3.11 or newer, and '$(PYTHON)' is older: make PYTHON=python3.12" >&2; exit 1; }
	@command -v npm >/dev/null && node -e '$(NODE_IS_NEW)' || \
	  { echo "tsviz compiles its JavaScript and needs Node.js 20.19 or newer, with npm, on PATH" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install -c constraints.txt -e '.[torch,lab,test,dev,docs]'
	$(BIN)/pip check
	@touch $@

.venv/installed-bench: $(INSTALLED)
	$(BIN)/pip install -c constraints.txt -e '.[bench]'
	@touch $@

# Takes the newest release of everything but PyTorch, which is chosen in this line.
constraints:
	$(PYTHON) -m venv --clear .venv-constraints
	.venv-constraints/bin/pip install torch==2.13.0
	.venv-constraints/bin/pip install '.[lab,test,dev,docs,bench]'
	.venv-constraints/bin/pip check
	{ sed -n '/^#/p' constraints.txt; .venv-constraints/bin/pip freeze --all \
	  | sed -E '/^(pip|tsviz)( |==)/d; s/\+cpu$$//'; } > constraints.new
	mv constraints.new constraints.txt
	rm -r .venv-constraints

clean:
	rm -rf .venv labextension/node_modules tsviz/widgets/static \
	  dist site demo.html test-results .hypothesis .pytest_cache .ruff_cache
