"""A training set that follows the feature tables."""

import os
from datetime import timedelta

from airflow.sdk import DAG, literal
from larder_command import FEATURES, LarderOperator, setting, task_defaults

data = os.path.join(setting("LARDER_REPO"), "data")

with DAG(
    "export_training_set",
    schedule=[FEATURES],
    max_active_runs=1,
    default_args=task_defaults(),
    tags=["larder", "training"],
    description="Join the features to the rows of the entity file, point-in-time correct.",
    doc_md="""
`larder training-set` over the whole entity file (`LARDER_TRAINING_ENTITIES`), whenever the asset `larder_features` was updated; the output is
replaced in one step. It takes no interval, as a run that an asset has triggered has none: which row counts is said by the times in the file. The
`.larder.json` beside the output names the snapshots that were read, for `larder training-set --repeat`.
""",
):
    LarderOperator(
        task_id="export",
        arguments=[
            "training-set",
            "--feature-service",
            literal(setting("LARDER_FEATURE_SERVICE", "user_risk")),
            "--entities",
            literal(setting("LARDER_TRAINING_ENTITIES", os.path.join(data, "entities.csv"))),
            "--out",
            literal(setting("LARDER_TRAINING_SET", os.path.join(data, "training_set.parquet"))),
        ],
        max_active_tis_per_dag=1,
        execution_timeout=timedelta(hours=2),
    )
