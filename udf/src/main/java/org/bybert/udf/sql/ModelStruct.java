package org.bybert.udf.sql;

import java.util.List;
import java.util.Map;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.util.ArrayBasedMapData;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import org.bybert.encoder.detect.Measured.Finding;
import org.bybert.udf.ModelReference;
import org.bybert.udf.ModelReference.SettingOrigin;

/** {@code bybert_model}: which model answers, and with which settings from where. */
final class ModelStruct {

    private static final StructType SETTING =
            new StructType().add("value", DataTypes.StringType, true).add("origin", DataTypes.StringType, false);

    private static final StructType TYPE = new StructType()
            .add("model", DataTypes.StringType, false)
            .add("revision", DataTypes.StringType, true)
            .add("fingerprint", DataTypes.StringType, false)
            .add("settings", DataTypes.createMapType(DataTypes.StringType, SETTING, false), false)
            .add("measured", DataTypes.createArrayType(DataTypes.StringType, false), false);

    private ModelStruct() {}

    /** @param model that is resolved */
    static Literal of(ModelReference model) {
        Map<String, SettingOrigin> settings = model.settings();
        List<String> findings =
                model.measured().findings().stream().map(Finding::sentence).toList();
        return new Literal(
                new GenericInternalRow(new Object[] {
                    UTF8String.fromString(model.model()),
                    UTF8String.fromString(model.source().commit()),
                    UTF8String.fromString(model.fingerprint()),
                    new ArrayBasedMapData(
                            strings(List.copyOf(settings.keySet())),
                            new GenericArrayData(settings.values().stream()
                                    .map(setting -> new GenericInternalRow(new Object[] {
                                        UTF8String.fromString(setting.value()), UTF8String.fromString(setting.origin())
                                    }))
                                    .toArray())),
                    strings(findings)
                }),
                TYPE);
    }

    private static GenericArrayData strings(List<String> strings) {
        return new GenericArrayData(strings.stream().map(UTF8String::fromString).toArray());
    }
}
