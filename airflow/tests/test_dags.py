"""What the DAGs say: schedules, intervals, retries, wiring and the command lines that come out."""

from __future__ import annotations

import os
import sys
import threading
import unittest
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from stand import DAGS, Stand

STAND = Stand()
with patch.dict(os.environ, STAND.environment(), clear=True):
    # Airflow reads its settings, and the DAGs read theirs, when they are imported.
    from airflow.dag_processing.dagbag import BundleDagBag
    from airflow.sdk import CronDataIntervalTimetable
    from airflow.sdk.exceptions import AirflowException, AirflowFailException
    from airflow.sdk.execution_time import macros
    from airflow.serialization.encoders import coerce_to_core_timetable
    from airflow.timetables.base import TimeRestriction


unittest.addModuleCleanup(STAND.close)


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def load(**settings: str) -> BundleDagBag:
    sys.modules.pop("larder_command", None)
    with patch.dict(os.environ, STAND.environment(**settings), clear=True):
        return BundleDagBag(dag_folder=str(DAGS), bundle_path=DAGS, bundle_name="dags-folder")


def run(task, context=None, **settings: str) -> list[tuple[str, ...]]:
    """Renders and runs one task against the stand-in, as a worker would; gives back the whole command lines that were begun."""
    STAND.larder.forget()
    with patch.dict(os.environ, STAND.environment(**settings), clear=True):
        prepared = task.prepare_for_execution()
        prepared.render_template_fields(context or {})
        prepared.execute(context or {})
    return [note.arguments for note in STAND.larder.notes() if note.event == "begin"]


class DagsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.bag = load()

    def dag(self, dag_id):
        return self.bag.dags[dag_id]

    def intervals(self, dag_id, begin, end):
        timetable = coerce_to_core_timetable(self.dag(dag_id).timetable)
        restriction = TimeRestriction(earliest=day(begin), latest=day(end), catchup=True)
        found, last = [], None
        while (info := timetable.next_dagrun_info(last_automated_data_interval=last, restriction=restriction)) is not None:
            last = info.data_interval
            found.append((str(last.start.date()), str(last.end.date()), str(info.logical_date.date()), str(info.run_after.date())))
        return found

    def context_of(self, dag_id, logical_date):
        """What a run by hand sees; a backfill's run of the day before has the same interval."""
        interval = coerce_to_core_timetable(self.dag(dag_id).timetable).infer_manual_data_interval(run_after=day(logical_date))
        return {
            "data_interval_start": interval.start,
            "data_interval_end": interval.end,
            "logical_date": day(logical_date),
            "macros": macros,
        }

    def test_they_load_without_errors(self):
        self.assertEqual(self.bag.import_errors, {})
        self.assertEqual(set(self.bag.dags), {"gen_data_daily", "gen_lxw_fts", "materialize_online", "export_training_set"})

    def test_each_says_what_it_does_and_whose_it_is(self):
        for dag in self.bag.dags.values():
            with self.subTest(dag.dag_id):
                self.assertIn("larder", dag.tags)
                self.assertTrue(dag.description)
                self.assertIn("`larder ", dag.doc_md)
                self.assertEqual({task.owner for task in dag.tasks}, {"larder"})

    def test_days_are_whole_and_in_utc_each_once_from_the_start_date_on(self):
        for dag_id in ("gen_data_daily", "gen_lxw_fts"):
            with self.subTest(dag_id):
                dag = self.dag(dag_id)
                self.assertIsInstance(dag.timetable, CronDataIntervalTimetable)
                self.assertEqual(dag.start_date, day("2026-11-01"))
                self.assertTrue(dag.catchup)
                self.assertEqual(dag.max_active_runs, 1)
                self.assertEqual(
                    self.intervals(dag_id, "2026-10-30", "2026-11-01"),
                    [
                        ("2026-10-30", "2026-10-31", "2026-10-30", "2026-10-31"),
                        ("2026-10-31", "2026-11-01", "2026-10-31", "2026-11-01"),
                        ("2026-11-01", "2026-11-02", "2026-11-01", "2026-11-02"),
                    ],
                )

    def test_no_task_waits_for_the_run_before_it(self):
        for dag in self.bag.dags.values():
            self.assertFalse(any(task.depends_on_past for task in dag.tasks), dag.dag_id)

    def test_every_task_is_tried_again_ever_later_and_ends_some_time(self):
        for dag in self.bag.dags.values():
            for task in dag.tasks:
                with self.subTest(f"{dag.dag_id}.{task.task_id}"):
                    self.assertEqual(task.retries, 3)
                    self.assertEqual(task.retry_delay, timedelta(minutes=1))
                    self.assertEqual(task.retry_exponential_backoff, 2)
                    self.assertEqual(task.max_retry_delay, timedelta(minutes=15))
                    self.assertIsNotNone(getattr(task, "timeout", task.execution_timeout))

    def test_commands_that_write_the_same_take_turns_across_runs(self):
        for dag in self.bag.dags.values():
            for task in dag.tasks:
                if task.task_id != "source_day":
                    self.assertEqual(task.max_active_tis_per_dag, 1, f"{dag.dag_id}.{task.task_id}")

    def test_only_a_success_of_compute_announces_features(self):
        announcing = {
            (dag.dag_id, task.task_id): [asset.uri for asset in task.outlets]
            for dag in self.bag.dags.values()
            for task in dag.tasks
            if task.outlets
        }
        self.assertEqual(announcing, {("gen_lxw_fts", "compute"): ["larder://lake/features"]})

    def test_features_trigger_what_takes_no_interval(self):
        for dag_id in ("materialize_online", "export_training_set"):
            with self.subTest(dag_id):
                dag = self.dag(dag_id)
                condition = dag.timetable.asset_condition
                self.assertEqual([asset.uri for asset in condition.objects], ["larder://lake/features"])
                self.assertEqual(dag.max_active_runs, 1)
                for task in dag.tasks:
                    self.assertNotIn("interval", repr(task.arguments))
                    self.assertNotIn("logical_date", repr(task.arguments))

    def test_features_wait_for_the_days_data(self):
        dag = self.dag("gen_lxw_fts")
        self.assertEqual(dag.task_dict["source_day"].mode, "reschedule")
        self.assertEqual(dag.task_dict["source_day"].source_dag, "gen_data_daily")
        self.assertEqual(dag.task_dict["ingest"].upstream_task_ids, {"source_day"})
        self.assertEqual(dag.task_dict["compute"].upstream_task_ids, {"ingest"})

    def test_the_source_may_be_filled_by_another_dag_or_none(self):
        other = load(LARDER_SOURCE_DAG="bank_loaded").dags["gen_lxw_fts"]
        none = load(LARDER_SOURCE_DAG="none").dags["gen_lxw_fts"]
        self.assertEqual(other.task_dict["source_day"].source_dag, "bank_loaded")
        self.assertEqual(none.task_dict["ingest"].upstream_task_ids, set())
        self.assertNotIn("source_day", none.task_dict)

    def test_the_day_generated_is_computed_with_the_four_weeks_before_it(self):
        common = ("-c", str(STAND.repository))
        for logical_date, day_generated, begin, end in (
            ("2026-11-02", "2026-11-01", "2026-10-04", "2026-11-02"),
            ("2024-03-01", "2024-02-29", "2024-02-01", "2024-03-01"),
            ("2027-01-01", "2026-12-31", "2026-12-03", "2027-01-01"),
        ):
            with self.subTest(logical_date):
                generate = self.dag("gen_data_daily").task_dict["generate"]
                compute = self.dag("gen_lxw_fts").task_dict["compute"]
                self.assertEqual(
                    run(generate, self.context_of("gen_data_daily", logical_date)), [(*common, "generate", "--day", day_generated)]
                )
                self.assertEqual(
                    run(compute, self.context_of("gen_lxw_fts", logical_date)),
                    [(*common, "compute", "--from", f"{begin}T00:00:00+00:00", "--to", f"{end}T00:00:00+00:00")],
                )

    def test_the_look_back_is_a_setting(self):
        compute = load(LARDER_LOOK_BACK_DAYS="0").dags["gen_lxw_fts"].task_dict["compute"]
        self.assertEqual(
            run(compute, self.context_of("gen_lxw_fts", "2026-11-02")),
            [("-c", str(STAND.repository), "compute", "--from", "2026-11-01T00:00:00+00:00", "--to", "2026-11-02T00:00:00+00:00")],
        )

    def test_a_run_by_hand_within_a_day_takes_the_last_whole_day(self):
        context = self.context_of("gen_lxw_fts", "2026-11-02T13:45:00")
        self.assertEqual((context["data_interval_start"], context["data_interval_end"]), (day("2026-11-01"), day("2026-11-02")))

    def test_the_other_commands(self):
        common = ("-c", str(STAND.repository))
        data = STAND.repository / "data"
        self.assertEqual(run(self.dag("gen_lxw_fts").task_dict["ingest"]), [(*common, "ingest")])
        self.assertEqual(
            run(self.dag("materialize_online").task_dict["materialize"]), [(*common, "materialize-incremental", "now")]
        )
        self.assertEqual(
            run(self.dag("export_training_set").task_dict["export"]),
            [
                (*common, "training-set", "--feature-service", "user_risk")
                + ("--entities", str(data / "entities.csv"), "--out", str(data / "training_set.parquet"))
            ],
        )

    def test_settings_reach_the_command_as_they_are(self):
        settings = {
            "LARDER_COMMAND": f"env -u HOME '{STAND.larder.program}'",
            "LARDER_REPO": "$(touch escaped) `touch escaped`; 'x\"",
            "LARDER_FEATURE_STORE_YAML": "feature_store.stack.yaml",
            "LARDER_TRAINING_ENTITIES": "{{ 6 * 7 }} & labels.csv",
            "LARDER_TRAINING_SET": "*.parquet",
            "LARDER_FEATURE_SERVICE": "a b",
        }
        export = load(**settings).dags["export_training_set"].task_dict["export"]
        self.assertEqual(
            run(export, **settings),
            [
                ("-c", settings["LARDER_REPO"], "-f", "feature_store.stack.yaml", "training-set", "--feature-service", "a b")
                + ("--entities", "{{ 6 * 7 }} & labels.csv", "--out", "*.parquet")
            ],
        )

    def test_an_empty_setting_counts_as_not_set(self):
        empty = dict.fromkeys(("LARDER_START_DATE", "LARDER_TASK_RETRIES", "LARDER_SOURCE_DAG", "LARDER_FEATURE_STORE_YAML"), "")
        bag = load(**empty)
        self.assertEqual(bag.import_errors, {})
        self.assertIn("source_day", bag.dags["gen_lxw_fts"].task_dict)
        ingest = bag.dags["gen_lxw_fts"].task_dict["ingest"]
        self.assertEqual(run(ingest, **empty), [("-c", str(STAND.repository), "ingest")])

    def test_retries_and_the_first_day_can_be_set(self):
        dag = load(LARDER_START_DATE="2025-06-30", LARDER_TASK_RETRIES="1", LARDER_TASK_RETRY_SECONDS="2.5").dags["gen_data_daily"]
        self.assertEqual(dag.start_date, day("2025-06-30"))
        self.assertEqual(dag.task_dict["generate"].retries, 1)
        self.assertEqual(dag.task_dict["generate"].retry_delay, timedelta(seconds=2.5))

    def test_a_failing_command_fails_the_task_with_its_last_words(self):
        STAND.larder.fail("ingest", 1)
        with self.assertRaisesRegex(AirflowException, "ingest ended with exit code 1: error SOURCE_UNAVAILABLE: asked to fail"):
            run(self.dag("gen_lxw_fts").task_dict["ingest"])

    def test_without_a_repository_nothing_is_run_or_tried_again(self):
        with self.assertRaisesRegex(AirflowFailException, r"LARDER_REPO is not set \(expected: the folder of feature_store.yaml"):
            run(self.dag("gen_lxw_fts").task_dict["ingest"], LARDER_REPO="")
        self.assertEqual(STAND.larder.notes(), [])

    def test_a_task_that_is_ended_ends_its_command(self):
        task = self.dag("gen_lxw_fts").task_dict["ingest"].prepare_for_execution()
        STAND.larder.forget()
        errors = []

        def work():
            try:
                task.execute({})
            except AirflowException as e:
                errors.append(str(e))

        with patch.dict(os.environ, STAND.environment(FAKE_SECONDS="60"), clear=True):
            worker = threading.Thread(target=work)
            worker.start()
            while not STAND.larder.notes() and worker.is_alive():
                worker.join(0.05)
            task.on_kill()
            worker.join(20)
        self.assertFalse(worker.is_alive())
        self.assertRegex(errors[0], "exit code -15")
        self.assertEqual([note.event for note in STAND.larder.notes()], ["begin"])


if __name__ == "__main__":
    unittest.main()
