#!/usr/bin/env bash
# Lays out Larder as its images carry it, from a built tree: the libraries in lib/, everything of ours in app/.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
modules="cli feature-server materializer"

fail() {
  printf 'error %s: %s\n' "$1" "$2" >&2
  exit 1
}

[ $# = 1 ] || fail ARGUMENT_INVALID "usage: deploy/images/layout.sh FOLDER (a new one; the class paths name it, so it cannot be moved later)"
for module in $modules; do
  [ -f "$here/$module/target/classpath" ] || fail NOT_BUILT "$module is not built yet. Run ./setup_project.sh build first."
done
[ ! -e "$1" ] || [ -z "$(ls -A "$1")" ] || fail PATH_UNUSABLE "$1 is not empty (expected: a new folder)."
mkdir -p "$1"
target=$(cd "$1" && pwd)
mkdir -p "$target/lib" "$target/app/lib"

# place FOLDER JAR: copies it; two jars of one name must be one jar, or a module would run with the other's version.
place() {
  local copy=$1/${2##*/}
  if [ -e "$copy" ]; then
    cmp -s "$2" "$copy" || fail BUILD_FAILED "two different jars are called ${2##*/}: one of them is $2"
  else
    cp "$2" "$copy"
  fi
}

for module in $modules; do
  mkdir -p "$target/app/$module/target"
  cp -R "$here/$module/target/classes" "$target/app/$module/target/classes"
  [ "$module" != feature-server ] || cp -p "$here/$module/target"/larder-*.jar "$target/app/$module/target"
  classpath=
  IFS=: read -r -a entries <"$here/$module/target/classpath" || true
  for entry in "${entries[@]}"; do
    case ${entry##*/} in
      larder-*.jar) folder=$target/app/lib ;;
      *.jar) folder=$target/lib ;;
      *) fail BUILD_FAILED "$entry in $module/target/classpath is no jar. Run mvn package, not compile." ;;
    esac
    place "$folder" "$entry"
    classpath=$classpath${classpath:+:}$folder/${entry##*/}
  done
  printf '%s\n' "$classpath" >"$target/app/$module/target/classpath"
done

mkdir -p "$target/app/materializer/src/main"
cp "$here/materializer/src/main/jvm.options" "$target/app/materializer/src/main/jvm.options"
cp "$here/larder" "$target/app/larder"
