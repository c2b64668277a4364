package io.counterweight.serde;

import static org.assertj.core.api.Assertions.assertThat;

import io.counterweight.avro.LabeledEvent;
import io.counterweight.avro.RejectReason;
import java.io.File;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.util.ClassSecurityValidator;
import org.apache.avro.util.ClassSecurityValidator.ClassSecurityPredicate;
import org.junit.jupiter.api.Test;

class AvroTrustTest {

  @Test
  void trustsTheGeneratedClassesAndWhatWasTrustedBeforeAndNothingElse() {
    ClassSecurityPredicate before = ClassSecurityValidator.getGlobal();
    try {
      ClassSecurityValidator.setGlobal(type -> type == Path.class);

      AvroTrust.establish();

      ClassSecurityPredicate trust = ClassSecurityValidator.getGlobal();
      assertThat(trust.isTrusted(LabeledEvent.class)).isTrue();
      assertThat(trust.isTrusted(RejectReason.class)).isTrue();
      assertThat(trust.isTrusted(Path.class)).isTrue();
      assertThat(trust.isTrusted(File.class)).isFalse();
      assertThat(trust.isTrusted(AvroTrust.class)).isFalse();
    } finally {
      ClassSecurityValidator.setGlobal(before);
    }
  }

  @Test
  void coversEveryNamedTypeOfEverySchema() throws Exception {
    for (RecordType<?> type : RecordSamples.TYPES) {
      for (Schema named : (Iterable<Schema>) namedTypes(type.body().schema())::iterator) {
        Class<?> generated = Class.forName(named.getFullName());
        assertThat(ClassSecurityValidator.getGlobal().isTrusted(generated))
            .as("%s", named)
            .isTrue();
      }
    }
  }

  @Test
  void addsNothingTheSecondTime() {
    AvroTrust.establish();
    ClassSecurityPredicate once = ClassSecurityValidator.getGlobal();

    AvroTrust.establish();

    assertThat(ClassSecurityValidator.getGlobal()).isSameAs(once);
  }

  private static Stream<Schema> namedTypes(Schema schema) {
    return switch (schema.getType()) {
      case RECORD ->
          Stream.concat(
              Stream.of(schema),
              schema.getFields().stream().flatMap(field -> namedTypes(field.schema())));
      case ENUM -> Stream.of(schema);
      case UNION -> schema.getTypes().stream().flatMap(AvroTrustTest::namedTypes);
      case ARRAY -> namedTypes(schema.getElementType());
      case MAP -> namedTypes(schema.getValueType());
      default -> Stream.of();
    };
  }
}
