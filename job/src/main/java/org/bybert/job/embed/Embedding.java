package org.bybert.job.embed;

import java.lang.management.ManagementFactory;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.BitSet;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.LongStream;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.bybert.job.Main;
import org.bybert.job.UserError;
import org.bybert.job.data.SourceTable;
import org.bybert.udf.batch.BatchMetrics;
import org.bybert.udf.batch.BatchPartition;

/** One run of {@code bybert embed}: see what is there, plan the units, compute those that are missing, report. */
final class Embedding {

    private static final String JOB_GROUP = "bybert embed";

    private final EmbedOptions options;
    private final SparkSession spark;
    private final OutputFolder output;
    private final String run;

    private Embedding(EmbedOptions options, SparkSession spark) {
        this.options = options;
        this.spark = spark;
        this.output = OutputFolder.at(options.output(), spark.sparkContext().hadoopConfiguration());
        this.run = spark.sparkContext().applicationId();
    }

    /** Exit code, see {@link ExitCode}. */
    static int run(EmbedOptions asked) {
        // All that can be wrong with the model is known before Spark starts, unless Spark itself has to bring it.
        EmbedOptions early = asked.model().comesWithJob() ? null : asked.withModelResolved();
        SparkSession spark = SparkSession.builder().appName("bybert embed")
                .config("spark.sql.sources.commitProtocolClass", UnitCommitProtocol.class.getName())
                // Progress is told in bytes.
                .config("spark.ui.showConsoleProgress", false)
                .getOrCreate();
        try {
            return new Embedding(early == null ? asked.withModelResolved() : early, spark).run();
        } catch (Exception | FSError e) {
            // Spark throws SparkException without declaring it, Hadoop's local file system an Error.
            throw SparkFailure.explained(e, asked);
        } finally {
            spark.stop();
        }
    }

    private int run() {
        SourceTable table = SourceTable.open(spark, options.input());
        EmbedInput input = EmbedInput.of(table, options);
        StructType schema = schema(input);
        output.prepare(options.mode().partitions());
        try (OutputLock lock = OutputLock.acquire(output.fileSystem(), output.lock(), owner(),
                options.mode().breakLock())) {
            Manifest wanted = manifest(table);
            Manifest earlier = output.readManifest();
            Start start = Start.of(earlier, wanted, output.isComplete(), options.mode());
            if (start == Start.NOTHING) {
                System.out.println("nothing to do: " + output.path() + " is complete");
                return 0;
            }
            if (start == Start.REPLACE) {
                output.removeResults();
            }
            return compute(input, schema, lock, start == Start.CONTINUE ? earlier : null, wanted);
        }
    }

    private StructType schema(EmbedInput input) {
        try {
            return EmbedUnit.schema(input.schema(), options.precision());
        } catch (IllegalArgumentException e) {
            throw new UserError(options.input().label() + ": " + e.getMessage() + " with --keep", e);
        }
    }

    private Manifest manifest(SourceTable table) {
        String files = Fingerprints.ofInput(table.files());
        if (files == null && options.mode().resume()) {
            throw new UserError("--resume: " + options.input().path()
                    + " is not kept in files, so that a change of it could not be told");
        }
        return new Manifest(Main.version(), options.input().path(), files, options.model().source().toString(),
                options.model().options(), options.model().fingerprint(), options.deciding(),
                options.spread().units(), 0, 0, 0);
    }

    private String owner() {
        return ManagementFactory.getRuntimeMXBean().getName() + ", application " + run
                + ", since " + Instant.now().truncatedTo(ChronoUnit.SECONDS);
    }

    /** @param earlier the run to continue, or null */
    private int compute(EmbedInput input, StructType schema, OutputLock lock, Manifest earlier, Manifest wanted) {
        spark.sparkContext().setJobGroup(JOB_GROUP, "bybert embed: sizes of the input", false);
        Buckets buckets = Buckets.measure(input);
        checkIds(input, buckets);
        UnitPlan plan = plan(buckets, earlier);
        Manifest manifest = wanted.withUnits(plan.isSpread() ? plan.units() : 0, plan.totalRows(), plan.totalBytes());
        begin(earlier, manifest);
        PartitionSwap swap = new PartitionSwap(output);
        Path place = options.mode().partitions() ? output.partitions() : output.path();
        Map<Integer, UnitMarker> markers = doneBefore(place, swap.isUnderWay());
        BatchMetrics counters = BatchMetrics.register(spark.sparkContext());
        long began = System.nanoTime();
        Map<Integer, UnitMarker> computed = new ConcurrentHashMap<>();
        if (rows(markers) < manifest.rows()) {
            write(input, schema, plan, units(markers), place, lock, counters, computed);
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        markers.putAll(computed);
        checkComplete(manifest, markers);
        lock.check();
        if (options.mode().partitions()) {
            swap.run(markers.values());
        }
        EmbedMetrics metrics = new EmbedMetrics(manifest, run, markers.values(), computed.values(),
                buckets.duplicateIds(), input.hasId() ? buckets.nullIds() : 0, seconds, counters);
        output.finish(metrics.json());
        metrics.lines(output.path().toString()).forEach(System.out::println);
        return exit(metrics.total());
    }

    private void begin(Manifest earlier, Manifest manifest) {
        if (earlier == null) {
            output.begin(manifest);
        } else if (earlier.rows() != manifest.rows() || earlier.bytes() != manifest.bytes()) {
            throw new UserError(ExitCode.OUTPUT_TAKEN, "--resume: the run has " + earlier.rows() + " rows of "
                    + earlier.bytes() + " bytes, the input now " + manifest.rows() + " of " + manifest.bytes() + "; "
                    + Start.WAYS_OUT);
        }
        output.removeTaskFiles();
    }

    /** @param moved whether files have left their place because partitions are being replaced */
    private Map<Integer, UnitMarker> doneBefore(Path place, boolean moved) {
        Map<Integer, UnitMarker> markers = output.markers();
        if (!moved) {
            BitSet broken = output.removeBrokenMarkers(markers, place);
            if (!broken.isEmpty()) {
                System.err.println("bybert: computed again, since their files are gone or changed: units " + broken);
            }
        }
        return markers;
    }

    private static BitSet units(Map<Integer, UnitMarker> markers) {
        BitSet units = new BitSet();
        markers.keySet().forEach(units::set);
        return units;
    }

    private static long rows(Map<Integer, UnitMarker> markers) {
        return markers.values().stream().mapToLong(marker -> marker.counts().rows()).sum();
    }

    private void checkIds(EmbedInput input, Buckets buckets) {
        if (!options.mode().resume()) {
            return;
        }
        if (buckets.nullIds() > 0 || buckets.duplicateIds() > 0) {
            throw new UserError("--resume: expected an id of its own for each row in column \""
                    + options.columns().id() + "\", found " + buckets.nullIds() + " rows without one and "
                    + buckets.duplicateIds() + " rows with one that another row has"
                    + (buckets.duplicateIds() == 0 ? "" : ", e.g. " + input.someDuplicates(3)));
        }
    }

    private UnitPlan plan(Buckets buckets, Manifest earlier) {
        if (options.spread().isOff()) {
            return UnitPlan.unspread(buckets);
        }
        int units = earlier != null ? earlier.units() : options.spread().units(
                LongStream.of(buckets.bytes()).sum(), spark.sparkContext().defaultParallelism());
        return UnitPlan.of(buckets, units);
    }

    private void write(EmbedInput input, StructType schema, UnitPlan plan, BitSet done, Path place, OutputLock lock,
                       BatchMetrics counters, Map<Integer, UnitMarker> computed) {
        EmbedUnit embed = new EmbedUnit(
                BatchPartition.embed(options.model(), options.batch(), EmbedInput.TEXT, counters),
                options.precision(), input.keptColumns());
        Dataset<Row> result = input.units(plan, done).mapPartitions(embed, Encoders.row(schema));
        Path tasks = new Path(output.tasks(), run);
        long bytesBefore = done.stream().filter(unit -> plan.isSpread()).mapToLong(unit -> plan.bytes()[unit]).sum();
        spark.sparkContext().setJobGroup(JOB_GROUP, "bybert embed: " + options.input().path(), false);
        try (Progress progress = new Progress(plan, counters.tokens().id(), bytesBefore, done.cardinality());
                UnitCommits commits = new UnitCommits(tasks, unit -> {
                    lock.check();
                    UnitMarker marker = output.commit(unit, place, run);
                    computed.put(marker.unit(), marker);
                    progress.unitDone(marker);
                }, () -> spark.sparkContext().cancelJobGroup(JOB_GROUP))) {
            spark.sparkContext().addSparkListener(progress);
            try {
                save(result, tasks);
            } catch (Exception e) {
                // What stopped the commits is the reason why the job was cancelled.
                if (commits.failure() != null) {
                    throw commits.failure();
                }
                throw e;
            }
        }
    }

    private void save(Dataset<Row> result, Path tasks) {
        DataFrameWriter<Row> writer = result.write();
        if (!options.partitionBy().isEmpty()) {
            writer = writer.partitionBy(options.partitionBy().toArray(String[]::new));
        }
        switch (options.format()) {
            case PARQUET -> writer.parquet(tasks.toString());
            case ORC -> writer.orc(tasks.toString());
            case JSONL -> writer.option("ignoreNullFields", false).json(tasks.toString());
        }
    }

    private static void checkComplete(Manifest manifest, Map<Integer, UnitMarker> markers) {
        long rows = rows(markers);
        if (rows != manifest.rows()) {
            throw new UserError("the input has " + manifest.rows() + " rows, but " + rows
                    + " were written: it changed while it was read; run again with --overwrite");
        }
    }

    private int exit(UnitCounts total) {
        if (total.failed() == total.rows() || total.failed() > options.maxFailed() * total.rows()) {
            System.err.println("bybert: " + total.failed() + " of " + total.rows() + " rows failed, more than "
                    + "--max-failed allows; the output is complete, see its column error");
            return ExitCode.ROWS_FAILED;
        }
        return 0;
    }
}
