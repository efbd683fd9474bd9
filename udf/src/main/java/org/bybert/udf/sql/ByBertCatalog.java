package org.bybert.udf.sql;

import java.util.Arrays;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.analysis.NoSuchFunctionException;
import org.apache.spark.sql.catalyst.expressions.BoundReference;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.connector.catalog.FunctionCatalog;
import org.apache.spark.sql.connector.catalog.Identifier;
import org.apache.spark.sql.connector.catalog.ProcedureCatalog;
import org.apache.spark.sql.connector.catalog.functions.BoundFunction;
import org.apache.spark.sql.connector.catalog.functions.UnboundFunction;
import org.apache.spark.sql.connector.catalog.procedures.UnboundProcedure;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.NullType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;
import org.bybert.udf.sql.plan.CatalogCall;
import org.bybert.udf.sql.plan.ScalaLists;

/**
 * The functions as a catalog, for a session of a Spark that was started without {@link ByBertExtensions}, such as a
 * Spark Connect server: its class path must have the jar, and each session says
 *
 * <pre>
 *   SET spark.sql.catalog.bybert=org.bybert.udf.sql.ByBertCatalog;
 *   SET spark.bybert.model=/models/bybert;
 *   SELECT bybert.embed(text) FROM pages;
 * </pre>
 *
 * <p>Spark hands no named arguments on to functions of catalogs. Options are keys of the catalog
 * ({@code SET spark.sql.catalog.bybert.pooling=cls}), which win over those of the session; two catalogs may have two
 * models. Once a session has used the catalog, it also knows all functions by the names that the extension gives them,
 * {@code bybert_embed(text, pooling => 'cls')}, with the keys of the session. Calls are evaluated in batches, as
 * {@link ByBertFunctions} describes it.
 */
public final class ByBertCatalog implements FunctionCatalog, ProcedureCatalog {

    private static final String[] NAMESPACE = {};

    private String name;

    @Override
    public void initialize(String catalog, CaseInsensitiveStringMap options) {
        name = catalog;
        ByBertFunctions.register(SparkSession.active(), ByBertExtensions::defaults);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String[] defaultNamespace() {
        return NAMESPACE.clone();
    }

    @Override
    public Identifier[] listFunctions(String[] namespace) {
        return namespace.length == 0
                ? functions().map(f -> Identifier.of(NAMESPACE, shortName(f))).toArray(Identifier[]::new)
                : new Identifier[0];
    }

    @Override
    public UnboundFunction loadFunction(Identifier wanted) throws NoSuchFunctionException {
        return functions()
                .filter(f -> wanted.namespace().length == 0 && shortName(f).equalsIgnoreCase(wanted.name()))
                .map(f -> new Unbound(this, f))
                .findFirst()
                .orElseThrow(() -> new NoSuchFunctionException(wanted));
    }

    /** Procedures of jars that are there beside this one, such as the jobs'. */
    @Override
    public UnboundProcedure loadProcedure(Identifier wanted) {
        return procedures()
                .filter(p -> wanted.namespace().length == 0 && p.name().equalsIgnoreCase(wanted.name()))
                .findFirst()
                .orElseThrow(() -> new UnsupportedOperationException("expected one of "
                        + procedures().map(UnboundProcedure::name).toList() + ", found " + wanted));
    }

    @Override
    public Identifier[] listProcedures(String[] namespace) {
        return namespace.length == 0
                ? procedures().map(p -> Identifier.of(NAMESPACE, p.name())).toArray(Identifier[]::new)
                : new Identifier[0];
    }

    private static Stream<UnboundProcedure> procedures() {
        return ServiceLoader.load(UnboundProcedure.class, ByBertCatalog.class.getClassLoader()).stream()
                .map(ServiceLoader.Provider::get);
    }

    /** Those that need nothing but a text: what a text is called with is known when a row is there, not before. */
    private static Stream<SqlFunction> functions() {
        return Arrays.stream(SqlFunction.values()).filter(f -> f.positional.isEmpty());
    }

    private static String shortName(SqlFunction function) {
        return function.sqlName.replaceFirst("^bybert_", "");
    }

    private Defaults defaults() {
        SparkSession session = SparkSession.active();
        return Defaults.of(session, ByBertExtensions.metrics(session.sparkContext()), List.of(Defaults.PREFIX, keys()));
    }

    private String keys() {
        return "spark.sql.catalog." + name + ".";
    }

    private record Unbound(ByBertCatalog catalog, SqlFunction function) implements UnboundFunction {

        @Override
        public String name() {
            return catalog.name + "." + shortName(function);
        }

        @Override
        public String description() {
            return function.usage;
        }

        /** @throws UnsupportedOperationException which Spark makes an error of the analysis */
        @Override
        public BoundFunction bind(StructType input) {
            int expected = function.takesText() ? 1 : 0;
            if (input.size() != expected) {
                String option = function.options.get(0).key;
                throw new UnsupportedOperationException("expected " + expected + " argument, found " + input.size()
                        + "; Spark gives a catalog's functions no options: SET " + catalog.keys() + option
                        + "=…, or call " + function.sqlName + "(…, " + option + " => …)");
            }
            if (!Arrays.stream(input.fields()).allMatch(text -> isText(text.dataType()))) {
                throw new UnsupportedOperationException("expected a text of type string; cast it");
            }
            List<Expression> arguments = IntStream.range(0, expected)
                    .<Expression>mapToObj(
                            i -> new BoundReference(i, input.apply(i).dataType(), true))
                    .toList();
            Expression call = new CallBuilder(function, catalog::defaults).apply(ScalaLists.seq(arguments));
            return new CatalogCall(shortName(function), call);
        }

        private static boolean isText(DataType type) {
            return type instanceof StringType || type instanceof NullType;
        }
    }
}
