# Everything one needs to do with this project. `make` lists it.
# Only Python >= 3.11 and make must be there; the rest is installed into .venv, with checked hashes.

VENV   := .venv
PYTHON := $(VENV)/bin/python
# --no-compile: Python compiles what it imports; compiling all of it takes three times the install.
# --no-deps: the lists are whole (pip-compile made them), so there is nothing to be resolved.
PIP    := $(PYTHON) -m pip --disable-pip-version-check install --quiet --no-input --no-compile \
          --require-hashes --no-deps
PYTEST := $(PYTHON) -m pytest -n 2
LOCK   := $(PYTHON) -m piptools compile --quiet --generate-hashes --strip-extras --allow-unsafe \
          --no-header --no-emit-index-url --no-emit-find-links --no-emit-options

# The tests start hundreds of commands: each would compile everything anew.
unexport PYTHONDONTWRITEBYTECODE

# Installs a list in two halves at once, which takes half the time. The lists are whole, so it does
# not matter which package comes first; only pip stays as the environment has it, since one half
# would replace it under the feet of the other.
INSTALL = halves=; for half in 0 1; do \
        awk -v half=$$half '/^[A-Za-z0-9]/ { number++; pip = /^pip==/ } !pip && number % 2 == half' \
            $< > $@.$$half; \
        $(PIP) -r $@.$$half & halves="$$halves $$!"; \
    done; \
    for one in $$halves; do wait $$one || failed=1; done; \
    rm -f $@.0 $@.1; test -z "$$failed"

# A folder for temporary files that is gone when the command ends, however it ends. Others may pass
# through it, not look in: as root, PostgreSQL runs under an account of its own.
WITH_TMP := tmp=$$(mktemp -d) && chmod 711 "$$tmp" && trap 'rm -rf "$$tmp"' EXIT && trap 'exit 130' INT TERM && export TMPDIR=$$tmp &&

# A service on a free port, in the background; it ends with the shell that started it. Sets $$url.
WITH_SERVICE := $(PYTHON) cli.py serve --demo --port 0 > out/serve.log 2>&1 & service=$$!; \
    trap 'kill $$service; wait $$service' EXIT; \
    for try in $$(seq 600); do \
        url=$$(sed -n 's|.*"event": "ready".*"url": "\([^"]*\)".*|\1|p' out/serve.log); \
        test -n "$$url" && break; sleep 0.1; \
    done; \
    { test -n "$$url" || { cat out/serve.log >&2; exit 1; }; }

# Where the compiled package lies, to be put on PYTHONPATH; its wheel stays in out/wheel.
COMPILED := out/compiled

.PHONY: definitions help demo test test-all long spark mutants bench bench-compiled compiled sbom lock clean
.DELETE_ON_ERROR:

help:
	@echo "make demo      set up, make up an emergency, assess it: text here, FHIR in out/"
	@echo "make test      everything that is quick: tests, style, types, floors, README (4 minutes)"
	@echo "make test-all  what takes longer: browsers, long fuzzing, databases, mutants"
	@echo "make long      hundreds of thousands of generated inputs (hours)"
	@echo "make spark     what runs on a Spark cluster (installs Spark, 400 MB)"
	@echo "make mutants   changes rules and engine on purpose: the tests must notice"
	@echo "make bench     speed, beside the same work done another way"
	@echo "make compiled  the wheel with its busiest modules as machine code (needs a C compiler)"
	@echo "make definitions  HL7's definitions as tables anew (needs Maven)"
	@echo "make sbom      what the service is made of, and under which licences"
	@echo "make lock      choose the versions in requirements/ anew"
	@echo "make clean     remove all that make has made"

demo: $(VENV)/.runtime $(VENV)/bin/cramp-cds
	@mkdir -p out
	@echo '$$ python cli.py sample response --scenario no-urine > out/response.json'
	@$(PYTHON) cli.py sample response --scenario no-urine > out/response.json
	@echo '$$ python cli.py assess - < out/response.json'
	@$(PYTHON) cli.py assess - < out/response.json
	@CRAMP_CDS_SITE__RECIPIENT=Group/on-call \
	    $(PYTHON) cli.py assess out/response.json --format fhir -o out/decision.json
	@echo 'The same decision as a FHIR bundle: out/decision.json'
	@echo
	@echo '$$ python cli.py serve --demo &'
	@echo '$$ python cli.py call cramps --hook patient-view'
	@$(WITH_SERVICE) && $(PYTHON) cli.py call cramps --hook patient-view --scenario no-urine --url "$$url"
	@echo
	@echo 'From now on, in any folder: $(CURDIR)/$(VENV)/bin/cramp-cds'
	@echo '(or, in this one: python cli.py)'

test: $(VENV)/.dev
	@$(WITH_TMP) $(PYTEST)

test-all: $(VENV)/.deploy
	@$(WITH_TMP) $(PYTEST) -m "slow and not long"

long: $(VENV)/.dev
	@$(WITH_TMP) $(PYTEST) -m long

# Spark is 400 MB and needs Java 17: only who changes what runs on it waits for that.
spark: $(VENV)/.dev
	@$(PYTHON) -m pip --disable-pip-version-check install --quiet --no-input 'pyspark>=4,<5' pyarrow 'pandas>=2.2'
	@$(WITH_TMP) $(PYTHON) -m pytest -m spark

mutants: $(VENV)/.dev
	@$(PYTHON) tests/mutants/rules.py --share 1
	@$(PYTHON) tests/mutants/core.py --count 0

bench: $(VENV)/.dev
	@$(WITH_TMP) for script in benchmarks/*.py; do \
	    echo "== $$script" && PYTHONPATH=. $(PYTHON) "$$script" || exit 1; \
	done
	@if command -v $(CC) >/dev/null; then $(MAKE) --no-print-directory bench-compiled; \
	else echo 'No C compiler ($(CC)): the compiled package was not measured.'; fi

bench-compiled: $(COMPILED)/.made
	@$(WITH_TMP) for script in assess mix http; do \
	    echo "== benchmarks/$$script.py, compiled" && \
	    PYTHONPATH=$(CURDIR)/$(COMPILED) $(PYTHON) "benchmarks/$$script.py" || exit 1; \
	done

compiled: $(COMPILED)/.made
	@echo 'To install: pip install out/wheel/*.whl. To try: PYTHONPATH=$(COMPILED) python -m cds'

definitions: $(VENV)/.runtime
	@$(WITH_TMP) for version in r4 r4b r5; do \
	    mvn -q dependency:copy -Dmdep.useBaseVersion=true -DoutputDirectory="$$tmp" \
	        -Dartifact=ca.uhn.hapi.fhir:hapi-fhir-validation-resources-$$version:8.8.1; \
	done; for script in generate generate_codes; do \
	    $(PYTHON) -m cds.forms.elements.$$script "$$tmp"; \
	done

lock: $(VENV)/.dev
	$(LOCK) --upgrade --output-file requirements/runtime.txt pyproject.toml
	$(LOCK) --upgrade --extra postgres --extra form --constraint requirements/runtime.txt \
	    --output-file requirements/service.txt pyproject.toml
	$(LOCK) --upgrade --extra dev --extra prove --extra postgres --extra form --extra bulk --constraint requirements/runtime.txt \
	    --output-file requirements/dev.txt pyproject.toml
	$(LOCK) --upgrade --extra prove --extra form --extra bulk --constraint requirements/dev.txt \
	    --output-file requirements/demo.txt pyproject.toml
	$(LOCK) --upgrade --extra deploy --constraint requirements/dev.txt \
	    --output-file requirements/deploy.txt pyproject.toml
	$(LOCK) --upgrade --only-build-deps --build-deps-for wheel \
	    --output-file requirements/build.txt pyproject.toml

# What the service is made of: CycloneDX for machines, the licences for people.
sbom: $(VENV)/.deploy
	@mkdir -p out
	@$(PYTHON) -m cyclonedx_py requirements requirements/service.txt --output-reproducible \
	    --of JSON -o out/sbom.json
	@$(PYTHON) deploy/licences.py requirements/service.txt > out/licences.md
	@echo 'Written: out/sbom.json, out/licences.md'

clean:
	rm -rf $(VENV) out build dist benchmarks/out .hypothesis .import_linter_cache .mypy_cache \
	    .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# With the extras that commands of the README need: prove, form, bulk.
$(VENV)/.runtime: requirements/demo.txt | $(PYTHON)
	@echo 'Installing what it runs on (once; requirements/demo.txt) ...'
	@$(INSTALL)
	@touch $@

# The command of this checkout, without building a package: it runs what stands here.
$(VENV)/bin/cramp-cds: | $(PYTHON)
	@printf '#!/bin/sh\nexec "%s" "%s" "$$@"\n' '$(CURDIR)/$(PYTHON)' '$(CURDIR)/cli.py' > $@
	@chmod +x $@

$(VENV)/.dev: requirements/dev.txt | $(PYTHON)
	@echo 'Installing the tools as well (once; requirements/dev.txt) ...'
	@$(INSTALL)
	@touch $@

$(VENV)/.deploy: requirements/deploy.txt | $(VENV)/.dev
	@echo 'Installing what judges deploy/ (once; requirements/deploy.txt) ...'
	@$(INSTALL)
	@touch $@

# The wheel is built out of the sdist, in a folder of its own: machine code beside the sources would be
# imported instead of them, also when they have changed since. Nobody from outside calls its functions by
# name: hidden from the loader, they call one another directly.
$(COMPILED)/.made: pyproject.toml $(shell find cds questionnaires -type f ! -name '*.pyc') | $(VENV)/.dev
	@command -v $(CC) >/dev/null || { echo 'A C compiler is needed, and there is no $(CC).' \
	    'On Debian or Ubuntu: apt install gcc libc6-dev python3-dev' >&2; exit 1; }
	@echo 'Compiling (a minute or two) ...'
	@rm -rf $(COMPILED) out/wheel && mkdir -p out
	@CFLAGS='$(CFLAGS) -fvisibility=hidden' HATCH_BUILD_HOOK_ENABLE_MYPYC=1 \
	    $(PYTHON) -m build --no-isolation --outdir out/wheel \
	    > out/compiled.log 2>&1 || { cat out/compiled.log >&2; exit 1; }
	@$(PYTHON) -m pip --disable-pip-version-check install --quiet --no-deps --no-compile \
	    --target $(COMPILED) out/wheel/*.whl
	@touch $@

# The first Python on PATH that is new enough: one may be listed there and still not start.
$(PYTHON):
	@for python in python3 python3.13 python3.12 python3.11 python3.14; do \
	    if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	        $$python -m venv $(VENV) && exit 0; \
	        rm -rf $(VENV); \
	        echo "$$python cannot make a virtual environment. On Debian or Ubuntu: apt install python3-venv" >&2; \
	        exit 1; \
	    fi; \
	done; \
	echo 'Python 3.11 or newer is needed, and none of python3, python3.11 to python3.14 is it.' >&2; \
	echo 'Install one (python.org, or your system: apt install python3, brew install python) and try again.' >&2; \
	exit 1
