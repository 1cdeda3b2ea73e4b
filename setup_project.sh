#!/usr/bin/env bash
# Checks the machine, builds Larder and runs the banking example. What it does beyond checking and building is in ./larder.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here"
# shellcheck source=deploy/native/packages.sh
. deploy/native/packages.sh

usage() {
  cat <<'TEXT'
Usage: ./setup_project.sh [COMMAND] [OPTIONS]

  (no command)   check, build, then run the banking example on embedded real parts;
                 ends with an online answer, the servers keep running
  build          check and build only
  test           prepare what the tests need and run mvn verify
  stop           stop every process that the example started
  clean          stop, then delete the example's data: the next run starts over
  help           this page

Options:
  --yes          install what is missing without asking
  --users N --days N --seed N     size and seed of the example's data
  --port N                        port of the feature server instead of 6566
  --native       the full stack as processes: Redis, MinIO (S3) and Trino, too; their programs are prepared first
                 (8 CPU minutes once; 3 GiB of memory; Trino needs a JDK 24 or newer beside)
  --docker       in containers, the full stack of docker-compose.yaml (7 GiB of memory); it builds in containers, too
  --docker --lite                 without Trino and Airflow (4 GiB)

Examples:
  ./setup_project.sh
  ./setup_project.sh --users 5000 --days 56
  ./setup_project.sh --native --yes
  ./setup_project.sh test --yes
TEXT
}

command=demo
yes=
docker=
lite=
native=
demo_options=()
while [ $# -gt 0 ]; do
  case $1 in
    build | test | stop | clean) command=$1 ;;
    help | -h | --help) usage; exit 0 ;;
    --yes | -y) yes=1 ;;
    --docker) docker=1 ;;
    --native) native=1 ;;
    --lite) lite=--lite ;;
    --users | --days | --seed | --port)
      [ $# -ge 2 ] || fail ARGUMENT_INVALID "$1 needs a number. See ./setup_project.sh help."
      demo_options+=("$1" "$2")
      shift
      ;;
    *) fail ARGUMENT_INVALID "'$1' is no command or option (expected: build, test, stop, clean, help, --yes, --native, --docker, --lite, --users, --days, --seed, --port)." ;;
  esac
  shift
done
if [ ${#demo_options[@]} -gt 0 ] && [ "$command" != demo ]; then
  fail ARGUMENT_INVALID "${demo_options[0]} belongs to the demo, not to '$command'."
fi

if [ -n "$native" ] && { [ -n "$docker" ] || [ "$command" != demo ]; }; then
  fail ARGUMENT_INVALID "--native belongs to the demo, and goes without --docker. What it starts is found by stop and clean themselves."
fi
if [ -n "$docker$lite" ] && { [ -z "$docker" ] || [ "$command" != demo ]; }; then
  fail ARGUMENT_INVALID "--docker belongs to the demo, --lite to --docker. What runs in containers is found by stop and clean themselves."
fi
[ -z "$docker" ] || exec deploy/compose/run.sh start ${lite:+"$lite"} ${demo_options[@]+"${demo_options[@]}"}

# ---- what the machine has -------------------------------------------------------------------------------------------

java_command() {
  if [ -n "${JAVA_HOME:-}" ]; then printf '%s' "$JAVA_HOME/bin/java"; else command -v java || true; fi
}

# Prints the major version, or nothing where that is no Java.
java_major() {
  [ -x "$1" ] || return 0
  "$1" -version 2>&1 | sed -n 's/.*version "\(1\.\)\{0,1\}\([0-9]*\).*/\2/p' | head -n 1
}

check_jdk() {
  local java major
  java=$(java_command)
  major=$(java_major "$java")
  if [ -z "$major" ]; then
    offer JDK_MISSING jdk17 "No Java found (expected: JDK 17 or newer in JAVA_HOME or PATH)."
  elif [ "$major" -lt 17 ]; then
    if [ -n "${JAVA_HOME:-}" ]; then
      fail JDK_TOO_OLD "JAVA_HOME is Java $major (expected: 17 or newer). Set JAVA_HOME to a newer JDK: $JAVA_HOME"
    fi
    offer JDK_TOO_OLD jdk17 "$java is Java $major (expected: 17 or newer)."
  elif [ ! -x "$(dirname "$(readlink -f "$java" 2>/dev/null || echo "$java")")/javac" ] && ! command -v javac >/dev/null; then
    offer JDK_MISSING jdk17 "$java is a runtime without a compiler (expected: a full JDK)."
  fi
  major=$(java_major "$(java_command)")
  [ -n "$major" ] && [ "$major" -ge 17 ] ||
    fail JDK_TOO_OLD "Still no JDK 17 or newer: $(java_command) is Java ${major:-unknown}. Set JAVA_HOME to a JDK 17 or newer."
}

check_maven() {
  command -v mvn >/dev/null || offer MAVEN_MISSING maven "No Maven found (expected: mvn, 3.8 or newer, in PATH)."
}

check_writable() {
  mkdir -p "$here/.larder" 2>/dev/null && touch "$here/.larder/.writable" 2>/dev/null ||
    fail PATH_UNUSABLE "Cannot write in $here. Make the folder writable, or clone Larder into one that is."
}

# A build that stands is not done again: the sources' newest change decides.
built() {
  local mark=$here/.larder/built
  [ -f "$mark" ] && [ -f cli/target/classpath ] && [ -f materializer/target/classpath ] &&
    [ -f feature-server/target/classpath ] && [ -f testing/servers/target/classpath ] &&
    [ -z "$(find pom.xml core cdc materializer feature-server trino cli testing \
      \( -path '*/target' -o -path '*/data' \) -prune -o \
      \( -path '*/src/main/*' -o -name pom.xml \) -newer "$mark" -type f -print 2>/dev/null | head -n 1)" ]
}

build() {
  check_jdk
  check_maven
  check_writable
  if built; then
    say "Build: up to date"
    return
  fi
  local started=$SECONDS log=$here/.larder/build.log
  say "Build: the first one downloads about 530 MB and takes some minutes (log: .larder/build.log)"
  mvn -B -DskipTests package >"$log" 2>&1 &
  local mvn_pid=$!
  trap 'kill $mvn_pid 2>/dev/null; wait $mvn_pid 2>/dev/null; exit 130' INT TERM
  while kill -0 $mvn_pid 2>/dev/null; do
    sleep 1
    if [ $(((SECONDS - started) % 5)) = 0 ]; then build_progress "$log" $((SECONDS - started)); fi
  done
  trap - INT TERM
  [ -t 1 ] && printf '\r\033[2K'
  if ! wait $mvn_pid; then
    grep -E '^\[ERROR\]' "$log" | head -n 15 >&2 || true
    fail BUILD_FAILED "mvn package failed after $((SECONDS - started)) s. The whole log: .larder/build.log"
  fi
  # A server without it starts as well, in twice the time.
  ./larder rehearse >>"$log" 2>&1 || say "Build: no archive for a fast start of the server, see the end of .larder/build.log"
  touch "$here/.larder/built"
  say "Build: done in $((SECONDS - started)) s"
}

build_progress() {
  local module downloads line
  module=$(grep -oE '\[[0-9]+/[0-9]+\]' "$1" | tail -n 1 || true)
  downloads=$(grep -c 'Downloaded from' "$1" || true)
  line="Build: module ${module:-[..]}  $downloads files downloaded  $2 s"
  if [ -t 1 ]; then printf '\r\033[2K%s' "$line"; else say "$line"; fi
}

# Feast itself, for the tests that compare with it, and Schemathesis, which makes requests for the server: each in a virtual
# environment below .larder/.
prepare_python() {
  local python=
  for candidate in python3.11 python3.12 python3.13 python3; do
    if command -v "$candidate" >/dev/null && "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      python=$candidate
      break
    fi
  done
  if [ -z "$python" ]; then
    offer PYTHON_MISSING python "No Python 3.11 or newer with venv found; the tests run Feast itself to compare with it."
    python=python3
  fi
  prepare_venv "$python" feast "$here/testing/end-to-end/requirements.txt" "Feast in .larder/feast (about 600 MB on disk)"
  prepare_venv "$python" schemathesis "$here/feature-server/src/test/python/fuzz/requirements.txt" \
    "Schemathesis in .larder/schemathesis (about 100 MB on disk)"
}

prepare_venv() {
  local python=$1 venv=$here/.larder/$2 wanted=$3 what=$4
  if [ ! -f "$venv/installed" ] || ! cmp -s "$wanted" "$venv/installed"; then
    say "Preparing $what"
    "$python" -m venv "$venv"
    "$venv/bin/pip" install -q --disable-pip-version-check -r "$wanted"
    cp "$wanted" "$venv/installed"
  fi
}

# A second, newer JDK for the end-to-end test, where the machine has one.
newer_jdk() {
  local home
  for home in "${LARDER_JDK25:-}" /usr/lib/jvm/*25* /Library/Java/JavaVirtualMachines/*25*/Contents/Home "$HOME"/.sdkman/candidates/java/25*; do
    if [ -n "$home" ] && [ "$(java_major "$home/bin/java")" = 25 ]; then
      printf '%s' "$home"
      return
    fi
  done
}

# Brings the programs of the full stack and Feast. In CI the tests need them; on a user's machine those tests are skipped that do, and say so.
prepare_tests() {
  local part failed=() jobs=() parts=(minio trino airflow)
  prepare_python
  deploy/native/prepare.sh redis ${yes:+--yes} || failed+=(redis)
  if [ -n "${CI:-}" ]; then
    # One compiles, the others download. Elsewhere each may have to ask, or to install a package.
    for part in "${parts[@]}"; do
      deploy/native/prepare.sh "$part" --yes &
      jobs+=($!)
    done
    for part in "${!parts[@]}"; do wait "${jobs[$part]}" || failed+=("${parts[$part]}"); done
  else
    for part in "${parts[@]}"; do deploy/native/prepare.sh "$part" ${yes:+--yes} || failed+=("$part"); done
  fi
  deploy/checks/prepare.sh || failed+=(linters)
  [ ${#failed[@]} -gt 0 ] || return 0
  [ -z "${CI:-}" ] || fail STEP_MISSING "CI runs all tests; not prepared: ${failed[*]}"
  say "Without ${failed[*]}: the tests that need them are skipped."
}

run_tests() {
  check_jdk
  check_maven
  check_writable
  prepare_tests
  local jdk25 profiles=()
  jdk25=$(newer_jdk)
  if [ -z "$jdk25" ]; then
    [ -z "${CI:-}" ] || fail JDK_MISSING "No JDK 25 beside this one; CI runs the end-to-end test on both (set LARDER_JDK25)."
    say "No JDK 25 found: the end-to-end test runs on this JDK alone (set LARDER_JDK25 to a JDK 25 to run it on both)."
  fi
  [ -z "${CI:-}" ] || profiles=(-Pci)
  LARDER_FEAST_PYTHON=$here/.larder/feast/bin/python LARDER_SCHEMATHESIS=$here/.larder/schemathesis/bin/schemathesis \
    LARDER_JDK25=$jdk25 exec mvn -B -ntp ${profiles[@]+"${profiles[@]}"} verify
}

case $command in
  demo)
    if [ -n "$native" ]; then
      check_jdk
      check_maven
      check_writable
      deploy/native/prepare.sh redis minio trino ${yes:+--yes}
    fi
    build
    if [ -n "$native" ]; then
      ./larder -c "$here/feature_repo/banking" start --full
      set -a
      # shellcheck source=/dev/null
      . feature_repo/banking/data/native/environment
      set +a
    fi
    exec ./larder -c "$here/feature_repo/banking" demo ${demo_options[@]+"${demo_options[@]}"}
    ;;
  build) build ;;
  test) run_tests ;;
  stop | clean)
    [ ! -f .larder/docker ] || deploy/compose/run.sh "$command" || say "The containers were left as they are."
    [ -f cli/target/classpath ] || { say "Nothing is built, so nothing runs."; exit 0; }
    if [ "$command" = clean ]; then exec ./larder -c "$here/feature_repo/banking" clean --yes; fi
    exec ./larder -c "$here/feature_repo/banking" stop
    ;;
esac
