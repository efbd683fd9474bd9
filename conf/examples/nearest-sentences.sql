-- Finds the sentences of the bundled texts that are nearest to a question, in SQL alone. From the project's folder:
--
--   spark-sql --jars job/target/bybert.jar \
--     --conf spark.sql.extensions=org.bybert.udf.sql.ByBertExtensions \
--     -f conf/examples/nearest-sentences.sql

SET spark.bybert.model=data-samples/bybert-jp-mini;
SET spark.bybert.normalize=true;

CREATE OR REPLACE TEMPORARY VIEW pages USING json OPTIONS (path 'data-samples/wiki-style.jsonl');

CREATE OR REPLACE TEMPORARY VIEW sentences AS
SELECT id, position, concat(sentence, '。') AS sentence
FROM pages LATERAL VIEW posexplode(split(text, '[。\n]+')) AS position, sentence
WHERE length(sentence) BETWEEN 15 AND 40;

-- Each sentence is embedded once, here.
CACHE TABLE vectors AS
SELECT id, position, sentence, bybert_embed(sentence) AS vector FROM sentences;

-- The cosine of vectors of length 1. Spark 4.2 has it built in: vector_inner_product(a, b).
CREATE OR REPLACE TEMPORARY FUNCTION similarity(a ARRAY<FLOAT>, b ARRAY<FLOAT>) RETURNS DOUBLE
RETURN aggregate(zip_with(a, b, (x, y) -> CAST(x AS DOUBLE) * y), 0D, (sum, product) -> sum + product);

WITH question AS (SELECT bybert_embed('液体ヘリウムで金属を冷やすと電気抵抗が消えた。') AS vector)
SELECT vectors.id, round(similarity(vectors.vector, question.vector), 3) AS similarity, vectors.sentence
FROM vectors CROSS JOIN question
ORDER BY similarity DESC, id, position
LIMIT 5;

-- For each of three sentences the nearest one of another page.
WITH pairs AS (
  SELECT a.id, a.sentence, b.id AS other_id, b.sentence AS other_sentence,
         similarity(a.vector, b.vector) AS similarity
  FROM vectors a JOIN vectors b ON a.id <> b.id
  WHERE a.position = 0 AND a.id <= 'wiki-006')
SELECT id, sentence, max_by(struct(other_id, other_sentence), similarity) AS nearest,
       round(max(similarity), 3) AS similarity
FROM pairs
GROUP BY id, sentence
ORDER BY id;
