package org.bybert.encoder.model;

/**
 * The tokens whose hidden states were asked for, in ascending order.
 *
 * @param tokens their positions in the batch
 * @param starts {@code rows + 1} places: the tokens of row {@code r} are {@code tokens[starts[r] … starts[r + 1])}
 */
record Selection(int[] tokens, int[] starts) {

    /** Also notes in {@code work.places} where each token's result will be. */
    static Selection of(RaggedBatch batch, int[] wanted, Workspace work) {
        int[] places = work.noPlaces(batch.tokens());
        int count = 0;
        for (int token : wanted) {
            if (token < 0 || token >= batch.tokens()) {
                throw new IndexOutOfBoundsException("position " + token + " of " + batch.tokens() + " tokens");
            }
            count += places[token] < 0 ? 1 : 0;
            places[token] = 0;
        }
        int[] tokens = new int[count];
        int[] starts = new int[batch.rows() + 1];
        int next = 0;
        for (int row = 0; row < batch.rows(); row++) {
            for (int token = batch.start(row); token < batch.start(row) + batch.length(row); token++) {
                if (places[token] == 0) {
                    places[token] = next;
                    tokens[next++] = token;
                }
            }
            starts[row + 1] = next;
        }
        return new Selection(tokens, starts);
    }

    int count() {
        return tokens.length;
    }
}
