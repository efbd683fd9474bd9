package org.bybert.udf.stream;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.WeakHashMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.SubqueryExpression;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.MapPartitions;
import org.apache.spark.sql.catalyst.plans.logical.ReturnAnswer;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.SparkStrategy;
import org.bybert.encoder.Version;
import org.bybert.udf.CallError;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Keeps a stream from mixing answers of two models: what its calls are computed with is written into its checkpoint,
 * {@code bybert/NUMBER.json}, of which the highest number counts, and a micro-batch that is planned with something else
 * is refused on the driver, unless {@link #ALLOW_CHANGE} is set. A function's further calls are added; what is refused is
 * a new one where one of the checkpoint is not (or not yet, in what a program does with each batch) computed.
 *
 * <p>It plans nothing: a strategy is where Spark shows the optimized plan of every micro-batch.
 */
public final class CheckpointGuard extends SparkStrategy {

    /** Key of a session: lets a stream go on with another model or other options. */
    public static final String ALLOW_CHANGE = "spark.bybert.allow_change";

    /** Spark's local property in the thread of a stream. */
    private static final String QUERY_ID = "sql.streaming.queryId";

    private static final String FOLDER = "bybert";
    private static final String SUFFIX = ".json";

    private static final Logger LOG = LoggerFactory.getLogger(CheckpointGuard.class);

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    /** By Spark's object for a run of a stream. */
    private static final Map<Object, Checkpoint> RUNS = new WeakHashMap<>();

    /** For sessions without the extension; once is enough. */
    public static void watch(SparkSession spark) {
        var session = ((org.apache.spark.sql.classic.SparkSession) spark).experimental();
        List<SparkStrategy> strategies = new ArrayList<>(CollectionConverters.asJava(session.extraStrategies()));
        if (strategies.stream().noneMatch(strategy -> strategy instanceof CheckpointGuard)) {
            strategies.add(new CheckpointGuard());
            session.extraStrategies_$eq(CollectionConverters.asScala(strategies).toSeq());
        }
    }

    @Override
    public Seq<SparkPlan> apply(LogicalPlan plan) {
        if (plan instanceof ReturnAnswer) {
            var session = (org.apache.spark.sql.classic.SparkSession) SparkSession.active();
            String id = session.sparkContext().getLocalProperty(QUERY_ID);
            Set<Computation> computations = id == null ? Set.of() : computations(plan);
            // Of a type that lies in another package in Spark 4.0; none in a thread that has outlived its stream.
            Object run = computations.isEmpty()
                    ? null
                    : ((Map<UUID, ?>) session.sharedState().activeStreamingQueries()).get(UUID.fromString(id));
            if (run != null) {
                checkpoint(run, session).check(computations, allowsChange(session));
            }
        }
        return CollectionConverters.asScala(List.<SparkPlan>of()).toSeq();
    }

    private static Set<Computation> computations(LogicalPlan plan) {
        Set<Computation> found = new LinkedHashSet<>();
        collect(plan, found);
        return found;
    }

    private static void collect(LogicalPlan plan, Set<Computation> found) {
        CollectionConverters.asJava(plan.children()).forEach(child -> collect(child, found));
        if (plan instanceof MapPartitions partitions && partitions.func() instanceof Computation.Shown shown) {
            found.add(shown.computation());
        }
        CollectionConverters.asJava(plan.expressions()).forEach(expression -> collect(expression, found));
    }

    private static void collect(Expression expression, Set<Computation> found) {
        CollectionConverters.asJava(expression.children()).forEach(child -> collect(child, found));
        if (expression instanceof Computation.Shown shown) {
            found.add(shown.computation());
        } else if (expression instanceof SubqueryExpression subquery) {
            collect(subquery.plan(), found);
        }
    }

    private static boolean allowsChange(SparkSession session) {
        String value = session.conf().get(ALLOW_CHANGE, "false").strip();
        if (!value.equalsIgnoreCase("true") && !value.equalsIgnoreCase("false")) {
            throw CallError.ofRun(
                    ALLOW_CHANGE, new IllegalArgumentException("expected true or false, found '" + value + "'"));
        }
        return Boolean.parseBoolean(value);
    }

    private static Checkpoint checkpoint(Object run, org.apache.spark.sql.classic.SparkSession session) {
        synchronized (RUNS) {
            return RUNS.computeIfAbsent(run, r -> {
                try {
                    String folder = r.getClass()
                            .getMethod("resolvedCheckpointRoot")
                            .invoke(r)
                            .toString();
                    return new Checkpoint(
                            new Path(folder), session.sessionState().newHadoopConf());
                } catch (ReflectiveOperationException e) {
                    throw new IllegalStateException("this Spark does not tell where a stream's checkpoint is", e);
                }
            });
        }
    }

    /** What a checkpoint holds; the version decides nothing. */
    private record Content(String codeVersion, Set<Computation> computations) {

        Content {
            computations = new LinkedHashSet<>(computations);
        }
    }

    /** A checkpoint as one run of its stream sees it. */
    private static final class Checkpoint {

        private final Path folder;
        private final Configuration hadoop;
        private final Set<Computation> computed = new HashSet<>();

        Checkpoint(Path checkpoint, Configuration hadoop) {
            this.folder = new Path(checkpoint, FOLDER);
            this.hadoop = hadoop;
        }

        /** Does nothing where the run has computed all of it before. */
        synchronized void check(Set<Computation> now, boolean allowsChange) {
            if (computed.containsAll(now)) {
                return;
            }
            try {
                FileSystem fileSystem = folder.getFileSystem(hadoop);
                int last = last(fileSystem);
                if (last < 0 && hasAnswers(fileSystem)) {
                    LOG.warn(
                            "{}: nobody wrote down what the stream's earlier batches were computed with; from here on it is",
                            folder.getParent());
                }
                Set<Computation> known = last < 0 ? Set.of() : read(fileSystem, file(last));
                Set<Computation> wanted = merge(known, now, allowsChange);
                if (!wanted.equals(known)) {
                    write(fileSystem, file(last + 1), wanted);
                }
            } catch (IOException e) {
                throw error(folder + ": what the stream is computed with cannot be read or written: " + e);
            }
            computed.addAll(now);
        }

        /** What the checkpoint holds from here on. */
        private Set<Computation> merge(Set<Computation> known, Set<Computation> now, boolean allowsChange) {
            Set<Computation> merged = new LinkedHashSet<>(known);
            for (Computation fresh : now) {
                if (merged.add(fresh)) {
                    List<Computation> others = known.stream()
                            .filter(other -> other.function().equals(fresh.function())
                                    && !now.contains(other)
                                    && !computed.contains(other))
                            .toList();
                    others.stream()
                            .map(other -> other.differences(fresh))
                            .min(Comparator.comparing(List::size))
                            .ifPresent(differences -> change(fresh.function(), differences, allowsChange));
                    others.forEach(merged::remove);
                }
            }
            return merged;
        }

        private void change(String function, List<String> differences, boolean allowsChange) {
            String message = function + ": the stream of the checkpoint " + folder.getParent()
                    + " was computed with something else: " + String.join("; ", differences);
            if (!allowsChange) {
                throw error(
                        message + ". Go on with what it was begun with, or with another checkpoint and output, or SET "
                                + ALLOW_CHANGE + "=true to have answers of both in one output");
            }
            LOG.warn("{}; it goes on, as {} allows it", message, ALLOW_CHANGE);
        }

        private Path file(int number) {
            return new Path(folder, number + SUFFIX);
        }

        /** Negative where there is none. */
        private int last(FileSystem fileSystem) throws IOException {
            try {
                return Arrays.stream(fileSystem.listStatus(folder))
                        .map(file -> file.getPath().getName())
                        .filter(name -> name.matches("[0-9]{1,9}\\" + SUFFIX))
                        .mapToInt(name -> Integer.parseInt(name.substring(0, name.length() - SUFFIX.length())))
                        .max()
                        .orElse(-1);
            } catch (FileNotFoundException e) {
                return -1;
            }
        }

        /** Whether batches are complete. */
        private boolean hasAnswers(FileSystem fileSystem) throws IOException {
            Path commits = new Path(folder.getParent(), "commits");
            return fileSystem.exists(commits) && fileSystem.listStatus(commits).length > 0;
        }

        private static Set<Computation> read(FileSystem fileSystem, Path file) throws IOException {
            try (InputStream stream = fileSystem.open(file)) {
                return MAPPER.readValue(stream.readAllBytes(), Content.class).computations();
            } catch (JsonProcessingException | ChecksumException | NullPointerException e) {
                throw error(file + ": expected JSON as an earlier run wrote it, found: "
                        + String.valueOf(e.getMessage()).lines().findFirst().orElse("")
                        + "; delete it if model and options are those of before");
            }
        }

        /** As a whole or not at all, and never in place of another. */
        private static void write(FileSystem fileSystem, Path file, Set<Computation> computations) throws IOException {
            Path unfinished = new Path(file.getParent(), '_' + file.getName() + ".part");
            try (OutputStream stream = fileSystem.create(unfinished, true)) {
                stream.write(MAPPER.writerWithDefaultPrettyPrinter()
                        .writeValueAsBytes(new Content(Version.current().toString(), computations)));
            }
            if (!fileSystem.rename(unfinished, file)) {
                throw new IOException(unfinished + " cannot be renamed to " + file);
            }
        }

        private static RuntimeException error(String message) {
            return CallError.ofRun("bybert", new IllegalStateException(message));
        }
    }
}
