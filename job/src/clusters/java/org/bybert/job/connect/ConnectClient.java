package org.bybert.job.connect;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.spark.SparkThrowable;
import org.apache.spark.sql.SparkSession;

/**
 * A client of Spark Connect, on that client's own class path: for each line of its input, a statement in SQL, it writes
 * a line with the rows, or with the condition of an error and its message. {@code NEW} opens another session,
 * {@code ARTIFACT FILE} adds a jar to the session.
 */
public final class ConnectClient {

    private ConnectClient() {}

    /** @param args the server's address, sc://… */
    public static void main(String[] args) throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        SparkSession spark = open(args[0]);
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            try {
                if (line.equals("NEW")) {
                    spark = open(args[0]);
                    out.println("opened");
                } else if (line.startsWith("ARTIFACT ")) {
                    spark.addArtifact(line.substring("ARTIFACT ".length()));
                    out.println("added");
                } else {
                    out.println(Arrays.toString((Object[]) spark.sql(line).collect())
                            .replace('\n', ' '));
                }
            } catch (Exception e) {
                String condition = e instanceof SparkThrowable thrown
                        ? thrown.getCondition()
                        : e.getClass().getName();
                out.println("error " + condition + ": "
                        + String.valueOf(e.getMessage()).replace('\n', ' '));
            }
        }
    }

    private static SparkSession open(String server) {
        return SparkSession.builder().remote(server).create();
    }
}
