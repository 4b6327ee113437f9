#!/bin/sh
# Makes .venv from a Python >= 3.11 and the package registry; called by `make install`, from the repository's root.
#   install.sh run    what `make demo` needs
#   install.sh more   that, and what makes the data of `make demo MORE=1`
#   install.sh dev    that, and what the tests and the linters need
# A second call takes no time: a stamp in .venv holds a checksum of everything that decides what is installed.
set -eu

kind=$1
venv=.venv
busy=$venv/installing

say() { printf '%s\n' "$*" >&2; }

usable() { # a Python that is new enough and can make virtual environments
  "$1" -c 'import sys, venv, ensurepip; raise SystemExit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

find_python() {
  for name in ${PYTHON:+"$PYTHON"} ${PYTHON:-python3.12 python3.11 python3 python3.13 python}; do
    if usable "$name"; then
      printf '%s\n' "$name"
      return
    fi
  done
  say "Farfield needs Python 3.11 or newer with the modules venv and ensurepip, and found none${PYTHON:+ in PYTHON=$PYTHON}."
  say "Install one (on Debian and Ubuntu: python3 and python3-venv), or name it: make PYTHON=/path/to/python3.12"
  exit 1
}

wanted() { # where the checkout lies decides too: an environment cannot be moved
  { printf '%s\n' "$PWD"; cat pyproject.toml plugins/*/pyproject.toml demo/pyproject.toml constraints.txt "$0"; } | cksum
}

stamped() { [ -f "$venv/$1-stamp" ] && [ "$(cat "$venv/$1-stamp")" = "$stamp" ]; }

[ -f constraints.txt ] || { say "Run make in the root of the checkout of Farfield."; exit 1; }
stamp=$(wanted)
for holds in dev more run; do # each holds the next one
  if stamped "$holds"; then exit 0; fi
  [ "$holds" != "$kind" ] || break
done

free=$(df -Pk . | awk 'NR == 2 { print int($4 / 1000000) }')
if [ ! -x "$venv/bin/python" ] && [ "$free" -lt 9 ]; then
  say "The disk that holds $PWD has $free GB free; the installation needs 9 GB (torch brings most of it)."
  exit 1
fi

place=$(cat "$venv/place" 2>/dev/null || printf '%s' "$PWD")
if [ ! -x "$venv/bin/python" ] || [ -e "$busy" ] || [ "$place" != "$PWD" ]; then
  python=$(find_python)
  say "Making $venv with $("$python" --version) ..."
  "$python" -m venv --clear "$venv"
fi
: >"$busy"
printf '%s' "$PWD" >"$venv/place"

# uv does not read pip's settings; a machine that was given a mirror or a certificate for pip keeps it.
index=$("$venv/bin/python" -m pip config get global.index-url 2>/dev/null || true)
if [ -n "${PIP_INDEX_URL:-$index}" ]; then export UV_DEFAULT_INDEX="${UV_DEFAULT_INDEX:-${PIP_INDEX_URL:-$index}}"; fi
if [ -n "${PIP_CERT:-}" ]; then export SSL_CERT_FILE="${SSL_CERT_FILE:-$PIP_CERT}"; fi

"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --constraint constraints.txt uv
extras=web,worker,torch,local
[ "$kind" = run ] || extras=$extras,corruptions
set -- -e plugins/sdk -e plugins/baselines -e demo -e ".[$extras]"
if [ "$kind" = dev ]; then set -- "$@" --group dev; fi
say "Installing the packages; the first time they are downloaded, about 3 GB ..."
"$venv/bin/python" -m uv pip install --quiet --python "$venv/bin/python" --constraint constraints.txt "$@"
# Python compiles a module when it is first imported, and a run in a sandbox cannot keep what it compiled: what every
# run imports is compiled here. All 30,000 modules would take half a minute; a worker sees to the others in its idle time.
env -u PYTHONDONTWRITEBYTECODE "$venv/bin/python" -W ignore -c "import torch, torchvision, timm, open_clip"

printf '%s' "$stamp" >"$venv/$kind-stamp"
rm -f "$busy"
