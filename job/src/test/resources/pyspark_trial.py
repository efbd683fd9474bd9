"""What PySparkIT runs with spark-submit --jars bybert.jar --py-files bybert.jar; arguments: a model, a folder, README.md."""
import re
import sys

from pyspark.errors import AnalysisException
from pyspark.ml import Pipeline, PipelineModel
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from bybert import functions as B
from org.bybert.udf.ml import ByBertEmbedder, ByBertFillMask

model, folder, readme = sys.argv[1:]
spark = (
    SparkSession.builder.config("spark.sql.extensions", "org.bybert.udf.sql.ByBertExtensions")
    .config("spark.bybert.model", model)
    .getOrCreate()
)
spark.sparkContext.setLogLevel("ERROR")
name = "it's \"so\" `odd`.text"
quoted = "`" + name.replace("`", "``") + "`"
# Not from Python's rows: no Python runs on executors.
texts = spark.sql("SELECT * FROM VALUES ('川の水は冷たい。'), ('it\\'s <mask> \"海\"'), (null) AS t(text)")
odd = texts.withColumnRenamed("text", name)


def same(python, sql, frame=texts):
    found = [row[0] for row in frame.select(python).collect()]
    expected = [row[0] for row in frame.selectExpr(sql).collect()]
    assert found == expected, (sql, found, expected)


def refused(what, call):
    try:
        call()
    except AnalysisException as e:
        assert what in str(e), e
        return e
    raise AssertionError("expected: " + what)


# Functions: the same as in SQL, from names and from columns.
same(B.embed("text"), "bybert_embed(text)")
same(
    B.embed("text", pooling="cls", normalize=True, max_bytes=40, long_text="truncate"),
    "bybert_embed(text, pooling => 'cls', normalize => true, max_bytes => 40, long_text => 'truncate')",
)
same(B.embed(F.upper(texts.text), pooling="max"), "bybert_embed(upper(text), pooling => 'max')")
same(B.embed(quoted, pooling="cls"), f"bybert_embed({quoted}, pooling => 'cls')", odd)
same(B.fill_mask("text"), "bybert_fill_mask(text)")
same(B.mask_words("text", 0.5, 42, unit="char"), "bybert_mask_words(text, 0.5, 42, unit => 'char')")
same(B.score("text", method="word-l2r", unit="char"), "bybert_score(text, method => 'word-l2r', unit => 'char')")
same(B.check("text", max_bytes=9), "bybert_check(text, max_bytes => 9)")
same(
    B.embed("text", model=model, model_options={"add_eos_token": "false"}),
    f"bybert_embed(text, model => '{model}', model_options => map('add_eos_token', 'false'))",
)
same(B.model().fingerprint, "bybert_model().fingerprint")

# Errors come as PySpark's own, before any task; quotes in a value are part of it.
refused("argument pooling: expected [mean, cls, max], found 'it's \"so\"'",
        lambda: texts.select(B.embed("text", pooling="it's \"so\"")))
refused("UNRESOLVED_COLUMN", lambda: texts.select(B.embed("no such")))
refused("expected a text of type string, found bigint", lambda: spark.range(1).select(B.embed("id")))
refused("/no/such", lambda: texts.select(B.embed("text", model="/no/such")))

# Stages: in a pipeline, saved, loaded, as themselves.
stages = [
    ByBertFillMask(model=model, outputCol="filled", scoreCol="score"),
    ByBertEmbedder(model=model, inputCol="filled", outputCol="features", errorCol="why").setPooling("cls"),
]
stages[1].setModelOptions(["add_eos_token=true"]).setOutputType("array")
fitted = Pipeline(stages=stages).fit(texts)
answers = fitted.transform(texts)
assert answers.columns == ["text", "filled", "score", "features", "why"], answers.columns
expected = answers.collect()
same(F.col("features"), "bybert_embed(bybert_fill_mask(text).text, pooling => 'cls')", answers)
fitted.save(folder + "/fitted")
assert PipelineModel.load(folder + "/fitted").transform(texts).collect() == expected
Pipeline(stages=stages).save(folder + "/pipeline")
loaded = Pipeline.load(folder + "/pipeline").getStages()
assert [type(stage) for stage in loaded] == [ByBertFillMask, ByBertEmbedder], loaded
assert loaded[1].uid == stages[1].uid
assert loaded[1].getOrDefault("modelOptions") == ["add_eos_token=true"]
assert loaded[1].getOrDefault("pooling") == "cls" and loaded[1].getOrDefault("longText") == "error"
stages[1].save(folder + "/stage")
assert ByBertEmbedder.load(folder + "/stage").getOrDefault("inputCol") == "filled"
assert stages[1].copy({stages[1].pooling: "max"}).getOrDefault("pooling") == "max"
vector = ByBertEmbedder(model=model, outputCol="v").transform(texts.limit(1)).head().v
assert type(vector).__name__ == "DenseVector", vector
try:
    ByBertEmbedder(maxBytes="many")
    raise AssertionError("maxBytes takes no text")
except TypeError as e:
    assert "maxBytes" in str(e), e
try:
    stages[1].setPooling("median").transform(texts)
    raise AssertionError("no such pooling")
except Exception as e:
    assert "pooling: expected one of [mean, cls, max], found \"median\"" in str(e), e
block = re.search("### PySpark\n.*?```python\n(.*?)```", open(readme, encoding="utf-8").read(), re.DOTALL).group(1)
exec(block, {"df": texts, "Pipeline": Pipeline})
print("tried in PySpark", spark.version)
