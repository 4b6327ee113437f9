#!/usr/bin/env bash
# Runs commands as on a machine where less is installed than here: what CI installs, a newcomer does not have.
#   tools/fresh.sh none COMMAND ...         neither bubblewrap nor Docker nor Chromium
#   tools/fresh.sh bubblewrap COMMAND ...   bubblewrap alone
#   tools/fresh.sh both COMMAND ...         both sandboxes, no Chromium
# With `--clone` first, in a fresh clone of this checkout's HEAD that is removed afterwards; with `--busy`, beside two
# processes that never rest; with `--user NAME`, as that user.
set -euo pipefail

clone="" busy="" user=""
while :; do
  case "${1:-}" in
    --clone) clone=yes; shift ;;
    --busy) busy=yes; shift ;;
    --user) user=$2; shift 2 ;;
    *) break ;;
  esac
done
state=${1:?which state: none, bubblewrap or both}
shift
case $state in
  none) hidden='bwrap docker dockerd chromium chromium-browser google-chrome google-chrome-stable' ;;
  bubblewrap) hidden='docker dockerd chromium chromium-browser google-chrome google-chrome-stable' ;;
  both) hidden='chromium chromium-browser google-chrome google-chrome-stable' ;;
  *) printf 'unknown state %s: none, bubblewrap or both\n' "$state" >&2; exit 2 ;;
esac

scratch=$(mktemp -d)
chmod 755 "$scratch"
spinners=()
end() {
  if [ ${#spinners[@]} -gt 0 ]; then kill "${spinners[@]}" 2>/dev/null || true; fi
  rm -rf "$scratch"
}
trap end EXIT

# Each folder of PATH as a folder of links to what is in it, without what is hidden.
path=""
number=0
IFS=: read -ra folders <<<"$PATH"
for folder in "${folders[@]}"; do
  [ -d "$folder" ] || continue
  number=$((number + 1))
  mkdir -p "$scratch/path/$number"
  find -L "$folder" -maxdepth 1 -type f -exec ln -s -t "$scratch/path/$number" {} + 2>/dev/null || true
  for name in $hidden; do rm -f "$scratch/path/$number/$name"; done
  path="$path${path:+:}$scratch/path/$number"
done

checkout=$(cd "$(dirname "$0")/.." && pwd)
work=$checkout
if [ -n "$clone" ]; then
  work=$scratch/farfield
  git clone --quiet "$checkout" "$work"
fi
if [ -n "$busy" ]; then
  for _ in 1 2; do
    (while :; do :; done) &
    spinners+=($!)
  done
fi

export PATH=$path
unset CHROMIUM CI
case $state in none | bubblewrap) export DOCKER_HOST=unix:///nowhere/docker.sock ;; esac
cd "$work"
if [ -n "$user" ]; then
  chown -R "$user:" "$work"
  home=$(mktemp -d "$scratch/home.XXXX")
  chown "$user:" "$home"
  runuser -u "$user" -- env HOME="$home" "$@"
else
  "$@"
fi
