package io.counterweight.replay;

import io.counterweight.serde.Decoded;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.apache.flink.api.connector.source.lib.util.IteratorSourceSplit;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * What is left of a source's stream, which is never divided.
 *
 * @param source knows the feed
 * @param position records that were emitted before
 */
record FeedSplit(FeedSource source, long position)
    implements IteratorSourceSplit<Decoded, FeedRecords> {

  @Override
  public String splitId() {
    return "feed";
  }

  @Override
  public FeedRecords getIterator() {
    return source.records(position);
  }

  @Override
  public FeedSplit getUpdatedSplitForIterator(FeedRecords records) {
    return new FeedSplit(source, records.position());
  }

  /** Writes positions only; the feed is known to the source that reads them. */
  record Serializer(FeedSource source) implements SimpleVersionedSerializer<FeedSplit> {
    private static final int VERSION = 1;

    @Override
    public int getVersion() {
      return VERSION;
    }

    @Override
    public byte[] serialize(FeedSplit split) {
      return ByteBuffer.allocate(Long.BYTES).putLong(split.position()).array();
    }

    @Override
    public FeedSplit deserialize(int version, byte[] bytes) throws IOException {
      check(version, bytes);
      return new FeedSplit(source, ByteBuffer.wrap(bytes).getLong());
    }

    private static void check(int version, byte[] bytes) throws IOException {
      if (version != VERSION || bytes.length % Long.BYTES != 0) {
        throw new IOException(
            "Expected positions of version "
                + VERSION
                + ", found version "
                + version
                + " in "
                + bytes.length
                + " bytes");
      }
    }
  }

  /** The splits that the enumerator has not given out. */
  record SetSerializer(FeedSource source)
      implements SimpleVersionedSerializer<Collection<FeedSplit>> {

    @Override
    public int getVersion() {
      return Serializer.VERSION;
    }

    @Override
    public byte[] serialize(Collection<FeedSplit> splits) {
      ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES * splits.size());
      splits.forEach(split -> bytes.putLong(split.position()));
      return bytes.array();
    }

    @Override
    public Collection<FeedSplit> deserialize(int version, byte[] bytes) throws IOException {
      Serializer.check(version, bytes);
      List<FeedSplit> splits = new ArrayList<>();
      for (ByteBuffer left = ByteBuffer.wrap(bytes); left.hasRemaining(); ) {
        splits.add(new FeedSplit(source, left.getLong()));
      }
      return splits;
    }
  }
}
