package org.bybert.job.data;

import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.orc.OrcFile;
import org.apache.orc.Reader;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;

/**
 * The rows that Spark reads at once from Parquet and ORC: by itself always as many, which for texts of megabytes is
 * more than memory holds.
 */
final class ColumnarBatch {

    /** Of one batch, before compression. */
    private static final long BYTES = 32 << 20;
    /** Rows of more bytes are read one at a time: Spark copies a batch, and a page of such rows is memory enough. */
    private static final long WIDE = 1 << 20;

    private static final String PARQUET_BATCHES = "spark.sql.parquet.enableVectorizedReader";

    private ColumnarBatch() {}

    /** Makes batches of a session small enough for these files, unless its settings say how large they are. */
    static void fit(SparkSession spark, DataFormat format, List<FileStatus> files) {
        SparkConf site = spark.sparkContext().getConf();
        String key = "spark.sql." + format.name().toLowerCase(Locale.ROOT) + ".columnarReaderBatchSize";
        if (site.contains(key)) {
            return;
        }
        Configuration hadoop = spark.sparkContext().hadoopConfiguration();
        long widest = files.stream()
                .sorted(Comparator.comparingLong(FileStatus::getLen).reversed())
                .limit(DataFiles.LOOKED_INTO)
                .mapToLong(file -> width(format, file, hadoop))
                .max()
                .orElse(0);
        long rows = Math.max(1, BYTES / Math.max(1, widest));
        // Sets of one session have one setting.
        if (rows < Long.parseLong(spark.conf().get(key))) {
            spark.conf().set(key, rows);
        }
        if (format == DataFormat.PARQUET && widest > WIDE && !site.contains(PARQUET_BATCHES)) {
            spark.conf().set(PARQUET_BATCHES, false);
        }
    }

    /** Bytes of a row, the mean of the part of a file where it is largest; 0 where the file does not say it. */
    private static long width(DataFormat format, FileStatus file, Configuration hadoop) {
        try {
            return format == DataFormat.ORC ? ofOrc(file, hadoop) : ofParquet(file, hadoop);
        } catch (IOException | RuntimeException e) {
            // Whoever reads the rows says what is wrong with the file.
            return 0;
        }
    }

    private static long ofParquet(FileStatus file, Configuration hadoop) throws IOException {
        try (ParquetFileReader reader = ParquetFileReader.open(HadoopInputFile.fromStatus(file, hadoop))) {
            return reader.getRowGroups().stream()
                    .mapToLong(group -> group.getTotalByteSize() / Math.max(1, group.getRowCount()))
                    .max()
                    .orElse(0);
        }
    }

    private static long ofOrc(FileStatus file, Configuration hadoop) throws IOException {
        try (Reader reader = OrcFile.createReader(file.getPath(), OrcFile.readerOptions(hadoop))) {
            return reader.getRawDataSize() / Math.max(1, reader.getNumberOfRows());
        }
    }
}
