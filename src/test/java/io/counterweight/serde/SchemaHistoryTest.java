package io.counterweight.serde;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.SchemaNormalization;
import org.junit.jupiter.api.Test;

class SchemaHistoryTest {

  /**
   * A schema that changes here loses every record on the topics, unless its old file is kept as
   * {@code schemas/history/NAME-N.avsc}. Do that first, then change the fingerprint.
   */
  @Test
  void schemasChangeOnlyOnPurpose() {
    Map<String, String> fingerprints = new TreeMap<>();
    for (RecordType<?> type : RecordSamples.TYPES) {
      long fingerprint = SchemaNormalization.parsingFingerprint64(type.body().schema());
      fingerprints.put(type.name(), String.format("%016x", fingerprint));
    }

    assertThat(fingerprints)
        .isEqualTo(
            Map.of(
                "labeled-event", "fedc011921154832",
                "sample-weight", "993c733ff419ed06",
                "prediction", "fe9da74b8671e576",
                "drift-event", "ab9ac5a78bc46094",
                "model-snapshot", "88aa78f46842a4da",
                "rejected-record", "534869af835074cd"));
  }

  @Test
  void everyEarlierSchemaCanStillBeRead() {
    for (RecordType<?> type : RecordSamples.TYPES) {
      for (Schema earlier : SchemaHistory.of(type.name())) {
        assertThat(
                SchemaCompatibility.checkReaderWriterCompatibility(type.body().schema(), earlier)
                    .getType())
            .as("%s", earlier)
            .isEqualTo(SchemaCompatibilityType.COMPATIBLE);
      }
    }
  }
}
