"""Embeds each day's texts. Needs apache-airflow-providers-apache-spark and a connection "spark_default".

A task that is tried again goes on where the failed one stopped: --resume does only what is missing, and nothing where
all is done.
"""

from datetime import datetime, timedelta

from airflow import DAG
from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator

BYBERT = "/opt/bybert"

with DAG(
    dag_id="bybert_embed",
    schedule="0 3 * * *",
    start_date=datetime(2026, 1, 1),
    catchup=False,
    default_args={"retries": 3, "retry_delay": timedelta(minutes=10)},
):
    SparkSubmitOperator(
        task_id="embed",
        conn_id="spark_default",
        application=f"{BYBERT}/job/target/bybert.jar",
        java_class="org.bybert.job.Main",
        properties_file=f"{BYBERT}/conf/spark-defaults.conf",
        application_args=[
            "embed",
            "--model", "tohoku-nlp/bybert-jp-v2-100m",
            "--input", "s3a://corpus/pages/day={{ ds }}",
            "--text-column", "text",
            "--id-column", "id",
            "--normalize",
            "--output", "s3a://corpus/vectors/day={{ ds }}",
            "--resume",
        ],
    )
