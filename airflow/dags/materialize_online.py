"""The online store follows the feature tables."""

from datetime import timedelta

from airflow.sdk import DAG
from larder_command import FEATURES, LarderOperator, task_defaults

with DAG(
    "materialize_online",
    schedule=[FEATURES],
    max_active_runs=1,
    default_args=task_defaults(),
    tags=["larder", "online"],
    description="Copy what is new in the feature tables into the online store.",
    doc_md="""
`larder materialize-incremental now`, whenever the asset `larder_features` was updated. Several updates while a run is going on make one more run. It
takes no interval, as a run that an asset has triggered has none: the store itself knows what it holds, and what was corrected is put right however
old it is.
""",
):
    LarderOperator(
        task_id="materialize",
        arguments=["materialize-incremental", "now"],
        max_active_tis_per_dag=1,
        execution_timeout=timedelta(hours=2),
    )
