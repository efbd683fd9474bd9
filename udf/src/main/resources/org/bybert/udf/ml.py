"""The stages of org.bybert.udf.ml for pipelines of classic PySpark: saved and loaded as Java's are.

    from org.bybert.udf.ml import ByBertEmbedder
    stage = ByBertEmbedder(model="/models/bybert", inputCol="text", outputCol="features")

PySpark finds the module by the name of the Java class when it loads a pipeline.
Written by PythonModules, of the tests of org.bybert.udf.
"""
from pyspark import keyword_only
from pyspark.ml.param import Param, Params, TypeConverters
from pyspark.ml.util import JavaMLReadable, JavaMLWritable
from pyspark.ml.wrapper import JavaTransformer


def _param(name, convert, doc):
    return Param(Params._dummy(), name, doc, convert)


class _Transformer(JavaTransformer, JavaMLReadable, JavaMLWritable):
    batchBytes = _param(
        "batchBytes",
        TypeConverters.toInt,
        "bytes that are computed at once",
    )
    detect = _param(
        "detect",
        TypeConverters.toBoolean,
        "whether what nobody says about the model is measured",
    )
    errorCol = _param(
        "errorCol",
        TypeConverters.toString,
        "column for the reason why a text has no answer; empty for none",
    )
    handleInvalid = _param(
        "handleInvalid",
        TypeConverters.toString,
        "a text without an answer: keep (the answer is null), skip (the row is dropped) or error "
        "(the job fails)",
    )
    inputCol = _param(
        "inputCol",
        TypeConverters.toString,
        "column with the text",
    )
    longText = _param(
        "longText",
        TypeConverters.toString,
        "what happens to longer texts: [truncate, split, error]",
    )
    maxBytes = _param(
        "maxBytes",
        TypeConverters.toInt,
        "longest text in bytes; 0 for the model's own limit",
    )
    model = _param(
        "model",
        TypeConverters.toString,
        "a folder at the same path on the driver and all executors, an id of the Hugging Face hub "
        "(ORG/NAME or ORG/NAME@REVISION), or a folder that Hadoop reads (hdfs://, s3a://)",
    )
    modelOptions = _param(
        "modelOptions",
        TypeConverters.toListString,
        "KEY=VALUE: replaces a value of the model's JSON files",
    )
    outputCol = _param(
        "outputCol",
        TypeConverters.toString,
        "column for the answer",
    )

    def __init__(self, params):
        super().__init__()
        name = "org.bybert.udf.ml." + type(self).__name__
        try:
            self._java_obj = self._new_java_obj(name, self.uid)
        except TypeError as e:
            raise RuntimeError(
                name + " is not on Spark's class path: start PySpark with --jars bybert.jar"
            ) from e
        self._setDefault(modelOptions=[])
        self._transfer_params_from_java()
        self._set(**params)

    def setBatchBytes(self, value):
        return self._set(batchBytes=value)

    def setDetect(self, value):
        return self._set(detect=value)

    def setErrorCol(self, value):
        return self._set(errorCol=value)

    def setHandleInvalid(self, value):
        return self._set(handleInvalid=value)

    def setInputCol(self, value):
        return self._set(inputCol=value)

    def setLongText(self, value):
        return self._set(longText=value)

    def setMaxBytes(self, value):
        return self._set(maxBytes=value)

    def setModel(self, value):
        return self._set(model=value)

    def setModelOptions(self, value):
        return self._set(modelOptions=value)

    def setOutputCol(self, value):
        return self._set(outputCol=value)


class ByBertEmbedder(_Transformer):
    """Embeds texts: a vector of Spark's type, or with outputType "array" an array<float>."""

    normalize = _param(
        "normalize",
        TypeConverters.toBoolean,
        "scale each vector to length 1 (L2)",
    )
    outputType = _param(
        "outputType",
        TypeConverters.toString,
        "type of the answer: [vector, array]",
    )
    pooling = _param(
        "pooling",
        TypeConverters.toString,
        "how the hidden states of a text become one vector: [mean, cls, max]",
    )
    specialTokens = _param(
        "specialTokens",
        TypeConverters.toString,
        "what the text of a special token, such as <s> or <pad>, stands for: [text, parse]",
    )

    @keyword_only
    def __init__(
        self, *, batchBytes=None, detect=None, errorCol=None, handleInvalid=None, inputCol=None,
        longText=None, maxBytes=None, model=None, modelOptions=None, normalize=None,
        outputCol=None, outputType=None, pooling=None, specialTokens=None
    ):
        super().__init__(self._input_kwargs)

    def setNormalize(self, value):
        return self._set(normalize=value)

    def setOutputType(self, value):
        return self._set(outputType=value)

    def setPooling(self, value):
        return self._set(pooling=value)

    def setSpecialTokens(self, value):
        return self._set(specialTokens=value)


class ByBertFillMask(_Transformer):
    """Fills the masks of texts; scoreCol receives the geometric mean of the probabilities."""

    decode = _param(
        "decode",
        TypeConverters.toString,
        "valid: the most probable text; bytes: the most probable byte at each mask, which may be "
        "no text",
    )
    gapsCol = _param(
        "gapsCol",
        TypeConverters.toString,
        "column for the gaps and their candidates; empty for none; needs topK or targets",
    )
    lengthBy = _param(
        "lengthBy",
        TypeConverters.toString,
        "what texts of different lengths are compared by: the logarithm of their probability per "
        "char or per byte",
    )
    passes = _param(
        "passes",
        TypeConverters.toInt,
        "forward passes at most: each writes the surest characters, the next one looks at the "
        "rest again; with several topK is at most 1",
    )
    scoreCol = _param(
        "scoreCol",
        TypeConverters.toString,
        "column for the score; empty for none",
    )
    targets = _param(
        "targets",
        TypeConverters.toListString,
        "texts of which the best is put in the one gap of a text, each at its own length; empty "
        "for all text",
    )
    targetsCol = _param(
        "targetsCol",
        TypeConverters.toString,
        "column of type array<string> with the targets of each text; empty for none",
    )
    topK = _param(
        "topK",
        TypeConverters.toInt,
        "candidates for each gap, up to 100; 0 for none",
    )

    @keyword_only
    def __init__(
        self, *, batchBytes=None, decode=None, detect=None, errorCol=None, gapsCol=None,
        handleInvalid=None, inputCol=None, lengthBy=None, longText=None, maxBytes=None, model=None,
        modelOptions=None, outputCol=None, passes=None, scoreCol=None, targets=None,
        targetsCol=None, topK=None
    ):
        super().__init__(self._input_kwargs)

    def setDecode(self, value):
        return self._set(decode=value)

    def setGapsCol(self, value):
        return self._set(gapsCol=value)

    def setLengthBy(self, value):
        return self._set(lengthBy=value)

    def setPasses(self, value):
        return self._set(passes=value)

    def setScoreCol(self, value):
        return self._set(scoreCol=value)

    def setTargets(self, value):
        return self._set(targets=value)

    def setTargetsCol(self, value):
        return self._set(targetsCol=value)

    def setTopK(self, value):
        return self._set(topK=value)
