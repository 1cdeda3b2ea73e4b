"""What the DAGs of Larder share: the operator that runs one larder command, the wait for a day's data, the asset of the features.

Settings come from the environment of Airflow; docs/airflow.md lists them. What a command does is Larder's business and not known here.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.providers.standard.hooks.subprocess import SubprocessHook
from airflow.sdk import Asset, BaseOperator, BaseSensorOperator, Context, CronDataIntervalTimetable
from airflow.sdk.exceptions import AirflowException, AirflowFailException

FEATURES = Asset(name="larder_features", uri="larder://lake/features")
"""The feature tables. Its events say that there may be new rows, never of which day."""


def setting(name: str, default: str = "") -> str:
    """An empty variable counts as one that is not set: compose files pass them on like that."""
    return os.environ.get(name) or default


def every_day() -> dict[str, Any]:
    """The schedule of the DAGs that take an interval: each day in UTC once, missed ones too, one after the other."""
    return {
        "schedule": CronDataIntervalTimetable("0 0 * * *", timezone="UTC"),
        "start_date": datetime.fromisoformat(setting("LARDER_START_DATE", "2026-11-01")).replace(tzinfo=UTC),
        "catchup": True,
        "max_active_runs": 1,
    }


def task_defaults() -> dict[str, Any]:
    """How every task is tried again: after one minute, two, four, each with up to as much again, so that not all come back at once."""
    return {
        "owner": "larder",
        "retries": int(setting("LARDER_TASK_RETRIES", "3")),
        "retry_delay": timedelta(seconds=float(setting("LARDER_TASK_RETRY_SECONDS", "60"))),
        "retry_exponential_backoff": 2,
        "max_retry_delay": timedelta(minutes=15),
    }


class LarderOperator(BaseOperator):
    """Runs one larder command; any exit code but 0 fails the task.

    No shell stands between: each argument reaches the command as it is.

    :param arguments: the command's name and what follows (templated)
    """

    template_fields: Sequence[str] = ("arguments",)
    ui_color = "#d9ead3"

    def __init__(self, *, arguments: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.arguments = list(arguments)
        self._process = SubprocessHook()

    def execute(self, context: Context) -> None:
        command = [*self._larder(), *self.arguments]
        result = self._process.run_command(command)
        if result.exit_code != 0:
            raise AirflowException(f"{shlex.join(command)} ended with exit code {result.exit_code}: {result.output}")

    def on_kill(self) -> None:
        self._process.send_sigterm()

    @staticmethod
    def _larder() -> list[str]:
        repository = setting("LARDER_REPO")
        if not repository:
            raise AirflowFailException(
                "LARDER_REPO is not set (expected: the folder of feature_store.yaml, in the environment of Airflow's tasks)"
            )
        command = [*shlex.split(setting("LARDER_COMMAND", "larder")), "-c", repository]
        configuration = setting("LARDER_FEATURE_STORE_YAML")
        return [*command, "-f", configuration] if configuration else command


class SourceDaySensor(BaseSensorOperator):
    """Waits until the DAG that fills the source has a successful run for the day of this run.

    Airflow tells of another DAG's runs by name and logical date alone. Scheduled runs and backfills are named after the interval's end and carry its
    begin as logical date; runs by hand (``dags test``, a trigger) carry the end, or a time within the day after. A run by hand of this DAG asks
    once and fails, since there may be nobody who would ever bring the day.
    """

    def __init__(self, *, source_dag: str, **kwargs: Any) -> None:
        super().__init__(mode="reschedule", **kwargs)
        self.source_dag = source_dag

    def poke(self, context: Context) -> bool:
        begin, end = context["data_interval_start"], context["data_interval_end"]
        by_hand = context["dag_run"].run_type == "manual"
        dates = sorted({end, context["logical_date"]} if by_hand else {end})
        # With these logical dates there may be scheduled runs, too: of the day after.
        of_the_day_after = [name for date in dates for name in self._scheduled(date + timedelta(days=1))]
        if (
            self._successes(context, run_ids=self._scheduled(end))
            or self._successes(context, logical_dates=dates) > self._successes(context, run_ids=of_the_day_after)
        ):
            return True
        missing = f"{self.source_dag} has no successful run for {begin:%Y-%m-%d}"
        if by_hand:
            raise AirflowFailException(f"{missing}. Run it first: airflow dags test {self.source_dag} {context['logical_date']:%Y-%m-%d}")
        self.log.info("%s yet", missing)
        return False

    def _successes(self, context: Context, **which: list[Any]) -> int:
        return context["ti"].get_dr_count(self.source_dag, states=["success"], **which)

    @staticmethod
    def _scheduled(end: datetime) -> list[str]:
        return [f"{kind}__{end.isoformat()}" for kind in ("scheduled", "backfill")]
