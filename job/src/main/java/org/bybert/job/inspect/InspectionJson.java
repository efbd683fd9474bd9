package org.bybert.job.inspect;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.bybert.encoder.checkpoint.Preset;
import org.bybert.encoder.detect.Detection;
import org.bybert.encoder.detect.Detection.Score;
import org.bybert.encoder.detect.Detection.Verdict;
import org.bybert.job.inspect.Inspection.Memory;
import org.bybert.job.inspect.Inspection.Tensors;
import org.bybert.job.inspect.Inspection.Value;

/** An inspection for programs; sizes in bytes, losses in nats. */
final class InspectionJson {

    private static final JsonMapper MAPPER = new JsonMapper();

    private InspectionJson() {
    }

    static String of(Inspection inspection) {
        ObjectNode json = MAPPER.createObjectNode();
        json.put("model", inspection.model());
        json.put("folder", inspection.folder().toString());
        json.put("fingerprint", inspection.fingerprint());
        json.put("kernels", inspection.kernels());
        values(json.putObject("config"), inspection.config());
        tensors(json.putObject("weights"), inspection.tensors());
        preset(json, inspection.preset(), inspection.tensors().parameters());
        values(json.putObject("tokenizer"), inspection.tokenizer());
        json.put("tokenizer_problem", inspection.tokenizerProblem());
        memory(json.putObject("memory"), inspection);
        if (inspection.detection() == null) {
            json.putNull("detection");
        } else {
            detection(json.putObject("detection").put("ids_are_inferred", inspection.layoutIsInferred())
                    .put("seconds", inspection.detectionSeconds()), inspection.detection());
        }
        json.put("detection_problem", inspection.detectionProblem());
        try {
            return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(json) + '\n';
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of numbers and strings can be written", e);
        }
    }

    private static void values(ObjectNode json, List<Value> values) {
        values.forEach(value -> {
            ObjectNode node = json.putObject(value.key());
            node.set("value", value.value());
            node.put("origin", value.origin());
        });
    }

    private static void tensors(ObjectNode json, Tensors tensors) {
        json.put("parameters", tensors.parameters());
        tensors.dtypes().forEach(json.putArray("dtypes")::add);
        ArrayNode files = json.putArray("files");
        tensors.files().forEach(file -> files.addObject().put("name", file.name()).put("bytes", file.bytes())
                .put("tensors", file.tensors()));
        json.put("query_key_value_bias", tensors.biases());
        tensors.unused().forEach(json.putArray("unused")::add);
    }

    private static void preset(ObjectNode json, Preset preset, long parameters) {
        if (preset.isNone()) {
            json.putNull("preset");
            return;
        }
        json.putObject("preset").put("id", preset.id()).put("hub_id", preset.hubId())
                .put("parameters", preset.parameters()).put("parameters_agree", preset.parameters() == parameters)
                .put("training_length", preset.trainingLength());
    }

    private static void memory(ObjectNode json, Inspection inspection) {
        Memory memory = inspection.memory();
        json.put("opened_as", memory.opened()).put("weights_f32", memory.f32()).put("weights_bf16", memory.bf16());
        ArrayNode threads = json.putArray("each_thread");
        threads.addObject().put("tokens", memory.shortText()).put("bytes", memory.shortWorkspace());
        threads.addObject().put("tokens", memory.longText()).put("bytes", memory.longWorkspace());
        if (memory.peak() > 0) {
            json.put("peak_resident_before", memory.before());
            json.put("peak_resident_while_opening", memory.peak());
            json.put("beyond_checkpoint", memory.peak() - inspection.tensors().bytes());
        }
    }

    private static void detection(ObjectNode json, Detection detection) {
        ArrayNode candidates = json.putArray("candidates");
        for (Score score : detection.scores()) {
            candidates.addObject().put("byte_encoding", score.candidate().encoding())
                    .put("add_eos_token", score.candidate().appendsEos())
                    .put("rope_theta", score.candidate().ropeTheta())
                    .put("loss_per_character", score.loss()).put("loss_per_byte", score.lossPerByte())
                    .put("byte_entropy", score.byteEntropy());
        }
        ArrayNode verdicts = json.putArray("verdicts");
        for (Verdict verdict : detection.verdicts()) {
            ObjectNode node = verdicts.addObject().put("setting", verdict.setting()).put("decided", verdict.decided())
                    .put("best", verdict.best()).put("next", verdict.next()).put("margin", verdict.margin())
                    .put("standard_error", verdict.standardError()).put("configured", verdict.configured())
                    .put("contradicts_configuration", verdict.contradictsConfiguration());
            verdict.possible().forEach(node.putArray("possible")::add);
        }
    }
}
