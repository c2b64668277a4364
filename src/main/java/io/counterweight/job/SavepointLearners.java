package io.counterweight.job;

import io.counterweight.learner.LearnerState;
import io.counterweight.operator.BilevelLearnerOperator;
import io.counterweight.serde.LearnerStateSerializer;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.state.api.OperatorIdentifier;
import org.apache.flink.state.api.SavepointReader;
import org.apache.flink.state.api.functions.KeyedStateReaderFunction;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.CloseableIterator;
import org.apache.flink.util.Collector;
import org.apache.flink.util.ExceptionUtils;

/**
 * The learners in a savepoint or retained checkpoint of the job, read by a Flink in this process.
 */
public final class SavepointLearners implements LearnerSource {
  /** Between the reader and this process; Flink's collecting sink takes 2 MiB at the most. */
  private static final int LARGEST_PIECE = 256 << 10;

  private static final OperatorIdentifier LEARNER = OperatorIdentifier.forUid(Uids.LEARNER.uid());

  private final String path;

  private SavepointLearners(String path) {
    this.path = path;
  }

  /**
   * Opens one.
   *
   * @param where the folder, or the address, of a savepoint or checkpoint
   * @throws IOException with a message for the user, if there is none of this job
   */
  public static SavepointLearners open(String where) throws IOException {
    Path metadata = new Path(new Path(where), "_metadata");
    FileSystem files = metadata.getFileSystem();
    if (!files.exists(metadata)) {
      throw new IOException(
          where + " is no savepoint: it has no file _metadata; is it complete, and not a parent?");
    }
    CheckpointMetadata read;
    try (DataInputStream in = new DataInputStream(files.open(metadata))) {
      read =
          Checkpoints.loadCheckpointMetadata(
              in, SavepointLearners.class.getClassLoader(), metadata.toString());
    } catch (IOException | RuntimeException e) {
      throw new IOException(where + " is no savepoint: _metadata cannot be read: " + e, e);
    }
    OperatorID id = LEARNER.getOperatorId();
    if (read.getOperatorStates().stream().noneMatch(state -> state.getOperatorID().equals(id))) {
      throw new IOException(
          where
              + " is a savepoint of another job: it has no operator with the uid "
              + Uids.LEARNER.uid());
    }
    return new SavepointLearners(where);
  }

  @Override
  public void readAll(Reader reader) throws IOException {
    Configuration flink = new Configuration();
    flink.set(PipelineOptions.GENERIC_TYPES, false);
    // One subtask, so that the pieces of a learner come one after the other.
    StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(1, flink);
    DataStream<byte[]> pieces =
        SavepointReader.read(env, path, new EmbeddedRocksDBStateBackend())
            .readKeyedState(
                LEARNER,
                new Pieces(),
                Types.STRING,
                PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO);
    try {
      CloseableIterator<byte[]> all = pieces.executeAndCollect("inspect");
      try {
        while (all.hasNext()) {
          reader.learner(whole(all), path);
        }
      } finally {
        all.close();
      }
    } catch (Exception e) {
      Throwable cause = ExceptionUtils.stripExecutionException(e);
      while (cause.getCause() != null && cause.getCause() != cause) {
        cause = cause.getCause();
      }
      throw new IOException(path + " cannot be read: " + cause.getMessage(), e);
    }
  }

  private static byte[] whole(CloseableIterator<byte[]> pieces) {
    byte[] first = pieces.next();
    int end = Integer.BYTES + ByteBuffer.wrap(first).getInt();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(end);
    bytes.writeBytes(first);
    while (bytes.size() < end) {
      bytes.writeBytes(pieces.next());
    }
    return Arrays.copyOfRange(bytes.toByteArray(), Integer.BYTES, end);
  }

  /** The length of each learner and its bytes, in pieces. */
  private static final class Pieces extends KeyedStateReaderFunction<String, byte[]> {
    private static final long serialVersionUID = 1L;

    private transient ValueState<LearnerState> learners;
    private transient LearnerStateSerializer serializer;

    @Override
    public void open(OpenContext context) {
      learners = getRuntimeContext().getState(BilevelLearnerOperator.learners());
      serializer = new LearnerStateSerializer();
    }

    @Override
    public void readKey(String key, Context context, Collector<byte[]> out) throws Exception {
      LearnerState state = learners.value();
      if (state == null) {
        return;
      }
      DataOutputSerializer written = new DataOutputSerializer(LARGEST_PIECE);
      serializer.serialize(state, written);
      byte[] bytes = written.getCopyOfBuffer();
      for (int from = 0; from < bytes.length; from += LARGEST_PIECE) {
        out.collect(Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + LARGEST_PIECE)));
      }
    }
  }
}
