"""A day of the banking example's transactions. Stands in for a real source; without the example leave it paused."""

from datetime import timedelta

from airflow.sdk import DAG
from larder_command import LarderOperator, every_day, task_defaults

with DAG(
    "gen_data_daily",
    **every_day(),
    default_args=task_defaults(),
    tags=["larder", "banking", "example"],
    description="Write one more day of the banking example into PostgreSQL.",
    doc_md="""
Writes the transactions of the run's interval, a day in UTC, into the source: `larder generate --day DAY`. A day that is there is left alone, so a
run may be repeated. Days follow one another: the command refuses to leave one out and names the one that is missing. That is why one run is active
at a time and why backfills are to be made with `--max-active-runs 1`. The first days come from `larder generate`.
""",
):
    LarderOperator(
        task_id="generate",
        arguments=["generate", "--day", "{{ data_interval_start | ds }}"],
        max_active_tis_per_dag=1,
        execution_timeout=timedelta(minutes=30),
    )
