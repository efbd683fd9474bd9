package org.bybert.udf.batch;

/** A text on its way through the model. */
final class PendingText<A> {

    private final ReadText text;
    private final TextTask<A> task;
    private int[] next;
    /** Pieces that are in a batch and have no answer yet. */
    private int taking;
    private A value;
    private TextTask.Joining<A> joining;
    private int tokens;
    private Answer<A> answer;
    private int rows;

    PendingText(ReadText text, TextTask<A> task) {
        this.text = text;
        this.task = task;
        this.joining = text.split() ? task.joining() : null;
        if (text.error() != null) {
            answer = new Answer<>(null, text.bytes(), null, false, text.error());
        }
    }

    /** Another row has this text; gives their number. */
    int join() {
        return ++rows;
    }

    /** A row with this text has its answer; gives the number of the others. */
    int leave() {
        return --rows;
    }

    /** Whether the text never reaches the model. */
    boolean isRefused() {
        return text.error() != null;
    }

    /** Whether something of the text still waits to be put into a batch. */
    boolean hasNext() {
        return next != null || text.pieces().hasNext();
    }

    /** The next piece's token ids, which stay where they are. */
    int[] peek() {
        if (next == null) {
            next = text.pieces().next();
        }
        return next;
    }

    int[] take() {
        int[] taken = peek();
        next = null;
        taking++;
        return taken;
    }

    /** Takes the answers of the pieces, in their order. */
    void add(A piece, int length) {
        taking--;
        tokens += length;
        if (joining == null) {
            value = piece;
        } else {
            joining.add(piece, length);
        }
        if (taking == 0 && !hasNext()) {
            finish();
        }
    }

    private void finish() {
        A last = task.finish(joining == null ? value : joining.result());
        String problem = task.problem(last);
        answer = new Answer<>(problem == null ? last : null, text.bytes(), tokens, text.truncated(), problem);
        value = null;
        joining = null;
    }

    /** Null until the model has read all pieces. */
    Answer<A> answer() {
        return answer;
    }
}
