package io.counterweight.serde;

import io.counterweight.avro.DriftEvent;
import io.counterweight.avro.DriftKind;
import io.counterweight.avro.DriftState;
import io.counterweight.avro.LabeledEvent;
import io.counterweight.avro.ModelSnapshot;
import io.counterweight.avro.Prediction;
import io.counterweight.avro.RejectReason;
import io.counterweight.avro.RejectedRecord;
import io.counterweight.avro.SampleWeight;
import org.apache.avro.util.ClassSecurityValidator;
import org.apache.avro.util.ClassSecurityValidator.ClassSecurityPredicate;

/**
 * Avro refuses to load generated classes that nobody has named as trusted, and with the refusal
 * every record looks malformed. This names ours, by name and nothing else, beside what was trusted
 * before.
 */
final class AvroTrust {
  private AvroTrust() {}

  /** Does nothing the second time; cheap enough for every static initialiser that needs it. */
  static synchronized void establish() {
    ClassSecurityPredicate before = ClassSecurityValidator.getGlobal();
    if (before.isTrusted(LabeledEvent.class)) {
      return;
    }
    ClassSecurityPredicate ours =
        ClassSecurityValidator.builder()
            .add(LabeledEvent.class.getName())
            .add(SampleWeight.class.getName())
            .add(Prediction.class.getName())
            .add(DriftEvent.class.getName())
            .add(DriftState.class.getName())
            .add(DriftKind.class.getName())
            .add(ModelSnapshot.class.getName())
            .add(RejectedRecord.class.getName())
            .add(RejectReason.class.getName())
            .build();
    ClassSecurityValidator.setGlobal(ClassSecurityValidator.composite(before, ours));
  }
}
