package org.bybert.job.embed;

import java.io.IOException;
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
import org.apache.spark.util.CollectionAccumulator;
import org.bybert.job.terminal.Failure;
import org.bybert.job.terminal.Terminal;
import org.bybert.job.terminal.UserError;
import org.bybert.job.terminal.Version;
import org.bybert.job.data.SourceTable;
import org.bybert.job.embed.EmbedUnit.Counted;
import org.bybert.job.embed.Manifest.Start;
import org.bybert.job.embed.UnitCommitProtocol.UnitCommits;
import org.bybert.udf.batch.BatchMetrics;
import org.bybert.udf.batch.BatchPartition;

/** One run of {@code bybert embed}: see what is there, plan the units, compute those that are missing, report. */
final class Embedding {

    private static final String JOB_GROUP = "bybert embed";

    private final EmbedOptions options;
    private final Terminal terminal;
    private final SparkSession spark;
    private final OutputFolder output;
    private final String run;

    private Embedding(EmbedOptions options, Terminal terminal, SparkSession spark) throws IOException {
        this.options = options;
        this.terminal = terminal;
        this.spark = spark;
        this.output = OutputFolder.at(options.output(), spark.sparkContext().hadoopConfiguration());
        this.run = spark.sparkContext().applicationId();
    }

    /** Exit code, see {@link EmbedCommand}. */
    static int run(EmbedOptions asked, Terminal terminal) {
        // All that can be wrong with the model is known before Spark starts, unless Spark itself has to bring it.
        EmbedOptions early = asked.model().comesWithJob() ? null : asked.withModelResolved();
        SparkSession spark = SparkSession.builder().appName("bybert embed")
                .config("spark.sql.sources.commitProtocolClass", UnitCommitProtocol.class.getName())
                // Progress is told in bytes.
                .config("spark.ui.showConsoleProgress", false)
                .getOrCreate();
        try {
            return new Embedding(early == null ? asked.withModelResolved() : early, terminal, spark).run();
        } catch (Exception | FSError e) {
            // Spark throws SparkException without declaring it, Hadoop's local file system an Error.
            throw Failure.ofFiles(e, asked.input().where(), "--output: " + asked.output(),
                    asked.columns().id() == null ? "" : "; when that is mended, --resume continues");
        } finally {
            spark.stop();
        }
    }

    private int run() throws IOException {
        SourceTable table = SourceTable.open(spark, options.input());
        EmbedInput input = EmbedInput.of(table, options);
        StructType schema = schema(input);
        output.prepare(options.mode().partitions());
        try (OutputLock lock = OutputLock.acquire(output.fileSystem(), output.lock(), owner(),
                options.mode().breakLock(), terminal)) {
            Manifest wanted = manifest(table);
            Manifest earlier = output.readManifest();
            Start start = Start.of(earlier, wanted, output.isComplete(), options.mode());
            if (start == Start.NOTHING) {
                terminal.print("nothing to do: " + output.path() + " is complete");
                return 0;
            }
            if (start == Start.CONTINUE && !Version.current().isExact()) {
                terminal.remark("--resume: this program does not know its very commit, " + Version.current()
                        + ": whether it computes what the unfinished run did cannot be told");
            }
            if (start == Start.REPLACE) {
                output.removeResults();
            }
            return compute(input, schema, lock, start == Start.CONTINUE ? earlier : null, wanted);
        }
    }

    private StructType schema(EmbedInput input) {
        try {
            return EmbedUnit.schema(input.kept(), options.precision());
        } catch (IllegalArgumentException e) {
            throw new UserError(options.input().label() + ": " + e.getMessage() + " with --keep", e);
        }
    }

    private Manifest manifest(SourceTable table) {
        String files = table.fingerprint();
        if (files == null && options.mode().resume()) {
            throw new UserError("--resume: " + options.input().path()
                    + " is not kept in files, so that a change of it could not be told");
        }
        return new Manifest(Version.current().toString(), options.input().path(), files,
                options.model().source().toString(), options.model().options(), options.model().fingerprint(),
                options.deciding(), options.repartition().units(), 0, 0, 0);
    }

    private String owner() {
        return ManagementFactory.getRuntimeMXBean().getName() + ", application " + run
                + ", since " + Instant.now().truncatedTo(ChronoUnit.SECONDS);
    }

    /** @param earlier the run to continue, or null */
    private int compute(EmbedInput input, StructType schema, OutputLock lock, Manifest earlier, Manifest wanted)
            throws IOException {
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
        metrics.lines(output.path().toString()).forEach(terminal::print);
        return exit(metrics.total());
    }

    private void begin(Manifest earlier, Manifest manifest) throws IOException {
        if (earlier == null) {
            output.begin(manifest);
        } else if (earlier.rows() != manifest.rows() || earlier.bytes() != manifest.bytes()) {
            throw new UserError(EmbedCommand.OUTPUT_TAKEN, "--resume: the run has " + earlier.rows() + " rows of "
                    + earlier.bytes() + " bytes, the input now " + manifest.rows() + " of " + manifest.bytes() + "; "
                    + Start.WAYS_OUT);
        }
        output.removeTaskFiles();
    }

    /** @param moved whether files have left their place because partitions are being replaced */
    private Map<Integer, UnitMarker> doneBefore(Path place, boolean moved) throws IOException {
        Map<Integer, UnitMarker> markers = output.markers();
        if (!moved) {
            BitSet broken = output.removeBrokenMarkers(markers, place);
            if (!broken.isEmpty()) {
                terminal.remark("computed again, since their files are gone or changed: units " + broken);
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
        if (options.repartition().isOff()) {
            return UnitPlan.unspread(buckets);
        }
        int units = earlier != null ? earlier.units() : options.repartition().units(
                LongStream.of(buckets.bytes()).sum(), spark.sparkContext().defaultParallelism());
        return UnitPlan.of(buckets, units);
    }

    private void write(EmbedInput input, StructType schema, UnitPlan plan, BitSet done, Path place, OutputLock lock,
                       BatchMetrics counters, Map<Integer, UnitMarker> computed) {
        Dataset<Row> units = input.units(plan, done);
        CollectionAccumulator<Counted> counted = spark.sparkContext().collectionAccumulator();
        EmbedUnit embed = new EmbedUnit(BatchPartition.embed(options.model(), options.batch(),
                units.schema().fieldIndex(EmbedInput.TEXT), counters), options.precision(), counters, counted);
        Dataset<Row> result = units.mapPartitions(embed, Encoders.row(schema));
        Path tasks = new Path(output.tasks(), run);
        long bytesBefore = done.stream().filter(unit -> plan.isSpread()).mapToLong(unit -> plan.bytes()[unit]).sum();
        spark.sparkContext().setJobGroup(JOB_GROUP, "bybert embed: " + options.input().path(), false);
        try (EmbedProgress progress = new EmbedProgress(terminal, plan, counters.tokens().id(), bytesBefore,
                done.cardinality());
                UnitCommits commits = new UnitCommits(tasks, written -> {
                    UnitCounts counts = counts(counted, written.unit());
                    if (counts != null) {
                        lock.check();
                        UnitMarker marker = output.commit(written, counts, place, run);
                        computed.put(marker.unit(), marker);
                        progress.unitDone(marker);
                    }
                }, () -> spark.sparkContext().cancelJobGroup(JOB_GROUP))) {
            spark.sparkContext().addSparkListener(progress);
            try {
                save(result, tasks);
            } catch (Exception e) {
                // What stopped the commits is the reason why the job was cancelled.
                commits.await();
                throw e;
            }
        }
    }

    /** Null for a task without rows, of which Spark may write a file. */
    private static UnitCounts counts(CollectionAccumulator<Counted> counted, int unit) {
        return counted.value().stream().filter(found -> found.unit() == unit).map(Counted::counts).findFirst()
                .orElse(null);
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
            terminal.remark(total.failed() + " of " + total.rows() + " rows failed, more than "
                    + "--max-failed allows; the output is complete, see its column error");
            return EmbedCommand.ROWS_FAILED;
        }
        return 0;
    }
}
