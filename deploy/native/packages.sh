# shellcheck shell=bash
# What setup_project.sh and prepare.sh share: how they speak, and how a missing package is offered. Sourced; the caller sets `yes`.

say() { printf '%s\n' "$*"; }
fail() {
  printf 'error %s: %s\n' "$1" "$2" >&2
  exit 1
}

# Prints the command that installs a package with the system's package manager, or nothing where there is none.
installer() {
  local sudo='' name=''
  [ "$(id -u)" = 0 ] || sudo="sudo "
  if command -v apt-get >/dev/null; then
    case $1 in
      jdk17) name=openjdk-17-jdk-headless ;; jdk25) name=openjdk-25-jdk-headless ;; maven) name=maven ;;
      python) name="python3 python3-venv" ;; redis) name=redis-server ;; go) name=golang-go ;;
    esac
    printf '%sapt-get update -q && %sapt-get install -y -q %s' "$sudo" "$sudo" "$name"
  elif command -v dnf >/dev/null; then
    case $1 in
      jdk17) name=java-17-openjdk-devel ;; jdk25) name=java-25-openjdk-headless ;; maven) name=maven ;;
      python) name=python3 ;; redis) name=redis ;; go) name=golang ;;
    esac
    printf '%sdnf install -y %s' "$sudo" "$name"
  elif command -v brew >/dev/null; then
    case $1 in
      jdk17) name=openjdk@17 ;; jdk25) name=openjdk@25 ;; maven) name=maven ;;
      python) name=python@3.11 ;; redis) name=redis ;; go) name=go ;;
    esac
    printf 'brew install %s' "$name"
  fi
}

# offer CODE PACKAGE SENTENCE: says what is wrong and installs the package if the user agrees.
offer() {
  local how answer
  how=$(installer "$2")
  [ -n "$how" ] || fail "$1" "$3 Install it and run this again."
  if [ -z "${yes:-}" ]; then
    [ -t 0 ] || fail "$1" "$3 Install it with: $how   (or run this again with --yes)"
    printf '%s\nInstall it now with: %s ? [y/N] ' "$3" "$how"
    read -r answer
    case $answer in y | Y | yes) ;; *) fail "$1" "$3" ;; esac
  fi
  say "Installing: $how"
  bash -c "$how" >&2 || fail "$1" "$3 It could not be installed with: $how"
}
