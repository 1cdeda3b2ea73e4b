#!/usr/bin/env python3
"""Measures the banking example as a newcomer meets it: a fresh clone, an empty local Maven repository, no data.

Usage: testing/measure_demo.py [--keep] [--warm-only]

Prints wall time cold and warm, the greatest memory of all its processes together (proportional set size, so that shared
pages count once), bytes downloaded (the local repository's growth), and the demo's own lines per step. Linux only.
"""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def memory_of(marks):
    """Sum of the proportional set sizes, in bytes, of the processes whose command line holds one of the marks."""
    total = 0
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                line = file.read().decode(errors="replace")
            cwd = os.readlink(f"/proc/{pid}/cwd")
            if not any(mark in line or cwd.startswith(mark) for mark in marks):
                continue
            with open(f"/proc/{pid}/smaps_rollup") as file:
                total += sum(int(row.split()[1]) for row in file if row.startswith("Pss:")) * 1024
        except (OSError, ValueError):
            continue
    return total


def size_of(folder):
    return sum(os.path.getsize(os.path.join(top, name)) for top, _, names in os.walk(folder) for name in names)


class Peak(threading.Thread):
    def __init__(self, marks):
        super().__init__(daemon=True)
        self.marks, self.bytes, self.ended = marks, 0, threading.Event()

    def run(self):
        while not self.ended.wait(0.5):
            self.bytes = max(self.bytes, memory_of(self.marks))


def run(name, clone, repository):
    """Runs the demo once and prints what it took."""
    environment = dict(os.environ, MAVEN_OPTS=f"-Dmaven.repo.local={repository}")
    peak = Peak([clone])
    peak.start()
    started = time.time()
    done = subprocess.run(
        ["./setup_project.sh", "--yes"], cwd=clone, env=environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    seconds = time.time() - started
    peak.ended.set()
    peak.join()
    print(f"== {name}: {seconds:.0f} s, exit code {done.returncode}, peak memory {peak.bytes / 2**30:.2f} GiB", flush=True)
    print(done.stdout, flush=True)
    if done.returncode != 0:
        sys.exit(1)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", action="store_true", help="keep the clone and its local repository")
    parser.add_argument("--warm-only", action="store_true", help="use this machine's local Maven repository")
    arguments = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="larder-measure-")
    clone = os.path.join(folder, "larder")
    repository = os.path.expanduser("~/.m2/repository") if arguments.warm_only else os.path.join(folder, "repository")
    os.makedirs(repository, exist_ok=True)
    subprocess.run(["git", "clone", "-q", ROOT, clone], check=True)
    try:
        before = size_of(repository)
        run("cold: nothing downloaded, nothing built", clone, repository)
        print(f"== downloaded: {(size_of(repository) - before) / 1e6:.0f} MB")
        run("again: everything there, nothing to do", clone, repository)
        subprocess.run(["./setup_project.sh", "clean"], cwd=clone, check=True)
        run("warm: built, without data", clone, repository)
        print(f"== data of the example: {size_of(os.path.join(clone, 'feature_repo/banking/data')) / 1e6:.0f} MB")
    finally:
        subprocess.run(["./setup_project.sh", "stop"], cwd=clone, check=False)
        if not arguments.keep:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
