package org.bybert.job.evaluate;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.util.MapData;
import org.apache.spark.sql.connector.catalog.procedures.BoundProcedure;
import org.apache.spark.sql.connector.catalog.procedures.ProcedureParameter;
import org.apache.spark.sql.connector.catalog.procedures.UnboundProcedure;
import org.apache.spark.sql.connector.read.LocalScan;
import org.apache.spark.sql.connector.read.Scan;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructType;
import org.bybert.encoder.error.ModelException;
import org.bybert.job.terminal.UserError;
import org.bybert.udf.CallError;
import scala.Function1;

/**
 * {@link Evaluation#of} as SQL calls it, a procedure of {@link org.bybert.udf.sql.ByBertCatalog}:
 *
 * <pre>
 *   CALL bybert.evaluate(map('wiki', 'a_view'), map('seeds', '1,2', 'mask_rate', '0.3'))
 * </pre>
 *
 * <p>The first map has files, folders or tables by the names of the sets; the second one the options of
 * {@code bybert evaluate} by their names, {@code '_'} for {@code '-'}, where {@code 'true'} stands for one that takes no value.
 * The model is the session's ({@code spark.bybert.model}) unless an option {@code model} names another.
 */
public final class EvaluateProcedure implements UnboundProcedure, BoundProcedure {

    private static final MapType STRINGS = DataTypes.createMapType(DataTypes.StringType, DataTypes.StringType, true);

    /** @param rows of {@link EvaluationTable#SCHEMA} */
    private record Figures(InternalRow[] rows) implements LocalScan {

        @Override
        public StructType readSchema() {
            return EvaluationTable.SCHEMA;
        }
    }

    @Override
    public String name() {
        return "evaluate";
    }

    @Override
    public String description() {
        return "accuracies of the model on masked words";
    }

    @Override
    public BoundProcedure bind(StructType input) {
        return this;
    }

    @Override
    public ProcedureParameter[] parameters() {
        return new ProcedureParameter[] {
            ProcedureParameter.in("data", STRINGS).build(),
            ProcedureParameter.in("options", STRINGS)
                    .defaultValue("CAST(map() AS MAP<STRING, STRING>)")
                    .build()
        };
    }

    @Override
    public boolean isDeterministic() {
        return false;
    }

    @Override
    public Iterator<Scan> call(InternalRow input) {
        Function1<Object, Object> internal = CatalystTypeConverters.createToCatalystConverter(EvaluationTable.SCHEMA);
        try {
            SparkSession spark = SparkSession.active();
            List<Row> rows = Evaluation.of(spark, arguments(spark, strings(input, 0), strings(input, 1)))
                    .collectAsList();
            return List.<Scan>of(new Figures(rows.stream()
                            .map(row -> (InternalRow) internal.apply(row))
                            .toArray(InternalRow[]::new)))
                    .iterator();
        } catch (UserError | ModelException e) {
            throw CallError.ofRun(name(), e);
        }
    }

    private static String[] arguments(SparkSession spark, Map<String, String> data, Map<String, String> options) {
        String model = spark.conf().get("spark.bybert.model", null);
        if (model != null) {
            options.putIfAbsent("model", model);
        }
        List<String> arguments = new ArrayList<>();
        data.forEach((name, path) -> arguments.add("--data=" + name + "=" + path));
        options.forEach((name, value) ->
                arguments.add("--" + name.replace('_', '-') + ("true".equalsIgnoreCase(value) ? "" : "=" + value)));
        return arguments.toArray(String[]::new);
    }

    /** A null map has none. */
    private static Map<String, String> strings(InternalRow input, int at) {
        Map<String, String> strings = new TreeMap<>();
        MapData map = input.isNullAt(at) ? null : input.getMap(at);
        for (int i = 0; map != null && i < map.numElements(); i++) {
            String key = map.keyArray().getUTF8String(i).toString();
            if (map.valueArray().isNullAt(i)) {
                throw new UserError(key + ": expected a value, found NULL");
            }
            strings.put(key, map.valueArray().getUTF8String(i).toString());
        }
        return strings;
    }
}
