package org.bybert.udf.sql;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.catalyst.expressions.CreateStruct$;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.NamedArgumentExpression;
import org.apache.spark.sql.catalyst.expressions.RuntimeReplaceable;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.catalyst.util.MapData;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.NullType;
import org.apache.spark.sql.types.StringType;
import org.bybert.encoder.ByBert;
import org.bybert.encoder.FillOptions;
import org.bybert.encoder.Pooling;
import org.bybert.encoder.batch.BatchOptions;
import org.bybert.encoder.batch.ChooseTask;
import org.bybert.encoder.batch.LongText;
import org.bybert.encoder.batch.SpecialTokens;
import org.bybert.encoder.error.ModelException;
import org.bybert.udf.CallError;
import org.bybert.udf.ModelReference;
import org.bybert.udf.masked.ScoreMethod;
import org.bybert.udf.sql.Setting.Given;
import org.bybert.udf.sql.plan.ModelCall;
import org.bybert.udf.sql.plan.ScalaLists;
import org.bybert.udf.words.Segmenter;
import org.bybert.udf.words.SegmenterReference;
import org.bybert.udf.words.Unit;
import scala.Function1;
import scala.collection.immutable.Seq;
import scala.runtime.BoxedUnit;
import scala.util.Failure;

/**
 * From the arguments of a call to the call itself. Runs on the driver, when a query is analysed; whatever is wrong with
 * arguments, settings or the model ends there, before any task runs.
 */
record CallBuilder(SqlFunction function, Supplier<Defaults> defaults)
        implements Function1<Seq<Expression>, Expression> {

    @Override
    public Expression apply(Seq<Expression> arguments) {
        try {
            return build(new Arguments(function, ScalaLists.list(arguments)));
        } catch (IllegalArgumentException | IllegalStateException | ModelException e) {
            // Throws what Java's compiler does not expect: Spark's interfaces, made for Scala, declare nothing.
            return new Failure<Expression>(CallError.ofAnalysis(function.sqlName, e)).get();
        }
    }

    private Expression build(Arguments arguments) {
        Defaults base = defaults.get();
        CallSettings settings = settings(arguments, base);
        ByBert.Description model = settings.reference().check();
        if (!function.takesText()) {
            return ModelStruct.of(settings.reference());
        }
        if (function.masks()) {
            model.tokenizer().maskId();
        }
        if (function.takes(Setting.UNIT)) {
            Segmenter.check(settings.unit(), settings.segmenter());
        }
        settings.reader();
        Expression given = arguments.text();
        Expression text = given.dataType() instanceof NullType ? Literal.create(null, DataTypes.StringType) : given;
        Expression argument = text;
        if (function.takes(Setting.TARGETS)) {
            if (settings.targets() == null) {
                argument = CreateStruct$.MODULE$.create(ScalaLists.seq(List.of(text, arguments.targets())));
            } else {
                ChooseTask.check(model.tokenizer(), settings.targets());
            }
        }
        return new ModelCall(
                argument,
                function.sqlName,
                function.implementation.apply(settings),
                arguments.options(function),
                settings.computation(function));
    }

    private CallSettings settings(Arguments arguments, Defaults base) {
        Map<Setting, Given> given = new EnumMap<>(Setting.class);
        for (Setting setting : Setting.values()) {
            if (setting != Setting.MODEL_OPTIONS && setting != Setting.TARGETS && arguments.has(setting)) {
                given.put(setting, arguments.get(setting));
            } else if (function.takes(setting) && base.session().containsKey(setting)) {
                given.put(setting, base.session().get(setting));
            }
        }
        CallSettings otherwise = base.settings();
        ScoreMethod method = read(given.get(Setting.METHOD), name -> name.oneOf(ScoreMethod.class), otherwise.method());
        Unit unit = unit(method, given.get(Setting.UNIT));
        return new CallSettings(
                base.resolve(reference(arguments, base, given.get(Setting.MODEL))),
                texts(given, otherwise.texts()),
                fill(given, otherwise.fill()),
                arguments.targets() == null
                        ? otherwise.targets()
                        : arguments.ofStrings(Setting.TARGETS).foldable() ? arguments.list(Setting.TARGETS) : null,
                method,
                unit,
                segmenter(unit, given, otherwise.segmenter()),
                read(given.get(Setting.RATE), Given::share, otherwise.rate()),
                read(
                        given.get(Setting.SEED),
                        seed -> seed.number(Long::valueOf, "a whole number of 64 bits"),
                        otherwise.seed()),
                otherwise.metrics());
    }

    private static Unit unit(ScoreMethod method, Given given) {
        Unit unit = read(given, name -> name.oneOf(Unit.class), null);
        try {
            return method.unit(unit);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(given.origin() + ": " + e.getMessage(), e);
        }
    }

    private static SegmenterReference segmenter(Unit unit, Map<Setting, Given> given, SegmenterReference otherwise) {
        SegmenterReference segmenter = read(
                given.get(Setting.SEGMENTER),
                name -> {
                    try {
                        return new SegmenterReference(name.value().strip(), otherwise.joinsRuns());
                    } catch (IllegalArgumentException e) {
                        throw name.refused("unidic or mecab:DIR");
                    }
                },
                otherwise);
        boolean joins = read(given.get(Setting.JOIN_DIGITS), Given::bool, otherwise.joinsRuns());
        SegmenterReference words = new SegmenterReference(segmenter.name(), joins);
        return unit == Unit.WORD ? words.resolve() : words;
    }

    /** The options of the session belong to the model of the session. */
    private ModelReference reference(Arguments arguments, Defaults base, Given model) {
        if (model == null && base.settings().reference() == null) {
            throw new IllegalArgumentException(
                    "no model: SET " + Defaults.PREFIX + "model=FOLDER, or give the argument model => 'FOLDER'");
        }
        String folder = model == null ? base.settings().reference().model() : model.value();
        if (arguments.has(Setting.MODEL_OPTIONS)) {
            return new ModelReference(folder, arguments.map(Setting.MODEL_OPTIONS));
        }
        if (arguments.has(Setting.MODEL)) {
            return new ModelReference(folder, Map.of());
        }
        return model == null ? base.settings().reference() : new ModelReference(folder, base.modelOptions());
    }

    private BatchOptions texts(Map<Setting, Given> given, BatchOptions otherwise) {
        return otherwise
                .withPooling(
                        read(given.get(Setting.POOLING), how -> how.oneOf(Pooling.class), otherwise.pooling()),
                        read(given.get(Setting.NORMALIZE), Given::bool, otherwise.normalize()))
                .withLimit(
                        read(given.get(Setting.MAX_BYTES), Given::integer, otherwise.maxBytes()),
                        read(given.get(Setting.LONG_TEXT), this::longText, otherwise.longText()))
                .withSpecials(read(
                        given.get(Setting.SPECIAL_TOKENS),
                        what -> what.oneOf(SpecialTokens.class),
                        otherwise.specials()))
                .withBatchBytes(read(given.get(Setting.BATCH_BYTES), Given::integer, otherwise.batchBytes()));
    }

    private static FillOptions fill(Map<Setting, Given> given, FillOptions otherwise) {
        return new FillOptions(
                read(given.get(Setting.DECODE), how -> how.oneOf(FillOptions.Decoding.class), otherwise.decoding()),
                read(given.get(Setting.TOP_K), Given::integer, otherwise.topK()),
                read(given.get(Setting.LENGTH_BY), by -> by.oneOf(FillOptions.LengthBy.class), otherwise.lengthBy()),
                read(given.get(Setting.PASSES), Given::integer, otherwise.passes()));
    }

    private static <T> T read(Given given, Function<Given, T> value, T otherwise) {
        return given == null ? otherwise : value.apply(given);
    }

    private LongText longText(Given given) {
        LongText longText = given.oneOf(LongText.class);
        if (longText == LongText.SPLIT && function.masks()) {
            throw given.refused("error or truncate, as a text with masks is read in one piece");
        }
        return longText;
    }

    /** The arguments of a call by name, as SQL's rules for positional and named arguments have them. */
    private static final class Arguments {

        private static final String TEXT = "text";

        private final Map<String, Expression> values = new LinkedHashMap<>();

        /** @throws IllegalArgumentException where they are not what the function takes */
        Arguments(SqlFunction function, List<Expression> arguments) {
            List<String> positional = new ArrayList<>(function.takesText() ? List.of(TEXT) : List.of());
            positional.addAll(Setting.keys(function.positional));
            List<String> known = new ArrayList<>(positional);
            known.addAll(Setting.keys(function.options));
            boolean named = false;
            for (int i = 0; i < arguments.size(); i++) {
                Expression argument = arguments.get(i);
                if (argument instanceof NamedArgumentExpression option) {
                    named = true;
                    put(option.key().toLowerCase(Locale.ROOT), option.value(), known);
                } else if (named) {
                    throw new IllegalArgumentException("argument " + (i + 1) + " has no name, but one before it has");
                } else if (i >= positional.size()) {
                    throw new IllegalArgumentException("expected " + positional + " by position, found "
                            + arguments.size() + " arguments; give options by name, e.g. "
                            + function.options.get(0).key + " => …");
                } else {
                    put(positional.get(i), argument, known);
                }
            }
            for (String name : positional) {
                if (!values.containsKey(name)) {
                    throw new IllegalArgumentException("argument " + name + " is missing; expected " + positional);
                }
            }
        }

        private void put(String name, Expression value, List<String> known) {
            if (!known.contains(name)) {
                throw new IllegalArgumentException("unknown argument " + name + "; known are " + known);
            }
            if (values.put(name, value) != null) {
                throw new IllegalArgumentException("argument " + name + " is given twice");
            }
        }

        Expression text() {
            return values.get(TEXT);
        }

        /** Null where the function takes none. */
        Expression targets() {
            return values.get(Setting.TARGETS.key);
        }

        /** Those that are given, as Spark prints arguments in the names of columns. */
        String options(SqlFunction function) {
            return Stream.concat(function.positional.stream(), function.options.stream())
                    .filter(this::has)
                    .map(setting -> (function.positional.contains(setting) ? "" : setting.key + " => ")
                            + (values.get(setting.key) instanceof Literal literal
                                    ? literal.value()
                                    : values.get(setting.key).sql()))
                    .collect(Collectors.joining(", "));
        }

        boolean has(Setting setting) {
            return values.containsKey(setting.key);
        }

        Given get(Setting setting) {
            return new Given("argument " + setting.key, constant(setting).toString());
        }

        Map<String, String> map(Setting setting) {
            if (!(constant(setting) instanceof MapData map
                    && values.get(setting.key).dataType() instanceof MapType type)) {
                throw new IllegalArgumentException("argument " + setting.key + ": expected a map, found "
                        + values.get(setting.key).sql());
            }
            Map<String, String> result = new TreeMap<>();
            map.foreach(type.keyType(), type.valueType(), (key, value) -> {
                result.put(String.valueOf(key), String.valueOf(value));
                return BoxedUnit.UNIT;
            });
            return result;
        }

        List<String> list(Setting setting) {
            ofStrings(setting);
            return Arrays.stream(((ArrayData) constant(setting)).toObjectArray(DataTypes.StringType))
                    .map(value -> value == null ? "" : value.toString())
                    .toList();
        }

        private Expression ofStrings(Setting setting) {
            Expression value = values.get(setting.key);
            if (!(value.dataType() instanceof ArrayType type && type.elementType() instanceof StringType)) {
                throw new IllegalArgumentException(
                        "argument " + setting.key + ": expected an array of strings, found " + value.sql());
            }
            return value;
        }

        private Object constant(Setting setting) {
            Expression expression = values.get(setting.key);
            boolean replaced = expression.exists(e -> e instanceof RuntimeReplaceable);
            Object value = expression.foldable() && !replaced ? expression.eval(null) : null;
            if (value == null) {
                throw new IllegalArgumentException(
                        "argument " + setting.key + ": expected a constant, found " + expression.sql());
            }
            return value;
        }
    }
}
