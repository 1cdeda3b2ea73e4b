"""`airflow dags test`: each DAG as a whole, its tasks run by Airflow, without scheduler and servers."""

from __future__ import annotations

import unittest

from stand import Stand

class DagsTestTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stand = Stand()
        cls.addClassCleanup(cls.stand.close)
        migrated = cls.stand.airflow("db", "migrate")
        if migrated.returncode != 0:
            raise AssertionError(migrated.stdout)

    def dags_test(self, *words: str, exit_code: int, **settings: str) -> str:
        result = self.stand.airflow("dags", "test", *words, **settings)
        self.assertEqual(result.returncode, exit_code, f"airflow dags test {' '.join(words)}\n{result.stdout}")
        return result.stdout

    def test_a_day_goes_on_to_training_although_its_first_attempts_fail(self):
        self.stand.larder.fail("generate", 1)
        output = self.dags_test("gen_data_daily", "2026-11-02", exit_code=1, LARDER_TASK_RETRIES="0")
        self.assertIn("error SOURCE_UNAVAILABLE: asked to fail", output)

        output = self.dags_test("gen_lxw_fts", "2026-11-02", exit_code=1)
        self.assertIn("gen_data_daily has no successful run for 2026-11-01. Run it first: airflow dags test gen_data_daily 2026-11-02", output)

        self.dags_test("gen_data_daily", "2026-11-02", exit_code=0)
        self.stand.larder.fail("compute", 2)
        self.dags_test("gen_lxw_fts", "2026-11-02", exit_code=0, LARDER_TASK_RETRIES="2", LARDER_TASK_RETRY_SECONDS="1")
        output = self.dags_test("gen_lxw_fts", "2026-11-03", exit_code=1)
        self.assertIn("gen_data_daily has no successful run for 2026-11-02", output)
        self.dags_test("materialize_online", exit_code=0)
        self.dags_test("export_training_set", exit_code=0)

        compute = "compute --from 2026-10-04T00:00:00+00:00 --to 2026-11-02T00:00:00+00:00"
        self.assertEqual(
            [(note.event, " ".join(note.words[:5])) for note in self.stand.larder.notes() if note.event != "begin"],
            [
                ("failed", "generate --day 2026-11-01"),
                ("end", "generate --day 2026-11-01"),
                ("end", "ingest"),
                ("failed", compute),
                ("failed", compute),
                ("end", compute),
                ("end", "materialize-incremental now"),
                ("end", f"training-set --feature-service user_risk --entities {self.stand.repository}/data/entities.csv"),
            ],
        )


if __name__ == "__main__":
    unittest.main()
