package io.counterweight.serde;

import com.fasterxml.jackson.core.JsonGenerator;
import io.counterweight.avro.LabeledEvent;
import io.counterweight.avro.RejectedRecord;
import java.io.IOException;
import org.apache.avro.Schema;

/** A union of both records, so that it evolves as they do. */
final class DecodedBody implements RecordBody<Decoded> {
  private static final int EVENT = 0;
  private static final int REJECT = 1;

  private final EventBody event = new EventBody();
  private final RejectedRecordBody reject = new RejectedRecordBody();
  private final Schema schema =
      Schema.createUnion(LabeledEvent.getClassSchema(), RejectedRecord.getClassSchema());

  @Override
  public Schema schema() {
    return schema;
  }

  @Override
  public void write(Decoded decoded, BodyWriter out) {
    if (decoded instanceof Decoded.Accepted accepted) {
      out.writeInt(EVENT);
      event.write(accepted.event(), out);
    } else {
      out.writeInt(REJECT);
      reject.write(((Decoded.Rejected) decoded).reject(), out);
    }
  }

  @Override
  public Decoded read(BodyReader in) throws DecodeException {
    int branch = in.readInt("branch");
    return switch (branch) {
      case EVENT -> new Decoded.Accepted(event.read(in));
      case REJECT -> new Decoded.Rejected(reject.read(in));
      default -> throw in.malformed("branch", "expected 0 or 1, found " + branch);
    };
  }

  @Override
  public byte[] key(Decoded decoded) {
    return decoded instanceof Decoded.Accepted accepted
        ? event.key(accepted.event())
        : reject.key(((Decoded.Rejected) decoded).reject());
  }

  @Override
  public void writeJson(Decoded decoded, JsonGenerator json) throws IOException {
    if (decoded instanceof Decoded.Accepted accepted) {
      event.writeJson(accepted.event(), json);
    } else {
      reject.writeJson(((Decoded.Rejected) decoded).reject(), json);
    }
  }
}
