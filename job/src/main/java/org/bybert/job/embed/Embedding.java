package org.bybert.job.embed;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.CollectionAccumulator;
import org.bybert.encoder.Version;
import org.bybert.job.data.JobSession;
import org.bybert.job.data.SourceTable;
import org.bybert.job.embed.EmbedOptions.OutputFormat;
import org.bybert.job.embed.EmbedUnit.Counted;
import org.bybert.job.embed.Manifest.Start;
import org.bybert.job.embed.UnitCommitProtocol.UnitCommits;
import org.bybert.job.terminal.Failure;
import org.bybert.job.terminal.Interruption;
import org.bybert.job.terminal.Terminal;
import org.bybert.job.terminal.UserError;
import org.bybert.udf.ModelReference;
import org.bybert.udf.batch.BatchMetrics;
import org.bybert.udf.batch.BatchPartition;

/**
 * One run of {@code bybert embed}: see what is there, plan the units, compute those that are missing, report.
 *
 * @param model        as all hosts will open it
 * @param interruption knows the lock, once there is one
 */
record Embedding(
        EmbedOptions options,
        ModelReference model,
        Terminal terminal,
        SparkSession spark,
        OutputFolder output,
        Interruption interruption) {

    private static final String JOB_GROUP = "bybert embed";
    private static final String PROTOCOL = "spark.sql.sources.commitProtocolClass";

    /** Exit code, see {@link EmbedCommand}. */
    static int run(EmbedOptions options, Terminal terminal) {
        // All that can be wrong with the model is known before Spark starts, unless Spark itself has to bring it.
        ModelReference early = options.model().comesWithJob() ? null : resolve(options, terminal);
        // Before this program's own setting takes its place.
        String protocol = new SparkConf().get(PROTOCOL, "");
        SparkSession spark =
                JobSession.start("bybert embed", Map.of(PROTOCOL, UnitCommitProtocol.class.getName()), terminal);
        String again = options.columns().id() == null
                ? "run the same command again with --overwrite (with --id-column and --resume it could go on)"
                : "run the same command again with --resume to go on";
        try (Interruption interruption = new Interruption(terminal, () -> again)) {
            Configuration hadoop = spark.sparkContext().hadoopConfiguration();
            OutputFolder output =
                    OutputFolder.at(options.output(), options.mode().partitions(), hadoop);
            String others = committers(protocol, output.fileSystem().getUri().getScheme(), hadoop);
            if (!others.isEmpty()) {
                terminal.remark("not followed, since embed commits each unit when it is done, so that --resume can go "
                        + "on: " + others);
            }
            ModelReference model = early == null ? resolve(options, terminal) : early;
            return new Embedding(options, model, terminal, spark, output, interruption).run();
        } catch (Exception | FSError | NoClassDefFoundError e) {
            // Spark throws SparkException without declaring it, Hadoop's local file system an Error.
            throw Failure.ofFiles(
                    e,
                    options.input().where(),
                    "--output: " + options.output(),
                    options.columns().id() == null ? "" : "; when that is mended, --resume continues");
        } finally {
            spark.stop();
        }
    }

    /** What a site has set that would decide when written files count. */
    private static String committers(String protocol, String scheme, Configuration hadoop) {
        Stream<String> ofHadoop = Stream.of(
                        "mapreduce.outputcommitter.factory.class",
                        "mapreduce.outputcommitter.factory.scheme." + scheme,
                        "fs." + scheme + ".committer.name")
                .filter(key -> {
                    String[] sources = hadoop.getPropertySources(key);
                    return sources != null && !sources[sources.length - 1].endsWith("-default.xml");
                })
                .map(key -> key + "=" + hadoop.get(key));
        Stream<String> ofSpark = protocol.isEmpty() ? Stream.empty() : Stream.of(PROTOCOL + "=" + protocol);
        return Stream.concat(ofSpark, ofHadoop).collect(Collectors.joining(", "));
    }

    private static ModelReference resolve(EmbedOptions options, Terminal terminal) {
        terminal.remark("opening the model");
        ModelReference resolved = options.model().resolve();
        terminal.remarkOn(resolved.measured());
        resolved.check();
        if (!resolved.measured().isDecided() && !options.acceptUndecided()) {
            throw new UserError("--model: how the model was trained is not clear, see above; name the values with "
                    + "--model-option, or go on with those above by --accept-undecided");
        }
        return resolved;
    }

    private int run() throws IOException {
        SourceTable table = SourceTable.open(spark, options.input());
        EmbedInput input = EmbedInput.of(table, options);
        output.prepare();
        try (OutputLock lock = OutputLock.acquire(
                output.fileSystem(),
                output.own(OutputFolder.LOCK),
                owner(),
                options.mode().breakLock(),
                terminal)) {
            interruption.holds(lock);
            Manifest wanted = manifest(table.fingerprint(), 0, 0, 0);
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
            return compute(input, lock, start == Start.CONTINUE ? earlier : null, wanted.inputFiles());
        }
    }

    private Manifest manifest(String files, int units, long rows, long bytes) {
        if (files == null && options.mode().resume()) {
            throw new UserError("--resume: " + options.input().path()
                    + " is not kept in files, so that a change of it could not be told");
        }
        return new Manifest(
                Version.current().toString(),
                options.input().path(),
                files,
                model.source().toString(),
                model.options(),
                model.settings(),
                model.fingerprint(),
                options.deciding(model.preset()),
                options.repartition().units(),
                units,
                rows,
                bytes);
    }

    private String application() {
        return spark.sparkContext().applicationId();
    }

    private String owner() {
        return ManagementFactory.getRuntimeMXBean().getName() + ", application " + application() + ", since "
                + Instant.now().truncatedTo(ChronoUnit.SECONDS);
    }

    /**
     * @param earlier the run to continue, or null
     * @param files   fingerprint of the input
     */
    private int compute(EmbedInput input, OutputLock lock, Manifest earlier, String files) throws IOException {
        terminal.remark("measuring the input");
        spark.sparkContext().setJobGroup(JOB_GROUP, "bybert embed: sizes of the input", false);
        Buckets buckets = Buckets.measure(input);
        checkIds(input, buckets);
        UnitPlan plan = plan(buckets, earlier);
        Manifest manifest = manifest(files, plan.isSpread() ? plan.units() : 0, plan.totalRows(), plan.totalBytes());
        begin(earlier, manifest);
        Map<Integer, UnitMarker> markers = output.markers();
        BitSet broken = earlier == null ? new BitSet() : output.mend(markers);
        if (!broken.isEmpty()) {
            terminal.remark("computed again, since their files are gone or changed: units " + broken);
        }
        BatchMetrics counters = BatchMetrics.register(spark);
        long began = System.nanoTime();
        Map<Integer, UnitMarker> computed = new ConcurrentHashMap<>();
        if (UnitCounts.sum(markers.values()).rows() < manifest.rows()) {
            BitSet done = markers.keySet().stream().collect(BitSet::new, BitSet::set, BitSet::or);
            write(input, plan, done, lock, counters, computed);
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        markers.putAll(computed);
        EmbedMetrics metrics = new EmbedMetrics(
                manifest,
                application(),
                markers.values(),
                computed.values(),
                buckets.duplicateIds(),
                buckets.nullIds(),
                seconds,
                counters);
        UnitCounts total = metrics.total();
        if (total.rows() != manifest.rows()) {
            throw new UserError("the input has " + manifest.rows() + " rows, but " + total.rows()
                    + " were written: it changed while it was read; run again with --overwrite");
        }
        lock.check();
        if (options.mode().partitions()) {
            output.replacePartitions(markers.values());
        }
        List<String> summary = metrics.lines(output.path().toString());
        output.finish(markers.values(), String.join("\n", summary) + "\n", metrics.json());
        summary.forEach(terminal::print);
        return exit(total);
    }

    private void begin(Manifest earlier, Manifest manifest) throws IOException {
        if (earlier == null) {
            output.begin(manifest);
        } else if (earlier.rows() != manifest.rows() || earlier.bytes() != manifest.bytes()) {
            throw new UserError(
                    EmbedCommand.OUTPUT_TAKEN,
                    "--resume: the run has " + earlier.rows() + " rows of "
                            + earlier.bytes() + " bytes, the input now " + manifest.rows() + " of " + manifest.bytes()
                            + "; "
                            + Start.WAYS_OUT);
        }
        output.removeTaskFiles();
    }

    private void checkIds(EmbedInput input, Buckets buckets) {
        if (options.mode().resume() && (buckets.nullIds() > 0 || buckets.duplicateIds() > 0)) {
            throw new UserError("--resume: expected an id of its own for each row in column \""
                    + options.columns().id() + "\", found " + buckets.nullIds() + " rows without one and "
                    + buckets.duplicateIds() + " rows with one that another row has"
                    + (buckets.duplicateIds() == 0 ? "" : ", e.g. " + input.someDuplicates(3)));
        }
    }

    private UnitPlan plan(Buckets buckets, Manifest earlier) {
        int units = earlier != null
                ? earlier.units()
                : options.repartition()
                        .units(
                                LongStream.of(buckets.bytes()).sum(),
                                spark.sparkContext().defaultParallelism());
        return options.repartition().isOff() ? UnitPlan.unspread(buckets) : UnitPlan.of(buckets, units);
    }

    private void write(
            EmbedInput input,
            UnitPlan plan,
            BitSet done,
            OutputLock lock,
            BatchMetrics counters,
            Map<Integer, UnitMarker> computed) {
        Dataset<Row> units = input.units(plan, done);
        CollectionAccumulator<Counted> counted = spark.sparkContext().collectionAccumulator();
        EmbedUnit embed = new EmbedUnit(
                BatchPartition.embed(model, options.batch(), units.schema().fieldIndex(EmbedInput.TEXT), counters),
                options.precision(),
                counters,
                counted);
        Dataset<Row> result = units.mapPartitions(embed, Encoders.row(input.result()));
        Path tasks = new Path(output.own(OutputFolder.TASKS), application());
        spark.sparkContext()
                .setJobGroup(JOB_GROUP, "bybert embed: " + options.input().path(), false);
        try (EmbedProgress progress =
                        new EmbedProgress(terminal, plan, counters.tokens().id(), done);
                UnitCommits commits = new UnitCommits(
                        tasks,
                        written -> {
                            UnitCounts counts = counts(counted, written.unit());
                            if (counts != null) {
                                lock.check();
                                UnitMarker marker = output.commit(written, counts, application());
                                computed.put(marker.unit(), marker);
                                progress.unitDone(marker);
                            }
                        },
                        () -> spark.sparkContext().cancelJobGroup(JOB_GROUP))) {
            progress.listenTo(spark.sparkContext());
            try {
                result.write()
                        .partitionBy(options.partitionBy().toArray(String[]::new))
                        .option("ignoreNullFields", false)
                        .format(
                                options.format() == OutputFormat.JSONL
                                        ? "json"
                                        : options.format().name())
                        .save(tasks.toString());
            } catch (Exception e) {
                // What stopped the commits is the reason why the job was cancelled.
                commits.await();
                throw e;
            }
        }
    }

    /** Null for a task without rows, of which Spark may write a file. */
    private static UnitCounts counts(CollectionAccumulator<Counted> counted, int unit) {
        return counted.value().stream()
                .filter(found -> found.unit() == unit)
                .map(Counted::counts)
                .filter(counts -> counts.rows() > 0)
                .findFirst()
                .orElse(null);
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
