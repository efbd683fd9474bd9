package org.bybert.encoder.batch;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.bybert.encoder.MaskPredict;
import org.bybert.encoder.Session;
import org.bybert.encoder.Session.Guess;
import org.bybert.encoder.model.RaggedBatch;

/**
 * What is done with a text: which token ids it becomes, which positions are asked for, what an answer is made of. A
 * task packs nothing, and reads lengths and broken texts by {@link TextReader}.
 *
 * @param <T> a text and what comes with it; texts that are {@code equals} have one answer
 * @param <P> the model's answer for a piece of a text
 * @param <A> the answer for a text
 */
public interface TextTask<T, P, A> {

    /**
     * A text as {@link TextReader} takes it.
     *
     * @param text      what is read of it; null where there is an error
     * @param bytes     of the whole text in the model's encoding; null for a null text
     * @param truncated whether only its beginning is read
     * @param repaired  whether it has unpaired surrogates, which are read as U+FFFD
     * @param split     whether it is read in windows, see {@link TextReader#windows}
     * @param error     why it has no answer, as {@code kind} or {@code kind: details}; null where it has
     */
    record ReadText(String text, Integer bytes, boolean truncated, boolean repaired, boolean split, String error) {

        static ReadText refused(Integer bytes, boolean repaired, String error) {
            return new ReadText(null, bytes, false, repaired, false, error);
        }

        /** The same text, refused after all. */
        public ReadText refuse(String kind, String details) {
            return refused(bytes, repaired, kind + ": " + details);
        }
    }

    /**
     * A row of a batch: a text or a part of it.
     *
     * @param ids     what the model reads
     * @param asked   positions among {@code ids} at which tokens are asked for
     * @param targets the tokens that stood at these positions
     */
    record Piece(int[] ids, int[] asked, int[] targets) {

        private static final int[] NONE = {};

        /** A piece of which no position is asked for by itself. */
        public Piece(int[] ids) {
            this(ids, NONE, NONE);
        }

        /** Token ids of each. */
        public static List<int[]> rows(List<Piece> pieces) {
            return pieces.stream().map(Piece::ids).toList();
        }

        /** Token ids of some pieces, laid end to end. */
        public static RaggedBatch batch(List<Piece> pieces) {
            return RaggedBatch.of(rows(pieces));
        }

        /** The positions that are asked for, in the batch of these pieces. */
        public static int[] asked(List<Piece> pieces) {
            int[] positions = new int
                    [pieces.stream().mapToInt(piece -> piece.asked.length).sum()];
            int next = 0;
            int start = 0;
            for (Piece piece : pieces) {
                for (int position : piece.asked) {
                    positions[next++] = start + position;
                }
                start += piece.ids.length;
            }
            return positions;
        }

        /** What stood there. */
        public static int[] targets(List<Piece> pieces) {
            return pieces.stream()
                    .flatMapToInt(piece -> Arrays.stream(piece.targets))
                    .toArray();
        }

        /**
         * What was said of the positions of each piece.
         *
         * @param slice takes the place of a piece's first position among all positions, and the place after its last
         */
        public static <P> List<P> slices(List<Piece> pieces, BiFunction<Integer, Integer, P> slice) {
            List<P> slices = new ArrayList<>(pieces.size());
            int from = 0;
            for (Piece piece : pieces) {
                int to = from + piece.asked.length;
                slices.add(slice.apply(from, to));
                from = to;
            }
            return slices;
        }
    }

    /** What is read of a text; where it has an error, nothing else is asked for. */
    ReadText read(T text);

    /**
     * The text as the model reads it; asked for when the text's turn has come, so that texts that wait cost no ids.
     *
     * @throws TextProblem where the text turns out to have no answer
     */
    Pieces<P, A> pieces(T text, ReadText read);

    /** The answers for some pieces, of one text or of several, in their order; one forward pass. */
    List<P> run(Session session, List<Piece> pieces);

    /**
     * The pieces of a text and what becomes of their answers.
     *
     * @param rest   the pieces that are still to come; answers may bring more
     * @param add    takes a piece and its answer, in the order of the pieces
     * @param finish gives the text's answer, after the last piece; it and {@code add} throw a {@link TextProblem} where there
     *               is none
     */
    record Pieces<P, A>(Iterator<Piece> rest, BiConsumer<Piece, P> add, Supplier<A> finish) {

        /**
         * A text in one piece.
         *
         * @param piece  null where the model is not needed
         * @param finish makes the text's answer of that of the piece
         */
        public static <P, A> Pieces<P, A> one(Piece piece, Function<P, A> finish) {
            AtomicReference<P> value = new AtomicReference<>();
            return new Pieces<>(
                    Stream.ofNullable(piece).iterator(),
                    (read, answer) -> value.set(answer),
                    () -> finish.apply(value.get()));
        }

        /**
         * Rows that are filled pass by pass; one that is not filled yet is a piece again.
         *
         * @param rows   are made as they are read
         * @param finish makes the text's answer of them, in their order
         */
        public static <A> Pieces<Guess, A> inPasses(Stream<MaskPredict> rows, Function<List<MaskPredict>, A> finish) {
            Iterator<MaskPredict> fresh = rows.iterator();
            List<MaskPredict> all = new ArrayList<>();
            Deque<MaskPredict> taken = new ArrayDeque<>();
            Deque<MaskPredict> again = new ArrayDeque<>();
            Iterator<Piece> rest = new Iterator<>() {
                @Override
                public boolean hasNext() {
                    return !again.isEmpty() || fresh.hasNext();
                }

                @Override
                public Piece next() {
                    MaskPredict row = again.poll();
                    if (row == null) {
                        row = fresh.next();
                        all.add(row);
                    }
                    taken.add(row);
                    return new Piece(row.ids());
                }
            };
            return new Pieces<>(
                    rest,
                    (piece, guess) -> {
                        MaskPredict row = taken.remove();
                        row.add(guess);
                        if (row.filled() == null) {
                            again.add(row);
                        }
                    },
                    () -> finish.apply(all));
        }
    }
}
