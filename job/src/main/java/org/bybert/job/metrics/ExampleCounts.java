package org.bybert.job.metrics;

import java.io.Serializable;

/** What one scored example adds to the accuracies; a bean, as Spark's encoder wants it. */
public final class ExampleCounts implements Serializable {

    private String id;
    private long words;
    private long correctWords;
    private long bytes;
    private long correctBytes;

    public String getId() {
        return id;
    }

    public void setId(String id) {
        this.id = id;
    }

    public long getWords() {
        return words;
    }

    public void setWords(long words) {
        this.words = words;
    }

    public long getCorrectWords() {
        return correctWords;
    }

    public void setCorrectWords(long correctWords) {
        this.correctWords = correctWords;
    }

    public long getBytes() {
        return bytes;
    }

    public void setBytes(long bytes) {
        this.bytes = bytes;
    }

    public long getCorrectBytes() {
        return correctBytes;
    }

    public void setCorrectBytes(long correctBytes) {
        this.correctBytes = correctBytes;
    }
}
