"""The features of a day: take in what the source has changed, then compute the day's rows."""

from datetime import timedelta

from airflow.sdk import DAG
from larder_command import FEATURES, LarderOperator, SourceDaySensor, every_day, setting, task_defaults

look_back = int(setting("LARDER_LOOK_BACK_DAYS", "28"))

with DAG(
    "gen_lxw_fts",
    **every_day(),
    default_args=task_defaults(),
    tags=["larder", "features"],
    description="Ingest the source's changes and compute the feature rows of one day.",
    doc_md="""
`larder ingest`, then `larder compute` of the run's interval (stamps after its begin, up to and with its end) and of the `LARDER_LOOK_BACK_DAYS`
(28) before it, so that corrections of these days reach their rows. Before them `source_day` waits for the
successful run of `gen_data_daily` (or of the DAG that `LARDER_SOURCE_DAG` names; `none`: nothing to wait for) of the same day.

A run may be repeated, and days may be computed in any order: an interval that comes out as it was makes no commit. Writers take turns, also in
a backfill, so that they do not make each other start over. Success is announced by the asset `larder_features`.
""",
):
    ingest = LarderOperator(
        task_id="ingest",
        arguments=["ingest"],
        max_active_tis_per_dag=1,
        execution_timeout=timedelta(hours=2),
    )
    ingest >> LarderOperator(
        task_id="compute",
        arguments=[
            "compute",
            "--from",
            f"{{{{ (data_interval_start - macros.timedelta(days={look_back})) | ts }}}}",
            "--to",
            "{{ data_interval_end | ts }}",
        ],
        outlets=[FEATURES],
        max_active_tis_per_dag=1,
        execution_timeout=timedelta(hours=4),
    )

    source_dag = setting("LARDER_SOURCE_DAG", "gen_data_daily")
    if source_dag != "none":
        SourceDaySensor(
            task_id="source_day",
            source_dag=source_dag,
            poke_interval=float(setting("LARDER_POLL_SECONDS", "30")),
            timeout=timedelta(hours=12),
        ) >> ingest
