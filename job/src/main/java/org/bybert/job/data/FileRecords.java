package org.bybert.job.data;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.univocity.parsers.common.TextParsingException;
import com.univocity.parsers.csv.CsvParser;
import com.univocity.parsers.csv.CsvParserSettings;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.util.functional.CallableRaisingIOE;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;
import org.apache.spark.util.TaskCompletionListener;
import org.bybert.job.terminal.Failure;
import org.bybert.job.terminal.UserError;

/**
 * From a text file to its records, with what is wrong with each; a file is read from its beginning to its end, by one
 * task. Takes rows of the file's path and values of its own; gives the record's values, the problem or null, and the
 * file's values.
 *
 * @param header names of the columns where the format has a header, else null
 */
record FileRecords(DataFormat format, Reading reading, List<String> header, SerializableConfiguration hadoop)
        implements FlatMapFunction<Row, Row> {

    private static final int MOST_COLUMNS = 20_480;
    static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .build();

    /** The next record: its values and what is wrong with it; null after the last one. */
    private interface Records {
        Object[] next() throws IOException;
    }

    /** The record's values and its problem. */
    StructType schema() {
        StructType schema = new StructType();
        if (format == DataFormat.MECAB || format == DataFormat.WAKATI) {
            schema = schema.add("text", DataTypes.StringType)
                    .add(Columns.WORDS, DataTypes.createArrayType(DataTypes.StringType));
        } else {
            for (String name : header == null ? List.of("value") : header) {
                schema = schema.add(name, DataTypes.StringType);
            }
        }
        return schema.add(SourceTable.PROBLEM, DataTypes.StringType);
    }

    @Override
    public Iterator<Row> call(Row file) {
        String path = file.getString(0);
        Object[] own = IntStream.range(1, file.length()).mapToObj(file::get).toArray();
        Reader reader = attempt(path, () -> open(path, reading, hadoop.value()));
        TaskContext.get().addTaskCompletionListener((TaskCompletionListener) end -> attempt(path, () -> {
            reader.close();
            return null;
        }));
        Records records = attempt(path, () -> switch (format) {
            case CSV, TSV -> values(reader, path);
            case JSON -> objects(reader, path);
            case MECAB -> sentences(new BufferedReader(reader));
            case WAKATI -> spaced(new BufferedReader(reader));
            default -> lines(new BufferedReader(reader));
        });
        return new Iterator<>() {
            private Object[] next = attempt(path, records::next);

            @Override
            public boolean hasNext() {
                return next != null;
            }

            @Override
            public Row next() {
                if (next == null) {
                    throw new NoSuchElementException();
                }
                Row row = RowFactory.create(
                        Stream.of(next, own).flatMap(Arrays::stream).toArray());
                next = attempt(path, records::next);
                return row;
            }
        };
    }

    private static Reader open(String path, Reading reading, Configuration hadoop) throws IOException {
        return new TextDecoder(DataFiles.open(new Path(path), hadoop), reading.charset());
    }

    private static <T> T attempt(String path, CallableRaisingIOE<T> work) {
        try {
            return work.apply();
        } catch (IOException | TextParsingException | IllegalStateException e) {
            // The reader of values wraps what it meets.
            for (Throwable t = e; t != null; t = t.getCause()) {
                if (DataFiles.isCutOff(t)) {
                    throw new UserError(DataFiles.cutOff(path), e);
                }
            }
            throw new UserError(path + " cannot be read: " + Failure.firstLine(e), e);
        }
    }

    private String problem(String what, String record) {
        return TextDecoder.problem(what, record, reading.charset());
    }

    private Records lines(BufferedReader reader) {
        return () -> {
            String line = reader.readLine();
            return line == null ? null : new Object[] {line, problem("the line", line)};
        };
    }

    /** Each sentence with its words; white space between them is not in what MeCab writes. */
    private Records sentences(BufferedReader reader) {
        return () -> {
            List<String> words = new ArrayList<>();
            String problem = null;
            String line = reader.readLine();
            for (; line != null && !line.equals("EOS"); line = reader.readLine()) {
                int tab = line.indexOf('\t');
                if (tab < 0 && !line.isEmpty()) {
                    problem = "the sentence has a line without a tab";
                }
                words.add(line.substring(0, Math.max(tab, 0)));
            }
            String text = String.join("", words);
            if (line == null) {
                problem = "the sentence ends without EOS";
            }
            String broken = problem("the sentence", text);
            return line == null && words.isEmpty()
                    ? null
                    : new Object[] {text, words.toArray(String[]::new), broken != null ? broken : problem};
        };
    }

    /** Each line's words, and without the spaces between them its text. */
    private Records spaced(BufferedReader reader) {
        return () -> {
            String line = reader.readLine();
            if (line == null) {
                return null;
            }
            String[] words = Arrays.stream(line.split(" "))
                    .filter(word -> !word.isEmpty())
                    .toArray(String[]::new);
            return new Object[] {String.join("", words), words, problem("the line", line)};
        };
    }

    /** Objects, one after the other or in an array, each as a line. */
    private Records objects(Reader reader, String path) throws IOException {
        JsonParser parser = JSON.createParser(reader);
        return () -> {
            if (parser.isClosed()) {
                return null;
            }
            try {
                JsonToken token = parser.nextToken();
                while (token == JsonToken.END_ARRAY
                        || token == JsonToken.START_ARRAY
                                && parser.getParsingContext().getParent().inRoot()) {
                    token = parser.nextToken();
                }
                if (token == null) {
                    return null;
                }
                if (token != JsonToken.START_OBJECT) {
                    parser.skipChildren();
                    return new Object[] {null, "the value is not a JSON object"};
                }
                StringWriter object = new StringWriter();
                try (JsonGenerator generator = JSON.createGenerator(object)) {
                    // The generator's own loop for this is not in the Jackson of Spark 4.0.
                    for (int depth = 0; ; token = parser.nextToken()) {
                        generator.copyCurrentEventExact(parser);
                        depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
                        if (depth == 0) {
                            break;
                        }
                    }
                }
                return new Object[] {object.toString(), problem("the object", object.toString())};
            } catch (JsonProcessingException e) {
                parser.close();
                return new Object[] {
                    null,
                    "the rest of the file is not valid JSON: " + path + ", line "
                            + e.getLocation().getLineNr() + ": " + e.getOriginalMessage()
                };
            }
        };
    }

    private Records values(Reader reader, String path) {
        CsvParser parser = csv();
        parser.beginParsing(reader);
        String[] own = parser.parseNext();
        if (own == null) {
            return () -> null;
        }
        List<String> names = names(own);
        int[] places = header.stream().mapToInt(names::indexOf).toArray();
        if (names.size() != header.size() || Arrays.stream(places).anyMatch(place -> place < 0)) {
            throw new UserError(path + ": expected the header of the first file, " + header + ", found " + names);
        }
        return () -> {
            String[] values = parser.parseNext();
            if (values == null) {
                return null;
            }
            Object[] record = new Object[places.length + 1];
            for (int i = 0; i < places.length; i++) {
                record[i] = places[i] < values.length ? values[places[i]] : null;
            }
            record[places.length] = Arrays.stream(values)
                    .filter(value -> value != null)
                    .map(value -> problem("the record", value))
                    .filter(problem -> problem != null)
                    .findFirst()
                    .orElse(
                            values.length == places.length
                                    ? null
                                    : "the record does not have the values of the header");
            return record;
        };
    }

    /** As RFC 4180 has them: what Spark's own reader takes, too. */
    private CsvParser csv() {
        CsvParserSettings settings = new CsvParserSettings();
        Character delimiter = reading.delimiter();
        settings.getFormat().setDelimiter(delimiter != null ? delimiter : format == DataFormat.TSV ? '\t' : ',');
        settings.getFormat().setQuoteEscape('"');
        settings.getFormat().setComment('\0');
        settings.setLineSeparatorDetectionEnabled(true);
        settings.setIgnoreLeadingWhitespaces(false);
        settings.setIgnoreTrailingWhitespaces(false);
        settings.setReadInputOnSeparateThread(false);
        settings.setMaxCharsPerColumn(-1);
        settings.setMaxColumns(MOST_COLUMNS);
        return new CsvParser(settings);
    }

    /** As they are used: each one different from the others, as Spark makes them. */
    private static List<String> names(String[] header) {
        List<String> given = Arrays.asList(header);
        return IntStream.range(0, header.length)
                .mapToObj(i -> header[i] == null || header[i].isEmpty()
                        ? "_c" + i
                        : given.indexOf(header[i]) == given.lastIndexOf(header[i]) ? header[i] : header[i] + i)
                .toList();
    }

    /**
     * The header of a file of values.
     *
     * @throws UserError where it is no text, or the file cannot be read
     */
    FileRecords withHeaderOf(Path file) {
        List<String> names = attempt(file.toString(), () -> {
            try (Reader reader = open(file.toString(), reading, hadoop.value())) {
                CsvParser parser = csv();
                parser.beginParsing(reader);
                String[] values = parser.parseNext();
                return names(values == null ? new String[0] : values);
            }
        });
        names.stream()
                .map(name -> problem("the header", name))
                .filter(problem -> problem != null)
                .findFirst()
                .ifPresent(problem -> {
                    throw new UserError(file + ": " + problem);
                });
        return new FileRecords(format, reading, names, hadoop);
    }
}
