package org.bybert.encoder.model;

import java.util.Map;

/** The encoder as its formulae read, in double precision, one row at a time: slow and plain on purpose. */
final class ReferenceEncoder {

    private final RandomCheckpoint model;
    private final Map<String, float[]> weights;

    ReferenceEncoder(RandomCheckpoint model) {
        this.model = model;
        this.weights = model.weights();
    }

    /** Hidden states after the final norm, one per token. */
    double[][] hidden(int[] ids) {
        double[][] x = new double[ids.length][];
        for (int t = 0; t < ids.length; t++) {
            x[t] = embedding(ids[t]);
        }
        for (int n = 0; n < model.layers; n++) {
            String layer = "model.layers." + n;
            double[][] attended = attention(layer, x);
            for (int t = 0; t < x.length; t++) {
                x[t] = plus(x[t], attended[t]);
                x[t] = plus(x[t], feedForward(layer, x[t]));
            }
        }
        for (int t = 0; t < x.length; t++) {
            x[t] = norm("model.norm", x[t]);
        }
        return x;
    }

    double[] logits(double[] hidden) {
        return weights.containsKey("lm_head.weight")
                ? linear("lm_head", hidden)
                : plus(product("model.embed_tokens.weight", hidden), bias("lm_head", model.vocab));
    }

    private double[] embedding(int id) {
        double[] x = new double[model.hidden];
        for (int i = 0; i < x.length; i++) {
            x[i] = weights.get("model.embed_tokens.weight")[id * x.length + i];
        }
        return x;
    }

    private double[][] attention(String layer, double[][] x) {
        int length = x.length;
        double[][] queries = new double[length][];
        double[][] keys = new double[length][];
        double[][] values = new double[length][];
        for (int t = 0; t < length; t++) {
            double[] normed = norm(layer + ".input_layernorm", x[t]);
            queries[t] = rotated(linear(layer + ".self_attn.q_proj", normed), t);
            keys[t] = rotated(linear(layer + ".self_attn.k_proj", normed), t);
            values[t] = linear(layer + ".self_attn.v_proj", normed);
        }
        double[][] result = new double[length][];
        for (int t = 0; t < length; t++) {
            double[] heads = new double[model.heads * model.headSize];
            for (int head = 0; head < model.heads; head++) {
                attend(queries[t], keys, values, head, heads);
            }
            result[t] = linear(layer + ".self_attn.o_proj", heads);
        }
        return result;
    }

    /** One query head of one token over all keys: softmax(q · k / sqrt(d)) · v. */
    private void attend(double[] query, double[][] keys, double[][] values, int head, double[] out) {
        int d = model.headSize;
        int queryAt = head * d;
        int keyAt = head / (model.heads / model.keyValueHeads) * d;
        double[] weight = new double[keys.length];
        double largest = Double.NEGATIVE_INFINITY;
        for (int t = 0; t < keys.length; t++) {
            for (int i = 0; i < d; i++) {
                weight[t] += query[queryAt + i] * keys[t][keyAt + i];
            }
            weight[t] /= Math.sqrt(d);
            largest = Math.max(largest, weight[t]);
        }
        double sum = 0;
        for (int t = 0; t < keys.length; t++) {
            weight[t] = Math.exp(weight[t] - largest);
            sum += weight[t];
        }
        for (int t = 0; t < keys.length; t++) {
            for (int i = 0; i < d; i++) {
                out[queryAt + i] += weight[t] / sum * values[t][keyAt + i];
            }
        }
    }

    /** Hugging Face's x · cos + rotate_half(x) · sin, head by head. */
    private double[] rotated(double[] x, int position) {
        int half = model.headSize / 2;
        double[] y = new double[x.length];
        for (int head = 0; head < x.length; head += model.headSize) {
            for (int i = 0; i < half; i++) {
                double angle = position / Math.pow(model.theta, (double) i / half);
                double a = x[head + i];
                double b = x[head + half + i];
                y[head + i] = a * Math.cos(angle) - b * Math.sin(angle);
                y[head + half + i] = b * Math.cos(angle) + a * Math.sin(angle);
            }
        }
        return y;
    }

    private double[] feedForward(String layer, double[] x) {
        double[] normed = norm(layer + ".post_attention_layernorm", x);
        double[] gate = linear(layer + ".mlp.gate_proj", normed);
        double[] up = linear(layer + ".mlp.up_proj", normed);
        for (int i = 0; i < gate.length; i++) {
            gate[i] = gate[i] / (1 + Math.exp(-gate[i])) * up[i];
        }
        return linear(layer + ".mlp.down_proj", gate);
    }

    private double[] norm(String name, double[] x) {
        double squares = 0;
        for (double value : x) {
            squares += value * value;
        }
        double scale = Math.sqrt(squares / x.length + model.epsilon);
        double[] y = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            y[i] = x[i] / scale * weights.get(name + ".weight")[i];
        }
        return y;
    }

    private double[] linear(String name, double[] x) {
        double[] y = product(name + ".weight", x);
        return plus(y, bias(name, y.length));
    }

    private double[] product(String name, double[] x) {
        float[] w = weights.get(name);
        double[] y = new double[w.length / x.length];
        for (int o = 0; o < y.length; o++) {
            for (int i = 0; i < x.length; i++) {
                y[o] += w[o * x.length + i] * x[i];
            }
        }
        return y;
    }

    private double[] bias(String name, int outputs) {
        float[] bias = weights.getOrDefault(name + ".bias", new float[outputs]);
        double[] result = new double[outputs];
        for (int i = 0; i < outputs; i++) {
            result[i] = bias[i];
        }
        return result;
    }

    private static double[] plus(double[] a, double[] b) {
        double[] sum = a.clone();
        for (int i = 0; i < sum.length; i++) {
            sum[i] += b[i];
        }
        return sum;
    }
}
