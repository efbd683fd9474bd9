package org.bybert.encoder.batch;

import java.util.List;
import java.util.function.Function;
import org.bybert.encoder.Session;

/**
 * What is done with a text: which token ids it becomes, which positions are asked for, what an answer is made of. A
 * task packs nothing, and reads lengths and broken texts by {@link TextReader}.
 *
 * @param <T> a text and what comes with it; texts that are {@code equals} have one answer
 * @param <P> the model's answer for a piece of a text
 * @param <A> the answer for a text
 */
public interface TextTask<T, P, A> {

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

    /** The pieces of a text and what becomes of their answers. */
    interface Pieces<P, A> {

        /** The next piece, or null where there is none left. */
        Piece next();

        /** Takes the answer for a piece, in the order of the pieces. */
        void add(Piece piece, P answer);

        /**
         * The answer for the text, after the last piece.
         *
         * @throws TextProblem where there is none
         */
        A finish();

        /**
         * A text in one piece.
         *
         * @param piece  null where the model is not needed
         * @param finish makes the text's answer of that of the piece
         */
        static <P, A> Pieces<P, A> one(Piece piece, Function<P, A> finish) {
            return new Pieces<>() {
                private Piece next = piece;
                private P value;

                @Override
                public Piece next() {
                    Piece taken = next;
                    next = null;
                    return taken;
                }

                @Override
                public void add(Piece read, P answer) {
                    value = answer;
                }

                @Override
                public A finish() {
                    return finish.apply(value);
                }
            };
        }
    }
}
