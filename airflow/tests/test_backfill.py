"""A backfill of three days by a real scheduler, in the order that is the hardest: the features are asked for first."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
import unittest
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import psutil
from stand import AIRFLOW, PROJECT, Stand

DAYS = 3
LIMIT_SECONDS = 240


class Airflow:
    """Airflow's processes, started as the native stack starts them, on one port of 127.0.0.1."""

    def __init__(self, stand: Stand, **settings: str):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self._settings = {
            "AIRFLOW__API__HOST": "127.0.0.1",
            "AIRFLOW__API__PORT": str(port),
            "AIRFLOW__API__BASE_URL": self.url,
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{self.url}/execution/",
            "AIRFLOW__API_AUTH__JWT_SECRET": os.urandom(32).hex(),
            "AIRFLOW__API__SECRET_KEY": os.urandom(32).hex(),
            "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.3",
            **settings,
        }
        self._stand = stand
        self.log = stand.folder / "airflow.log"
        self._seen: set[psutil.Process] = set()
        with self.log.open("wb") as log:
            self._process = psutil.Popen(
                [str(PROJECT / "deploy" / "native" / "airflow.sh"), str(AIRFLOW)],
                env=stand.environment(**self._settings),
                cwd=stand.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def close(self) -> None:
        """Ends what it has started, the workers too, which have sessions of their own."""
        self._seen.update(self._process.children(recursive=True))
        self._process.terminate()
        _, left = psutil.wait_procs([self._process, *self._seen], timeout=20)
        for process in left:
            process.kill()
        psutil.wait_procs(left, timeout=10)

    def command(self, *words: str) -> str:
        result = self._stand.airflow(*words, **self._settings)
        if result.returncode != 0:
            raise AssertionError(f"airflow {' '.join(words)}: exit code {result.returncode}\n{result.stdout}")
        return result.stdout

    def get(self, path: str):
        request = urllib.request.Request(self.url + path, headers={"Authorization": f"Bearer {self._token()}"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def _token(self) -> str:
        with urllib.request.urlopen(self.url + "/auth/token", timeout=10) as answer:
            return json.load(answer)["access_token"]

    def runs(self, dag_id: str) -> list[dict]:
        return self.get(f"/api/v2/dags/{dag_id}/dagRuns?limit=100&order_by=id")["dag_runs"]

    def addresses(self) -> set[str]:
        """Where its processes listen."""
        processes = [self._process, *self._process.children(recursive=True)]
        found = set()
        for process in processes:
            try:
                found.update(c.laddr.ip for c in process.net_connections(kind="inet") if c.status == psutil.CONN_LISTEN)
            except psutil.NoSuchProcess:
                pass
        return found

    def wait(self, what: str, condition: Callable[[], bool], limit: float = LIMIT_SECONDS) -> None:
        end = time.monotonic() + limit
        while time.monotonic() < end:
            self._seen.update(self._process.children(recursive=True))
            if self._process.poll() is not None:
                raise AssertionError(f"Airflow has ended before {what}\n{self._last_words()}")
            try:
                if condition():
                    return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                pass
            time.sleep(0.3)
        raise AssertionError(f"not within {limit} s: {what}\n{self._last_words()}")

    def _last_words(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines()
        return "\n".join([line for line in lines if "[http.access]" not in line][-150:])


class BackfillTest(unittest.TestCase):
    """One backfill; each test looks at one side of what came out."""

    @classmethod
    def setUpClass(cls):
        today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        cls.days = [str((today - timedelta(days=n)).date()) for n in range(DAYS, 0, -1)]
        cls.stand = Stand()
        cls.addClassCleanup(cls.stand.close)
        settings = {
            "LARDER_START_DATE": cls.days[0],
            # Longer than the executor takes to tell of a task that has ended; else Airflow mixes up the sensor's turns.
            "LARDER_POLL_SECONDS": "5",
            "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
            "LARDER_TASK_RETRY_SECONDS": "1",
            "LARDER_LOOK_BACK_DAYS": "0",
            "FAKE_SECONDS": "0.3",
        }
        cls.airflow = Airflow(cls.stand, **settings)
        cls.addClassCleanup(cls.airflow.close)
        cls.airflow.wait("the DAGs are read", lambda: cls.airflow.get("/api/v2/dags")["total_entries"] == 4)
        cls.addresses = cls.airflow.addresses()

        # Each fails once: the retries must repair both without a day out of order.
        cls.stand.larder.fail("generate", 1)
        cls.stand.larder.fail("compute", 1)
        # Made before the DAGs are switched on, so that their own schedule, which begins on the same day, finds the days taken.
        whole = ("--from-date", cls.days[0], "--to-date", cls.days[-1])
        cls.airflow.command("backfill", "create", "--dag-id", "gen_lxw_fts", *whole)
        cls.airflow.command("backfill", "create", "--dag-id", "gen_data_daily", *whole, "--max-active-runs", "1")
        cls.airflow.command("dags", "unpause", "--yes", "--treat-dag-id-as-regex", "^(gen_lxw_fts|materialize_online|export_training_set)$")
        cls.airflow.wait(
            "the features wait for their data",
            lambda: any(
                task["task_id"] == "source_day" and task["state"] == "up_for_reschedule"
                for task in cls.airflow.get("/api/v2/dags/gen_lxw_fts/dagRuns/~/taskInstances")["task_instances"]
            ),
        )
        cls.before_the_data = cls.stand.larder.notes()
        cls.airflow.command("dags", "unpause", "--yes", "gen_data_daily")
        cls.airflow.wait("the runs and what they trigger end", cls._all_done)

        cls.notes = cls.stand.larder.notes()
        cls.runs = {dag: cls.airflow.runs(dag) for dag in ("gen_data_daily", "gen_lxw_fts", "materialize_online", "export_training_set")}

    @classmethod
    def _all_done(cls) -> bool:
        for dag in ("gen_data_daily", "gen_lxw_fts"):
            if [run["state"] for run in cls.airflow.runs(dag)] != ["success"] * DAYS:
                return False
        triggered = ("materialize_online", "export_training_set")
        # In this order: an update that waits in the queue leaves it as a run that is there.
        if any(cls.airflow.get(f"/api/v2/dags/{dag}/assets/queuedEvents")["total_entries"] for dag in triggered):
            return False
        return all(run["state"] == "success" for dag in triggered for run in cls.airflow.runs(dag))

    @staticmethod
    def end(day: str) -> str:
        return str((datetime.fromisoformat(day) + timedelta(days=1)).date())

    def ended(self, command: str) -> list[tuple[str, ...]]:
        return [note.words for note in self.notes if note.event == "end" and note.command == command]

    def test_it_listens_on_this_machine_alone(self):
        self.assertEqual(self.addresses, {"127.0.0.1"})

    def test_nothing_is_computed_before_there_is_data(self):
        self.assertEqual(self.before_the_data, [])

    def test_every_day_has_one_run_of_the_backfill_and_no_other(self):
        for dag in ("gen_data_daily", "gen_lxw_fts"):
            with self.subTest(dag):
                found = sorted((run["data_interval_start"][:10], run["run_type"], run["state"]) for run in self.runs[dag])
                self.assertEqual(found, [(day, "backfill", "success") for day in self.days])

    def test_every_days_data_are_generated_once_and_in_order(self):
        self.assertEqual(self.ended("generate"), [("generate", "--day", day) for day in self.days])

    def test_every_days_features_are_computed_once_after_an_ingest_that_follows_its_data(self):
        self.assertEqual(sorted(words[-1][:10] for words in self.ended("compute")), [self.end(day) for day in self.days])
        ends = [note.words for note in self.notes if note.event == "end"]
        for begin in self.days:
            with self.subTest(begin):
                generated = ends.index(("generate", "--day", begin))
                computed = ends.index(("compute", "--from", f"{begin}T00:00:00+00:00", "--to", f"{self.end(begin)}T00:00:00+00:00"))
                self.assertIn(("ingest",), ends[generated:computed])

    def test_no_two_commands_of_one_kind_run_at_once(self):
        running = set()
        for note in self.notes:
            if note.event == "begin":
                self.assertNotIn(note.command, running)
                running.add(note.command)
            else:
                running.remove(note.command)

    def test_failures_were_repaired_by_a_retry(self):
        self.assertEqual([note.command for note in self.notes if note.event == "failed"], ["generate", "compute"])

    def test_new_features_reach_the_online_store_and_the_training_set(self):
        for dag, command in (("materialize_online", "materialize-incremental"), ("export_training_set", "training-set")):
            with self.subTest(dag):
                runs = self.runs[dag]
                self.assertEqual({run["run_type"] for run in runs}, {"asset_triggered"})
                self.assertEqual({run["state"] for run in runs}, {"success"})
                self.assertEqual({run["data_interval_start"] for run in runs}, {None})
                self.assertTrue(1 <= len(runs) <= DAYS, runs)
                self.assertEqual(len(self.ended(command)), len(runs))
                computed = max(i for i, note in enumerate(self.notes) if (note.event, note.command) == ("end", "compute"))
                self.assertIn(("end", command), [(note.event, note.command) for note in self.notes[computed:]])


if __name__ == "__main__":
    unittest.main()
