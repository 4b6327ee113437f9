#!/bin/sh
# Runs the tests; called by `make test`, from the repository's root. What this machine lacks is left out by its marker
# and named; CI must lack nothing. Arguments go to pytest, and what they name runs in one process.
set -eu
unset PYTHONDONTWRITEBYTECODE # as in the Makefile: what is compiled is kept, for a thousand processes import the same
# Several processes test side by side, and threads of arithmetic in each of them would wait for one another by turning: on
# a busy machine an eigendecomposition of 1280 x 1280 took 5.4 s of two processors, and takes 0.3 s with one thread. What
# runs in a sandbox has as many as its worker says.
export OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1

named=$#
lacking=""
expression=""
without() { # without MARKER WHAT: leave out the tests with that marker
  lacking="$lacking
  $2"
  expression="${expression:+$expression and }not $1"
}

[ -n "${CHROMIUM:-}" ] || without browser "Chromium (install it, or set CHROMIUM=/path/to/it)"
bubblewrap=yes
bwrap --unshare-all --die-with-parent --ro-bind / / --proc /proc -- /bin/true 2>/dev/null || bubblewrap=
docker=yes
docker info >/dev/null 2>&1 || docker=
[ -n "$bubblewrap" ] || without bubblewrap "bubblewrap (apt install bubblewrap)"
[ -n "$docker" ] || without docker "a Docker engine that this user may use"
[ -n "$bubblewrap$docker" ] || without submitted "either of them, so no submitted code can be run"
.venv/bin/python -m tests.ordinary || without ordinary "a checkout that other users than root may read"

if [ -n "$lacking" ]; then
  printf 'The tests need, and this machine lacks:%s\n' "$lacking" >&2
  if [ -n "${CI:-}" ]; then exit 1; fi
  printf 'The tests that need it are left out.\n' >&2
  set -- -m "$expression" "$@"
fi
# Two processes pay where everything runs; for what was named, their start is most of the time. Files begin in their
# order, by which the longest tests come first: one that begins last would have one process wait for the other. All that
# use the whole site go to one process (tests/schedule.py).
if [ "$named" = 0 ]; then set -- -n 3 --dist loadfile --no-loadscope-reorder "$@"; fi
exec .venv/bin/python -m pytest "$@"
