#!/usr/bin/env bash
# Brings the programs that the native full stack needs and Maven does not: Redis, MinIO, Trino, Airflow. Done twice it is quick.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
tools=${LARDER_TOOLS:-$here/.larder/tools}
# shellcheck source=deploy/native/packages.sh
. "$here/deploy/native/packages.sh"

minio_version=v0.0.0-20260212201848-7aac2a2c5b7c
trino_version=476
# The PostgreSQL connector does not start without the type Geometry, which geospatial brings.
trino_plugins="iceberg postgresql geospatial memory"

usage() {
  cat <<'TEXT'
Usage: deploy/native/prepare.sh [PART...] [--yes]

  Parts (all, if none is named), and what the first time costs:
  redis      redis-server and redis-cli from the system's packages; seconds
  minio      compiled from its Go module; 4 to 6 CPU minutes, 2.2 GB of Go caches
  trino      server 476 with the plugins that Larder uses; 780 MB downloaded, 500 MB kept; needs a JDK 24 or newer to run
  airflow    in a Python environment of its own; 300 MB

  --yes      install system packages without asking

They go into .larder/tools (or LARDER_TOOLS). What is there is left alone.
TEXT
}

yes=
parts=()
for word in "$@"; do
  case $word in
    redis | minio | trino | airflow) parts+=("$word") ;;
    --yes | -y) yes=1 ;;
    help | -h | --help) usage; exit 0 ;;
    *) fail ARGUMENT_INVALID "'$word' is no part or option (expected: redis, minio, trino, airflow, --yes)." ;;
  esac
done
[ ${#parts[@]} -gt 0 ] || parts=(redis minio trino airflow)
mkdir -p "$tools" 2>/dev/null && [ -w "$tools" ] || fail PATH_UNUSABLE "Cannot write in $tools. Set LARDER_TOOLS to a folder that is writable."

# watched CODE LOG MEASURE WHAT COMMAND...: runs the command, tells every few seconds how far it is (MEASURE prints that), and shows the
# log's end if it fails.
watched() {
  local code=$1 log=$2 measure=$3 what=$4 started=$SECONDS pid line
  shift 4
  "$@" >"$log" 2>&1 &
  pid=$!
  trap 'kill $pid 2>/dev/null; wait $pid 2>/dev/null; exit 130' INT TERM
  while kill -0 $pid 2>/dev/null; do
    sleep 1
    line="$what: $($measure "$log")  $((SECONDS - started)) s"
    if [ -t 1 ]; then printf '\r\033[2K%s' "$line"; elif [ $(((SECONDS - started) % 15)) = 0 ]; then say "$line"; fi
  done
  trap - INT TERM
  [ -t 1 ] && printf '\r\033[2K'
  if ! wait $pid; then
    tail -n 15 "$log" >&2
    fail "$code" "$what failed after $((SECONDS - started)) s. The whole log: $log. Run this again: what is downloaded and compiled is kept."
  fi
  say "$what: done in $((SECONDS - started)) s"
}

# ---- Redis ----------------------------------------------------------------------------------------------------------

prepare_redis() {
  if ! command -v redis-server >/dev/null || ! command -v redis-cli >/dev/null; then
    offer REDIS_MISSING redis "No redis-server and redis-cli in PATH. (The package may start a Redis of its own on port 6379; Larder leaves it alone.)"
    command -v redis-server >/dev/null && command -v redis-cli >/dev/null ||
      fail REDIS_MISSING "Still no redis-server and redis-cli in PATH. Install Redis 6.2 or newer."
  fi
  say "Redis: $(redis-server --version | sed 's/.* v=\([^ ]*\).*/\1/')"
}

# ---- MinIO ----------------------------------------------------------------------------------------------------------

# Prints the minor version of Go 1, or nothing where there is no Go.
go_minor() { command -v go >/dev/null && go version | sed -n 's/.* go1\.\([0-9]*\).*/\1/p'; }

compiled() { printf '%s packages compiled (of about 1350)' "$(grep -vc '^go: ' "$1" || true)"; }

prepare_minio() {
  if [ -x "$tools/minio" ] && [ "$(cat "$tools/minio.version" 2>/dev/null)" = "$minio_version" ]; then
    say "MinIO: present"
    return
  fi
  local minor
  minor=$(go_minor || true)
  if [ -z "$minor" ] || [ "$minor" -lt 24 ]; then
    offer GO_MISSING go "MinIO is compiled with Go, and there is ${minor:+only }Go ${minor:+1.$minor}${minor:-none} (expected: go 1.24 or newer in PATH)."
    minor=$(go_minor || true)
    [ -n "$minor" ] && [ "$minor" -ge 24 ] ||
      fail GO_MISSING "The system's package is Go 1.${minor:-?} (expected: 1.24 or newer). Install a newer Go from its makers and put it first in PATH."
  fi
  # A module cache that keeps its files writable can be deleted like any other folder.
  watched MINIO_FAILED "$tools/minio.log" compiled "MinIO" \
    env GOBIN="$tools" GOFLAGS="${GOFLAGS:-} -modcacherw" nice go install -v -trimpath -ldflags=-s "github.com/minio/minio@$minio_version"
  printf '%s\n' "$minio_version" >"$tools/minio.version"
}

# ---- Trino ----------------------------------------------------------------------------------------------------------

# Prints the home of a JDK 24 or newer, which Trino needs beside the one that Larder is built with.
newer_jdk() {
  local home version
  for home in "${LARDER_JDK25:-}" "${JAVA_HOME:-}" /usr/lib/jvm/*25* /Library/Java/JavaVirtualMachines/*25*/Contents/Home /opt/homebrew/opt/openjdk@25 "$HOME"/.sdkman/candidates/java/25*; do
    [ -n "$home" ] && [ -x "$home/bin/java" ] || continue
    version=$("$home/bin/java" -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p' | head -n 1)
    if [ -n "$version" ] && [ "$version" -ge 24 ]; then
      printf '%s' "$home"
      return
    fi
  done
}

megabytes() { printf '%s MB' "$(du -sm "$tools/trino.download" 2>/dev/null | cut -f 1)"; }

prepare_trino() {
  if [ -z "$(newer_jdk)" ]; then
    offer JDK_MISSING jdk25 "Trino $trino_version runs on Java 24 or newer, and there is none beside Larder's own (LARDER_JDK25 may name its folder)."
    [ -n "$(newer_jdk)" ] || fail JDK_MISSING "Still no JDK 24 or newer. Install one and set LARDER_JDK25 to its folder."
  fi
  local target=$tools/trino-server-$trino_version download=$tools/trino.download unpacked=$tools/trino.unpacked plugin
  if [ -d "$target" ]; then
    say "Trino: present"
    return
  fi
  command -v mvn >/dev/null || fail MAVEN_MISSING "No Maven found (expected: mvn in PATH). ./setup_project.sh offers to install it."
  # A repository of its own: the archive is of no use once it is unpacked, and the user's repository is not ours to clean.
  watched TRINO_FAILED "$tools/trino.log" megabytes "Trino, 780 MB to download" \
    mvn -B -ntp -Dmaven.repo.local="$download" org.apache.maven.plugins:maven-dependency-plugin:3.8.1:get \
    -Dartifact="io.trino:trino-server:$trino_version:tar.gz" -Dtransitive=false
  rm -rf "$unpacked"
  mkdir -p "$unpacked/kept/plugin"
  say "Trino: unpacking"
  # As a whole: a jar that several plugins have is in the archive once, and a link to the first of them elsewhere.
  tar -xzf "$download/io/trino/trino-server/$trino_version/trino-server-$trino_version.tar.gz" -C "$unpacked" ||
    fail TRINO_FAILED "The archive could not be unpacked into $unpacked. Look for 1.5 GB of free disk, then run this again."
  mv "$unpacked/trino-server-$trino_version/lib" "$unpacked/kept/lib"
  for plugin in $trino_plugins; do mv "$unpacked/trino-server-$trino_version/plugin/$plugin" "$unpacked/kept/plugin/$plugin"; done
  mv "$unpacked/kept" "$target"
  rm -rf "$unpacked" "$download"
}

# ---- Airflow --------------------------------------------------------------------------------------------------------

collected() { printf '%s packages' "$(grep -c '^Collecting' "$1" || true)"; }

install_airflow() { "$1" -m venv "$2" && "$2/bin/pip" install --disable-pip-version-check -r "$3"; }

prepare_airflow() {
  local venv=$tools/airflow wanted=$here/airflow/requirements.txt python=
  if [ -f "$venv/installed" ] && cmp -s "$wanted" "$venv/installed"; then
    say "Airflow: present"
    return
  fi
  local candidate
  for candidate in python3.11 python3.12 python3.13 python3; do
    if command -v "$candidate" >/dev/null && "$candidate" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then
      python=$candidate
      break
    fi
  done
  if [ -z "$python" ]; then
    offer PYTHON_MISSING python "Airflow runs on Python 3.11 to 3.13 with venv, and there is none in PATH."
    python=python3
  fi
  watched AIRFLOW_FAILED "$tools/airflow.log" collected "Airflow" install_airflow "$python" "$venv" "$wanted"
  cp "$wanted" "$venv/installed"
}

for part in "${parts[@]}"; do "prepare_$part"; done
