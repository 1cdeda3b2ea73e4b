#!/usr/bin/env bash
# Airflow's processes as one: they are started together, and when one ends, all end. Argument: the airflow program.
set -euo pipefail

airflow=$1
pids=()

end() {
  trap - EXIT TERM INT
  [ ${#pids[@]} = 0 ] || kill "${pids[@]}" 2>/dev/null || true
  wait
}
trap end EXIT
trap 'exit 0' TERM INT

start() {
  "$airflow" "$@" &
  pids+=($!)
}

"$airflow" db migrate
start api-server
# Without the server of logs, which would listen on every address: the API server finds them on this machine's disk.
start scheduler --skip-serve-logs
start dag-processor

while sleep 1; do
  for pid in "${pids[@]}"; do
    kill -0 "$pid" 2>/dev/null || { echo "Process $pid of Airflow has ended; the others end too." >&2; exit 1; }
  done
done
