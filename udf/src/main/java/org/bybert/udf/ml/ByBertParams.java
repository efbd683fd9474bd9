package org.bybert.udf.ml;

import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.StringArrayParam;
import org.apache.spark.ml.util.DefaultParamsWritable;
import org.bybert.encoder.batch.BatchOptions;
import org.bybert.encoder.batch.LongText;

/**
 * The parameters that the transformers for {@code spark.ml} have in common. (Spark finds them by the public methods that
 * return them.)
 *
 * @param <T> the transformer itself
 */
public abstract class ByBertParams<T extends ByBertParams<T>> extends Transformer implements DefaultParamsWritable {

    /** What {@code handleInvalid} may be. */
    enum Invalid { KEEP, SKIP, ERROR }

    private final String uid;
    private final Param<String> inputCol;
    private final Param<String> outputCol;
    private final Param<String> errorCol;
    private final Param<String> model;
    private final StringArrayParam modelOptions;
    private final IntParam maxBytes;
    private final Param<String> longText;
    private final IntParam batchBytes;
    private final Param<String> handleInvalid;

    ByBertParams(String uid, String output) {
        this.uid = uid;
        inputCol = string("inputCol", "column with the text");
        outputCol = string("outputCol", "column for the answer");
        errorCol = string("errorCol", "column for the reason why a text has no answer; empty for none");
        model = string("model", "model folder, the same path on driver and executors");
        modelOptions = new StringArrayParam(this, "modelOptions",
                "KEY=VALUE: replaces a value of the model's JSON files");
        maxBytes = new IntParam(this, "maxBytes", "longest text in bytes; 0 for the model's own limit");
        longText = string("longText", "what happens to longer texts: " + Names.of(LongText.class));
        batchBytes = new IntParam(this, "batchBytes", "bytes that are computed at once");
        handleInvalid = string("handleInvalid", "a text without an answer: keep (the answer is null), skip (the row is "
                + "dropped) or error (the job fails)");
        setDefault(inputCol, "text");
        setDefault(outputCol, output);
        setDefault(errorCol, "");
        setDefault(modelOptions, new String[0]);
        setDefault(maxBytes, BatchOptions.DEFAULTS.maxBytes());
        setDefault(longText, Names.of(BatchOptions.DEFAULTS.longText()));
        setDefault(batchBytes, BatchOptions.DEFAULTS.batchBytes());
        setDefault(handleInvalid, Names.of(Invalid.KEEP));
    }

    final Param<String> string(String name, String doc) {
        return new Param<>(this, name, doc);
    }

    final <V> V value(Param<V> param) {
        return getOrDefault(param);
    }

    /** @throws IllegalArgumentException where a parameter has no meaning */
    BatchOptions options() {
        return BatchOptions.DEFAULTS
                .withLimit((Integer) value(maxBytes), Names.value(longText, value(longText), LongText.class))
                .withBatchBytes((Integer) value(batchBytes));
    }

    /** @throws IllegalArgumentException where a parameter has no meaning */
    final Invalid invalid() {
        return Names.value(handleInvalid, value(handleInvalid), Invalid.class);
    }

    final String outputName() {
        return value(outputCol);
    }

    @Override
    public String uid() {
        return uid;
    }

    final <V> T with(Param<V> param, V value) {
        set(param, value);
        @SuppressWarnings("unchecked")
        T self = (T) this;
        return self;
    }

    public Param<String> inputCol() {
        return inputCol;
    }

    public Param<String> outputCol() {
        return outputCol;
    }

    public Param<String> errorCol() {
        return errorCol;
    }

    public Param<String> model() {
        return model;
    }

    public StringArrayParam modelOptions() {
        return modelOptions;
    }

    public IntParam maxBytes() {
        return maxBytes;
    }

    public Param<String> longText() {
        return longText;
    }

    public IntParam batchBytes() {
        return batchBytes;
    }

    public Param<String> handleInvalid() {
        return handleInvalid;
    }

    public T setInputCol(String name) {
        return with(inputCol, name);
    }

    public T setOutputCol(String name) {
        return with(outputCol, name);
    }

    public T setErrorCol(String name) {
        return with(errorCol, name);
    }

    public T setModel(String folder) {
        return with(model, folder);
    }

    /** @param options each {@code KEY=VALUE} */
    public T setModelOptions(String... options) {
        return with(modelOptions, options);
    }

    public T setMaxBytes(int bytes) {
        return with(maxBytes, bytes);
    }

    public T setLongText(String what) {
        return with(longText, what);
    }

    public T setBatchBytes(int bytes) {
        return with(batchBytes, bytes);
    }

    public T setHandleInvalid(String what) {
        return with(handleInvalid, what);
    }
}
