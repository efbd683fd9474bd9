"""Embeds a table and finds the nearest texts with PySpark; the Python process computes nothing.

From the project's folder:

  spark-submit --jars job/target/bybert.jar conf/examples/nearest_sentences.py
"""
from pyspark.sql import SparkSession

spark = (
    SparkSession.builder.appName("nearest sentences")
    .config("spark.sql.extensions", "org.bybert.udf.sql.ByBertExtensions")
    .config("spark.bybert.model", "data-samples/bybert-jp-mini")
    .getOrCreate()
)

spark.read.json("data-samples/ichikara-style.jsonl").where("length(text) < 120").createOrReplaceTempView("answers")

spark.sql("""
    CACHE TABLE vectors AS
    SELECT id, text, bybert_embed(text, normalize => true) AS vector FROM answers
""")

nearest = spark.sql("""
    SELECT id, text, aggregate(zip_with(vector, question, (x, y) -> x * y), 0D, (s, p) -> s + p) AS similarity
    FROM vectors, (SELECT bybert_embed('雨の日の過ごし方を教えてください。', normalize => true) AS question)
    ORDER BY similarity DESC, id
    LIMIT 3
""")
nearest.show(truncate=60)

filled = spark.sql("""
    SELECT bybert_fill_mask('日本一高い山は<mask><mask><mask><mask><mask><mask><mask><mask><mask>です。').text
""")
print(filled.first()[0])
