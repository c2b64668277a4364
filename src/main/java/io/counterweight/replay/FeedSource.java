package io.counterweight.replay;

import io.counterweight.serde.Decoded;
import java.util.Collection;
import java.util.List;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.connector.source.lib.util.IteratorSourceEnumerator;
import org.apache.flink.api.connector.source.lib.util.IteratorSourceReader;
import org.apache.flink.core.io.InputStatus;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * A bounded source of a feed's events, or of its trusted copies. The feed is opened where the
 * source runs. One reader has it all, so that event time stays in order.
 *
 * @param feeds opens the feed
 * @param trusted whether the trusted copies are wanted, or the events
 */
record FeedSource(FeedSupplier feeds, boolean trusted)
    implements Source<Decoded, FeedSplit, Collection<FeedSplit>> {
  private static final long serialVersionUID = 1L;

  FeedRecords records(long skipped) {
    return trusted && !feeds.hasTrusted()
        ? FeedRecords.none()
        : FeedRecords.of(feeds.open(), trusted, skipped);
  }

  @Override
  public Boundedness getBoundedness() {
    return Boundedness.BOUNDED;
  }

  @Override
  public SplitEnumerator<FeedSplit, Collection<FeedSplit>> createEnumerator(
      SplitEnumeratorContext<FeedSplit> context) {
    return restoreEnumerator(context, List.of(new FeedSplit(this, 0)));
  }

  @Override
  public SplitEnumerator<FeedSplit, Collection<FeedSplit>> restoreEnumerator(
      SplitEnumeratorContext<FeedSplit> context, Collection<FeedSplit> left) {
    return new IteratorSourceEnumerator<>(context, left);
  }

  @Override
  public SourceReader<Decoded, FeedSplit> createReader(SourceReaderContext context) {
    return new Reader(context);
  }

  /** The reader of the library, which expects a record in every split, for feeds without. */
  private static final class Reader extends IteratorSourceReader<Decoded, FeedRecords, FeedSplit> {
    Reader(SourceReaderContext context) {
      super(context);
    }

    @Override
    public InputStatus pollNext(ReaderOutput<Decoded> output) {
      if (iterator == null) {
        InputStatus status = tryMoveToNextSplit();
        if (status != InputStatus.MORE_AVAILABLE) {
          return status;
        }
      }
      if (!iterator.hasNext()) {
        finishSplit();
        return tryMoveToNextSplit();
      }
      return super.pollNext(output);
    }

    /** Holds nothing that must be closed. */
    @Override
    public void close() {}
  }

  @Override
  public SimpleVersionedSerializer<FeedSplit> getSplitSerializer() {
    return new FeedSplit.Serializer(this);
  }

  @Override
  public SimpleVersionedSerializer<Collection<FeedSplit>> getEnumeratorCheckpointSerializer() {
    return new FeedSplit.SetSerializer(this);
  }
}
