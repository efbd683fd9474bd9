"""The SQL functions of byBERT-JP for PySpark, classic or Connect.

    from bybert import functions as B
    df.select(B.embed("text", pooling="cls", normalize=True))

They are those of the session: start it with spark.sql.extensions=org.bybert.udf.sql.ByBertExtensions.
Arguments but the text are constants; for those left out the session's keys hold (spark.bybert.pooling).
Written by PythonModules, of the tests of org.bybert.udf.
"""
from pyspark.sql import functions as F
from pyspark.sql.column import Column
from pyspark.sql.utils import is_remote


def _constant(value):
    if isinstance(value, dict):
        return F.create_map(*[F.lit(part) for pair in value.items() for part in pair])
    if isinstance(value, (list, tuple)):
        return F.array(*[F.lit(part) for part in value])
    return F.lit(value)


def _named(name, value):
    if is_remote():
        from pyspark.sql.connect.column import Column as ConnectColumn
        from pyspark.sql.connect.expressions import NamedArgumentExpression

        return ConnectColumn(NamedArgumentExpression(name, value._expr))
    from pyspark import SparkContext

    python_utils = SparkContext._active_spark_context._jvm.PythonSQLUtils
    return Column(python_utils.namedArgumentExpression(name, value._jc))


def _call(function, *arguments, **options):
    given = [_named(name, _constant(value)) for name, value in options.items() if value is not None]
    return F.call_function(function, *arguments, *given)


def embed(
    text, *, pooling=None, normalize=None, max_bytes=None, long_text=None, special_tokens=None,
    batch_bytes=None, model=None, model_options=None
):
    """Returns the embedding of a text, array<float> of the model's hidden size. Null for null and
    for a text that is refused, see bybert_check.

    text: a column of strings, or its name
    pooling: mean (default), cls or max over the tokens
    normalize: True scales the vector to length 1; default False
    max_bytes: longest text in bytes of the model's encoding; default: what fits the model's
        positions
    long_text: a longer text is an error (default), or truncate cuts it, or split embeds
        windows of it
    special_tokens: text (default) reads <s>, <pad> or <mask> in a text byte by byte; parse
        takes them for the tokens
    batch_bytes: bytes that the model reads at once; decides nothing but speed and memory
    model: a folder at the same path on the driver and all executors, an id of the Hugging Face
        hub (ORG/NAME or ORG/NAME@REVISION), a folder that Hadoop reads (hdfs://, s3a://), or NAME
        of --archives FILE.zip#NAME
    model_options: a dict of values that replace those of the model's JSON files, e.g.
        {"byte_encoding": "utf-8"}
    """
    return _call(
        "bybert_embed", text, pooling=pooling, normalize=normalize, max_bytes=max_bytes,
        long_text=long_text, special_tokens=special_tokens, batch_bytes=batch_bytes, model=model,
        model_options=model_options
    )


def fill_mask(
    text, *, decode=None, top_k=None, length_by=None, passes=None, max_bytes=None, long_text=None,
    batch_bytes=None, model=None, model_options=None
):
    """Fills every <mask> of a text, one per byte, with the most probable text; <mask:6> stands for
    six of them, <mask:3-12> and <mask:?> (1 to 24) for as many as fit best. Returns struct<text,
    score, error>: score is the geometric mean of the probabilities of what was filled in (null
    without a mask); error is why a text is refused, or null. Null for null.

    text: a column of strings, or its name
    decode: valid (default) fills gaps with the most probable text, bytes with the most
        probable byte at each mask, which may be no text
    top_k: candidates for each gap, up to 100; the result has gaps array<struct<start, length,
        candidates array<struct<text, logprob>>>> then; default 0, none
    length_by: texts of different lengths are compared by the logarithm of their probability
        per char (default) or byte
    passes: forward passes at most: each writes the surest characters, the next one looks at
        the rest again; with several top_k is at most 1; default 1
    max_bytes: longest text in bytes of the model's encoding; default: what fits the model's
        positions
    long_text: a longer text is an error (default), or truncate cuts it, or split embeds
        windows of it
    batch_bytes: bytes that the model reads at once; decides nothing but speed and memory
    model: a folder at the same path on the driver and all executors, an id of the Hugging Face
        hub (ORG/NAME or ORG/NAME@REVISION), a folder that Hadoop reads (hdfs://, s3a://), or NAME
        of --archives FILE.zip#NAME
    model_options: a dict of values that replace those of the model's JSON files, e.g.
        {"byte_encoding": "utf-8"}
    """
    return _call(
        "bybert_fill_mask", text, decode=decode, top_k=top_k, length_by=length_by, passes=passes,
        max_bytes=max_bytes, long_text=long_text, batch_bytes=batch_bytes, model=model,
        model_options=model_options
    )


def choose(
    text, targets, *, length_by=None, max_bytes=None, batch_bytes=None, model=None,
    model_options=None
):
    """Puts each of some texts in the one gap of a text, at its own length. Returns struct<text,
    probability, error, targets>: text is the most probable one, probability its share among the
    targets; targets is array<struct<text, logprob, probability>>, best first; error is why a
    text is refused, or null. Null for null.

    text: a column of strings, or its name
    targets: an array of texts to choose from, each at its own length; a constant, or of each
        row
    length_by: texts of different lengths are compared by the logarithm of their probability
        per char (default) or byte
    max_bytes: longest text in bytes of the model's encoding; default: what fits the model's
        positions
    batch_bytes: bytes that the model reads at once; decides nothing but speed and memory
    model: a folder at the same path on the driver and all executors, an id of the Hugging Face
        hub (ORG/NAME or ORG/NAME@REVISION), a folder that Hadoop reads (hdfs://, s3a://), or NAME
        of --archives FILE.zip#NAME
    model_options: a dict of values that replace those of the model's JSON files, e.g.
        {"byte_encoding": "utf-8"}
    """
    return _call(
        "bybert_choose", text, _constant(targets), length_by=length_by, max_bytes=max_bytes,
        batch_bytes=batch_bytes, model=model, model_options=model_options
    )


def mask_words(
    text, rate, seed, *, unit=None, segmenter=None, join_digits=None, max_bytes=None,
    long_text=None, model=None, model_options=None
):
    """Masks a share of a text's words, one <mask> per byte. Returns struct<masked_text, spans,
    error>: spans is array<struct<start, end, text>> in bytes of the model's encoding; error is
    why a text is refused, or null. Null for null.

    text: a column of strings, or its name
    rate: share of the units that is masked, above 0 and at most 1; at least one is
    seed: a whole number; the seed and the text decide which units are masked
    unit: what is masked as a whole: word (default), char or byte
    segmenter: how words are cut: unidic (default; needs Kuromoji's jars) or mecab:DIR, a
        dictionary that MeCab has compiled: a folder at the same path on all hosts, one that Hadoop
        reads, or NAME of --archives
    join_digits: True (default): runs of digits and runs of letters of one script are one word;
        False: as the dictionary cuts them
    max_bytes: longest text in bytes of the model's encoding; default: what fits the model's
        positions
    long_text: a longer text is an error (default), or truncate cuts it, or split embeds
        windows of it
    model: a folder at the same path on the driver and all executors, an id of the Hugging Face
        hub (ORG/NAME or ORG/NAME@REVISION), a folder that Hadoop reads (hdfs://, s3a://), or NAME
        of --archives FILE.zip#NAME
    model_options: a dict of values that replace those of the model's JSON files, e.g.
        {"byte_encoding": "utf-8"}
    """
    return _call(
        "bybert_mask_words", text, _constant(rate), _constant(seed), unit=unit,
        segmenter=segmenter, join_digits=join_digits, max_bytes=max_bytes, long_text=long_text,
        model=model, model_options=model_options
    )


def score(
    text, *, method=None, unit=None, segmenter=None, join_digits=None, max_bytes=None,
    long_text=None, batch_bytes=None, model=None, model_options=None
):
    """Returns how probable the model finds a text: the mean of the natural logarithms of the
    probabilities of its words' bytes, each word masked alone and all its bytes at once, or byte
    by byte (method). 0 or below; the higher the more probable. It costs one forward pass per
    word, with the methods word-l2r and byte one per byte. Null for null, and for a text that is
    too long or blank.

    text: a column of strings, or its name
    method: which bytes are masked beside the one that is asked for: word (default), all of its
        word; word-l2r, those right of it in its word; byte, none (unit byte)
    unit: what is masked as a whole: word (default), char or byte
    segmenter: how words are cut: unidic (default; needs Kuromoji's jars) or mecab:DIR, a
        dictionary that MeCab has compiled: a folder at the same path on all hosts, one that Hadoop
        reads, or NAME of --archives
    join_digits: True (default): runs of digits and runs of letters of one script are one word;
        False: as the dictionary cuts them
    max_bytes: longest text in bytes of the model's encoding; default: what fits the model's
        positions
    long_text: a longer text is an error (default), or truncate cuts it, or split embeds
        windows of it
    batch_bytes: bytes that the model reads at once; decides nothing but speed and memory
    model: a folder at the same path on the driver and all executors, an id of the Hugging Face
        hub (ORG/NAME or ORG/NAME@REVISION), a folder that Hadoop reads (hdfs://, s3a://), or NAME
        of --archives FILE.zip#NAME
    model_options: a dict of values that replace those of the model's JSON files, e.g.
        {"byte_encoding": "utf-8"}
    """
    return _call(
        "bybert_score", text, method=method, unit=unit, segmenter=segmenter,
        join_digits=join_digits, max_bytes=max_bytes, long_text=long_text, batch_bytes=batch_bytes,
        model=model, model_options=model_options
    )


def check(
    text, *, max_bytes=None, long_text=None, special_tokens=None, model=None, model_options=None
):
    """Returns why bybert_embed has no answer for a text, or null; reads no weights.
    (bybert_fill_mask, which takes masks for one token each, gives its own reason.)

    text: a column of strings, or its name
    max_bytes: longest text in bytes of the model's encoding; default: what fits the model's
        positions
    long_text: a longer text is an error (default), or truncate cuts it, or split embeds
        windows of it
    special_tokens: text (default) reads <s>, <pad> or <mask> in a text byte by byte; parse
        takes them for the tokens
    model: a folder at the same path on the driver and all executors, an id of the Hugging Face
        hub (ORG/NAME or ORG/NAME@REVISION), a folder that Hadoop reads (hdfs://, s3a://), or NAME
        of --archives FILE.zip#NAME
    model_options: a dict of values that replace those of the model's JSON files, e.g.
        {"byte_encoding": "utf-8"}
    """
    return _call(
        "bybert_check", text, max_bytes=max_bytes, long_text=long_text,
        special_tokens=special_tokens, model=model, model_options=model_options
    )


def model(*, model=None, model_options=None):
    """Returns which model answers: struct<model, revision, fingerprint, settings, measured>.
    settings is map<string, struct<value, origin>>; measured says of what the model's files leave
    open how clear it is. Reads no weights, but where something has to be measured.

    model: a folder at the same path on the driver and all executors, an id of the Hugging Face
        hub (ORG/NAME or ORG/NAME@REVISION), a folder that Hadoop reads (hdfs://, s3a://), or NAME
        of --archives FILE.zip#NAME
    model_options: a dict of values that replace those of the model's JSON files, e.g.
        {"byte_encoding": "utf-8"}
    """
    return _call("bybert_model", model=model, model_options=model_options)
