#!/usr/bin/env bash
# Runs the banking example in containers; ./setup_project.sh --docker calls it.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
repository=(-c /opt/larder/feature_repo/banking -f feature_store.stack.yaml)

say() { printf '%s\n' "$*"; }
fail() {
  printf 'error %s: %s\n' "$1" "$2" >&2
  exit 1
}

require_engine() {
  local without="Without containers: ./setup_project.sh runs the example on embedded parts, ./setup_project.sh --native the full stack."
  command -v docker >/dev/null ||
    fail DOCKER_MISSING "No docker in PATH (expected: a Docker engine that runs, with docker compose 2.24 or newer). $without"
  local said
  said=$(docker version --format '{{.Server.Version}}' 2>&1) ||
    fail DOCKER_MISSING "docker is installed, but no engine answers: ${said##*$'\n'} Start it, or name it in DOCKER_HOST. $without"
  local version major minor
  version=$(docker compose version --short 2>/dev/null) ||
    fail DOCKER_MISSING "This docker has no 'docker compose' (expected: 2.24 or newer). Install Docker's compose plugin. $without"
  version=${version#v}
  major=${version%%.*}
  minor=${version#*.}
  minor=${minor%%.*}
  [ "$major" -gt 2 ] || { [ "$major" = 2 ] && [ "$minor" -ge 24 ]; } ||
    fail DOCKER_MISSING "docker compose is $version (expected: 2.24 or newer). Install a newer compose plugin. $without"
}

# Every secret that .env.example leaves open gets a random value. A .env that exists is the user's.
write_environment() {
  [ ! -f .env ] || return 0
  local line
  (
    umask 077
    while IFS= read -r line || [ -n "$line" ]; do
      case $line in
        AIRFLOW_FERNET_KEY=) line=$line$(head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '\n') ;;
        [A-Z]*=) line=$line$(head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n') ;;
      esac
      printf '%s\n' "$line"
    done <.env.example >.env.new
  )
  mv .env.new .env
  say "Secrets: random ones written to .env"
}

# Of .env, or else of the environment.
port() { printf '%s' "${FEATURE_SERVER_PORT:-$(sed -n 's/^FEATURE_SERVER_PORT=//p' .env)}"; }

start() {
  local demo=() tty=() profile
  while [ $# -gt 0 ]; do
    case $1 in
      --lite) export COMPOSE_PROFILES=lite ;;
      --port) export FEATURE_SERVER_PORT=$2; shift ;;
      *) demo+=("$1") ;;
    esac
    shift
  done
  require_engine
  write_environment
  mkdir -p .larder && touch .larder/docker
  profile=${COMPOSE_PROFILES:-$(sed -n 's/^COMPOSE_PROFILES=//p' .env)}

  say "Images: building; the first time downloads several GB and compiles MinIO"
  docker compose build || fail DOCKER_FAILED "An image could not be built; the reason stands above. What was built is kept: run this again."
  say "Containers: starting"
  if ! docker compose up -d --wait; then
    docker compose ps --all
    docker compose logs --tail 15 setup connector || true
    docker compose exec -T connect connector-health || true
    fail DOCKER_FAILED "The containers did not all come up; see above, and docker compose logs SERVICE. Run this again when it is mended: what runs stays."
  fi

  [ -t 0 ] && [ -t 1 ] || tty=(-T)
  demo+=(--server http://feature-server:6566)
  # The scheduler's memory is there for a command like this; a container more would be above what the profile promises.
  case ,$profile, in
    *,full,*) docker compose exec ${tty[@]+"${tty[@]}"} airflow-scheduler larder "${repository[@]}" demo "${demo[@]}" ;;
    *) docker compose run --rm ${tty[@]+"${tty[@]}"} larder demo "${demo[@]}" ;;
  esac
  say ""
  say "In the containers feature-server:6566 is the server; on this machine it is http://127.0.0.1:$(port). All addresses: docker compose ps"
}

command=${1:-}
[ $# = 0 ] || shift
case $command in
  start) start "$@" ;;
  stop | clean)
    require_engine
    # Down knows only the services of active profiles.
    export COMPOSE_PROFILES=full,tools
    if [ "$command" = stop ]; then
      docker compose down
    else
      docker compose down --volumes
      rm -f .larder/docker
    fi
    ;;
  *) fail ARGUMENT_INVALID "usage: deploy/compose/run.sh start [--lite] [--port N] [options of larder demo] | stop | clean" ;;
esac
