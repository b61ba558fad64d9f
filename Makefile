# Each target installs the course into .venv first, if that isn't done. Where there is no make,
# the recipes below are what to type (README.md has them for Windows).
PYTHON ?= python3
JOBS ?= 2

IN_VENV := .venv/bin/python -m
UV := .venv/bin/uv
# Two tests at a time have two cores: each test's BLAS gets one thread. A file (so a notebook, whose
# cells share a kernel) stays with one worker.
PYTEST := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(IN_VENV) pytest -n $(JOBS) --dist loadfile
PYTEST_OLDEST := $(subst .venv/,.venv-oldest/,$(PYTEST)) -W default::DeprecationWarning
PYTEST_NEWEST := $(subst .venv/,.venv-newest/,$(PYTEST))
# What meets NumPy, SciPy, Matplotlib and Jupyter most.
CORE := matnn_lib tests/linalg tests/nn tests/oracles tests/study tests/exercises
NOTEBOOKS := $(wildcard chapters/*.ipynb exercises/*.ipynb exercises/solutions/*.ipynb)

.PHONY: help install learn test ci lint notebooks evidence lock clean \
	test-library test-notebooks test-seeds test-oldest test-newest

help:
	@echo "make learn      copy the course to work/ and open it in JupyterLab"
	@echo "make test       test the library, the notebooks, the exercises and the grading"
	@echo "make ci         make lint, make test, all seeds, oldest and newest dependencies, Dask, nbgrader"
	@echo "make lint       check style, types, spelling and the direction of imports"
	@echo "make notebooks  execute all notebooks in place"
	@echo "make evidence   compute the kept evidence anew (minutes)"
	@echo "make lock       write requirements.lock anew from pyproject.toml"
	@echo "make clean      remove what was installed and cached; work/ stays"
	@echo "PYTHON=python3.12 names the Python to install with, JOBS=4 the number of tests at a time."

install:
	@"$(PYTHON)" -c "" 2>/dev/null || { echo "There is no working $(PYTHON) here: install Python 3.11 or newer, or name it, as in: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@"$(PYTHON)" install.py

learn: install
	@$(IN_VENV) matnn_lib learn

test: test-library test-notebooks

test-library: install
	$(PYTEST)

test-notebooks: install
ifneq ($(NOTEBOOKS),)
	$(PYTEST) --nbval $(NOTEBOOKS)
else
	@echo "There are no notebooks to test."
endif

ci: lint test test-seeds test-oldest test-newest

lint: install
	$(IN_VENV) ruff check
	$(IN_VENV) ruff format --check
	$(IN_VENV) mypy
	.venv/bin/lint-imports
	$(IN_VENV) codespell_lib

# What holds for three seeds in `make test` must hold for twenty.
test-seeds: install
	MATNN_ALL_SEEDS=1 $(PYTEST) --dist load tests/exercises

# The least versions that pyproject.toml promises to work with. They warn of each other's age.
test-oldest: .venv-oldest/installed.txt
	$(PYTEST_OLDEST) $(CORE)
	$(PYTEST_OLDEST) --nbval $(NOTEBOOKS)

.venv-oldest/installed.txt: pyproject.toml | install
	$(UV) venv --quiet --clear --python .venv/bin/python .venv-oldest
	$(UV) pip install --quiet --system-certs --python .venv-oldest --resolution lowest-direct -e ".[test]"
	touch $@

# The newest versions that there are, with the programs that the grader works together with.
test-newest: install
	$(UV) venv --quiet --allow-existing --python .venv/bin/python .venv-newest
	$(UV) pip install --quiet --system-certs --python .venv-newest --upgrade -e ".[test,ci]"
	$(PYTEST_NEWEST) $(CORE) tests/grading/test_dask.py tests/grading/test_nbgrader.py
	$(PYTEST_NEWEST) --nbval $(NOTEBOOKS)

notebooks: install
	@$(IN_VENV) matnn_lib notebooks

evidence: install
	@$(IN_VENV) matnn_lib evidence

lock: install
	.venv/bin/python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['build-system']['requires'])" \
	| $(UV) pip compile --system-certs --quiet --upgrade --universal --generate-hashes --no-header --extra test -o requirements.lock pyproject.toml - > /dev/null
	echo uv | $(UV) pip compile --system-certs --quiet --upgrade --universal --generate-hashes --no-header --no-annotate -o requirements-uv.lock - > /dev/null

clean:
	rm -rf .venv .venv-oldest .venv-newest build *.egg-info .*_cache .hypothesis
	find matnn_lib tests benchmarks -name __pycache__ -prune -exec rm -rf {} +
