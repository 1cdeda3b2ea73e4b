#!/usr/bin/env python3
"""Puts the feature server beside Feast's own, on one Redis and the same data, and prints a table with ratios.

  benchmarks/online.py --loadgen PROGRAM --feast-python PYTHON [--rounds 5] [--shapes 1x10,...] [--connections 1,8,32]
  benchmarks/online.py ... --connections '' --shapes 1x10@1000,10x50@100                  # requests at fixed rates
  benchmarks/online.py ... --peer feast-go http '/get-online-features?status=true' './start-go.sh {repo} {port}' # another server

PROGRAM drives the servers and checks their answers; it prints one JSON line per run (rps, p50_us, p99_us,
server_cpu_us_per_req, aux_cpu_us_per_req, server_rss_mib, other_busy_pct, ok, bad). PYTHON is one with feast[redis] installed.
Everything listens on free ports of 127.0.0.1 and lives in a folder that is removed afterwards. The feature server must be
built (./setup_project.sh build), redis-server be installed. Linux only.
"""
import argparse
import json
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

DEFINITIONS = '''
import datetime
from feast import Entity, FeatureView, Field, FileSource, ValueType
from feast.types import Int64

source = FileSource(path="bench.parquet", timestamp_field="event_timestamp")
entity = Entity(name="entity", join_keys=["entity"], value_type=ValueType.INT64)
for i in range(25):
    globals()[f"view_{i}"] = FeatureView(
        name=f"feature_view_{i}", entities=[entity], ttl=datetime.timedelta(days=30), source=source,
        schema=[Field(name="entity", dtype=Int64)] + [Field(name=f"feature_{10 * i + j}", dtype=Int64) for j in range(10)])
# Nobody asks for these: a registry of a real company has many.
for i in range(UNUSED):
    globals()[f"unused_{i}"] = FeatureView(
        name=f"unused_view_{i}", entities=[entity], ttl=datetime.timedelta(days=30), source=source, online=False,
        schema=[Field(name="entity", dtype=Int64)] + [Field(name=f"unused_{10 * i + j}", dtype=Int64) for j in range(10)])
'''

DATA = '''
import numpy as np, pandas as pd
keys = np.random.default_rng(1).permutation(10_000).astype("int64")
columns = {"entity": keys, "event_timestamp": pd.Series([pd.Timestamp.now(tz="UTC")] * len(keys))}
columns |= {f"feature_{j}": ((keys * 7 + j * 13) % 10_000).astype("int64") for j in range(250)}
pd.DataFrame(columns).to_parquet("bench.parquet")
'''


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Bench:
    def __init__(self, options):
        self.options = options
        self.folder = tempfile.mkdtemp(prefix="larder-bench-")
        self.processes = []

    def start(self, name, command, port, path=None, cwd=None, env=None):
        """Starts a server and waits until it answers; prints how long that took."""
        log = open(os.path.join(self.folder, name + ".log"), "w")
        begun = time.monotonic()
        process = subprocess.Popen(command, cwd=cwd, env=env, stdout=log, stderr=log, start_new_session=True)
        self.processes.append(process)
        while True:
            try:
                if path is None:
                    socket.create_connection(("127.0.0.1", port), 1).close()
                else:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5).close()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() - begun > 120:
                    sys.exit(f"{name} does not start:\n" + open(log.name).read()[-2000:])
                time.sleep(0.02)
        print(f"{name}: answers after {time.monotonic() - begun:.1f} s", file=sys.stderr)
        return process

    def feast(self, repo, *arguments):
        program = os.path.join(os.path.dirname(self.options.feast_python), "feast")
        subprocess.run([program, *arguments], cwd=repo, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def repository(self):
        """A repository that Feast has applied, and whose values Feast has written."""
        repo = os.path.join(self.folder, "repo")
        os.mkdir(repo)
        self.redis = free_port()
        if self.options.store == "redis":
            port = self.redis
            command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", self.folder]
            self.aux = [self.start("redis", command, port).pid]
            store = f'{{type: redis, connection_string: "127.0.0.1:{port}"}}'
        else:
            self.aux = []
            store = "{type: sqlite, path: online.db}"
        with open(os.path.join(repo, "feature_store.yaml"), "w") as file:
            file.write(f"project: bench\nprovider: local\nregistry: registry.db\nonline_store: {store}\n"
                       "offline_store: {type: file}\nentity_key_serialization_version: 3\n")
        with open(os.path.join(repo, "definitions.py"), "w") as file:
            file.write(DEFINITIONS.replace("UNUSED", str(self.options.unused_views)))
        subprocess.run([self.options.feast_python, "-c", DATA], cwd=repo, check=True)
        self.feast(repo, "apply")
        if self.options.writer == "feast":
            self.feast(repo, "materialize-incremental", time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()))
        return repo

    def fill(self, url):
        """Writes the same values as Feast would, by the server's own requests."""
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        for first in range(0, 10_000, 1_000):
            keys = range(first, first + 1_000)
            for view in range(25):
                columns = {"entity": list(keys), "event_timestamp": [now] * len(keys)}
                columns |= {f"feature_{j}": [(key * 7 + j * 13) % 10_000 for key in keys] for j in range(10 * view, 10 * view + 10)}
                body = json.dumps({"feature_view_name": f"feature_view_{view}", "df": columns}).encode()
                request = urllib.request.Request(url + "/write-to-online-store", body, {"Content-Type": "application/json"})
                urllib.request.urlopen(request, timeout=60).close()

    def shell(self, command, **values):
        """Braces around other words than these are the command's own."""
        return ["bash", "-c", re.sub(r"\{(repo|port|redis)\}", lambda word: str(values[word[1]]), command)]

    def targets(self, repo):
        http, grpc = free_port(), free_port()
        command = [os.path.join(ROOT, "larder"), "-c", repo, "serve",
                   "--port", str(http), "--grpc-port", str(grpc), "--admin-port", "0", "--mode", "feast"]
        environment = os.environ | ({"JAVA_TOOL_OPTIONS": " ".join(self.options.jvm)} if self.options.jvm else {})
        larder = self.start("larder", command, http, "/health", env=environment).pid
        found = [f"name=larder-http proto=http url=http://127.0.0.1:{http}/get-online-features pid={larder}",
                 f"name=larder-grpc proto=grpc url=127.0.0.1:{grpc} pid={larder}"]
        program = os.path.join(os.path.dirname(self.options.feast_python), "feast")
        for workers in self.options.feast_workers:
            port = free_port()
            command = [program, "serve", "--port", str(port), "-w", str(workers), "--no-access-log", "--max-requests", "0",
                       "--max-requests-jitter", "0"]
            pid = self.start(f"feast-python-{workers}", command, port, "/health", cwd=repo).pid
            found.append(f"name=feast-python-{workers} proto=http url=http://127.0.0.1:{port}/get-online-features pid={pid}")
        if self.options.writer == "larder":
            self.fill(f"http://127.0.0.1:{http}")
        for command in self.options.prepare:
            subprocess.run(self.shell(command, repo=repo, redis=self.redis), check=True, stdout=sys.stderr)
        for name, proto, path, command in self.options.peer:
            port = free_port()
            pid = self.start(name, self.shell(command, repo=repo, redis=self.redis, port=port), port).pid
            found.append(f"name={name} proto={proto} pid={pid} url=" + (f"http://127.0.0.1:{port}{path}" if proto == "http" else f"127.0.0.1:{port}"))
        return found

    def floors(self):
        """What the store costs by itself for the same reads, in both ways of asking it."""
        rows = []
        if self.options.floor and not self.aux:
            done = subprocess.run([self.options.floor, "read", os.path.join(self.folder, "repo", "online.db")],
                                  check=True, stdout=subprocess.PIPE, text=True)
            return [json.loads(line) for line in done.stdout.splitlines()]
        for plan in ["key", "all"] if self.options.floor else []:
            done = subprocess.run([self.options.floor, "-addr", f"127.0.0.1:{self.redis}", "-pid", str(self.aux[0]), "-plan", plan,
                                   "-shapes", re.sub("@[0-9.]+", "", self.options.shapes), "-conns", self.options.connections or "8",
                                   "-duration", f"{self.options.seconds}s"], check=True, stdout=subprocess.PIPE, text=True)
            rows += [json.loads(line) for line in done.stdout.splitlines()]
        return rows

    def load(self, targets, connections, rounds, seconds):
        out = os.path.join(self.folder, "runs.jsonl")
        if os.path.exists(out):
            os.remove(out)
        command = [self.options.loadgen, "-shapes", self.options.shapes, "-closed", connections, "-rounds", str(rounds),
                   "-duration", f"{seconds}s", "-open-duration", f"{seconds}s", "-warmup", "500ms", "-quiet", str(self.options.quiet), "-out", out]
        for target in targets:
            command += ["-target", target]
        if self.aux:
            command += ["-aux", ",".join(map(str, self.aux))]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with open(out) as file:
            return [json.loads(line) for line in file]

    def stop(self):
        for process in reversed(self.processes):
            try:
                os.killpg(process.pid, signal.SIGTERM)
                process.wait(20)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def median(runs, field):
    return statistics.median(run.get(field) or 0 for run in runs)


def table(runs):
    groups = {}
    for run in runs:
        load = f"{run['rate']:g}/s" if run["mode"] == "open" else run["conns"]
        groups.setdefault((run["shape"], load), {}).setdefault(run["target"], []).append(run)
    print("| rows x features | connections or rate | server | requests/s | p50 ms | p99 ms | server CPU ms/request | x larder's, same protocol "
          "| store CPU ms/request | server MiB | foreign load |")
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    for (shape, connections), by_target in groups.items():
        for target, of_target in by_target.items():
            ours = by_target.get("larder-" + of_target[0]["proto"])
            cpu = median(of_target, "server_cpu_us_per_req")
            ratio = f"{cpu / median(ours, 'server_cpu_us_per_req'):.1f}" if ours else ""
            bad = sum(run["bad"] for run in of_target)
            print(f"| {shape} | {connections} | {target}{f' ({bad} bad)' if bad else ''} | {median(of_target, 'rps'):.0f} "
                  f"| {median(of_target, 'p50_us') / 1e3:.2f} | {median(of_target, 'p99_us') / 1e3:.2f} | {cpu / 1e3:.3f} | {ratio} "
                  f"| {median(of_target, 'aux_cpu_us_per_req') / 1e3:.3f} | {max(run['server_rss_mib'] for run in of_target):.0f} "
                  f"| {max(run['other_busy_pct'] for run in of_target):.0f} % |")


def floor_table(floors):
    if "cpu_us" in floors[0]:
        print("\n| rows x features | SQLite alone, from C, nothing decoded: CPU ms/request |\n|---|---|")
        for row in floors:
            print(f"| {row['shape']} | {row['cpu_us'] / 1e3:.3f} |")
        return
    print("\n| rows x features | connections | Redis alone: HMGET per entity, CPU ms/request | HGETALL per entity |\n|---|---|---|---|")
    costs = {}
    for row in floors:
        costs.setdefault((row["shape"], row["conns"]), {})[row["plan"]] = row["redis_cpu_us"]
    for (shape, connections), plans in costs.items():
        print(f"| {shape} | {connections} | {plans['key'] / 1e3:.3f} | {plans['all'] / 1e3:.3f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--loadgen", required=True, help="the load generator")
    parser.add_argument("--feast-python", required=True, help="a Python with feast[redis]")
    parser.add_argument("--feast-workers", type=int, nargs="*", default=[1, 2], help="one server of Feast for each number of workers")
    parser.add_argument("--store", choices=["redis", "sqlite"], default="redis")
    parser.add_argument("--unused-views", type=int, default=0, help="views in the registry that nobody asks for")
    parser.add_argument("--writer", choices=["feast", "larder"], default="feast", help="who puts the values into the store")
    parser.add_argument("--peer", nargs=4, action="append", default=[], metavar=("NAME", "http|grpc", "PATH", "COMMAND"),
                        help="another server; {repo}, {port} and {redis} (a port) in COMMAND are replaced")
    parser.add_argument("--prepare", action="append", default=[], metavar="COMMAND", help="to run once the values are there")
    parser.add_argument("--floor", help="a program that measures what the store costs alone")
    parser.add_argument("--shapes", default="1x10,1x50,10x50,100x50,100x250")
    parser.add_argument("--connections", default="1,8,32")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=4, help="of each run")
    parser.add_argument("--warm-up", type=int, default=10, help="seconds at each shape before anything counts")
    parser.add_argument("--quiet", type=float, default=8, help="runs beside which others use more percent of the cores are repeated")
    parser.add_argument("--runs", help="file for the figures of each run, a line of JSON each")
    parser.add_argument("--jvm", action="append", default=[], help="a further option for our JVM")
    bench = Bench(parser.parse_args())
    try:
        targets = bench.targets(bench.repository())
        if bench.options.warm_up:
            # Python has nothing to warm up; it would only take its time.
            bench.load([target for target in targets if "python" not in target], "8", 1, bench.options.warm_up)
        runs = bench.load(targets, bench.options.connections, bench.options.rounds, bench.options.seconds)
        table(runs)
        if bench.options.runs:
            with open(bench.options.runs, "w") as file:
                file.writelines(json.dumps(run) + "\n" for run in runs)
        floors = bench.floors()
        if floors:
            floor_table(floors)
    finally:
        bench.stop()


if __name__ == "__main__":
    main()
