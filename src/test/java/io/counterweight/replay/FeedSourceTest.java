package io.counterweight.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.counterweight.embedded.Feed;
import io.counterweight.serde.Decoded;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.util.InstantiationUtil;
import org.junit.jupiter.api.Test;

class FeedSourceTest {
  private final FeedSource events = new FeedSource(() -> FewEvents.of(7), false);
  private final FeedSource trusted = new FeedSource(() -> FewEvents.of(7), true);

  private static List<String> rest(FeedRecords records) {
    List<String> result = new ArrayList<>();
    records.forEachRemaining(
        record -> {
          var event = ((Decoded.Accepted) record).event();
          result.add(event.eventId() + "=" + event.label() + "@" + event.eventTime());
        });
    return result;
  }

  @Test
  void eventsCarryTheObservedLabelAndTrustedCopiesTheTrueOne() {
    assertThat(rest(events.records(0)))
        .containsExactly("e0=0@0", "e1=1@1", "e2=0@2", "e3=1@3", "e4=0@4", "e5=1@5", "e6=0@6");
    assertThat(rest(trusted.records(0))).containsExactly("e0=1@4", "e3=0@7", "e6=0@10");
  }

  @Test
  void aSplitContinuesWhereItWasLeft() throws IOException {
    FeedRecords records = new FeedSplit(trusted, 0).getIterator();
    records.next();
    FeedSplit split = new FeedSplit(trusted, 0).getUpdatedSplitForIterator(records);
    SimpleVersionedSerializer<FeedSplit> serializer = trusted.getSplitSerializer();

    FeedSplit restored =
        serializer.deserialize(serializer.getVersion(), serializer.serialize(split));

    assertThat(restored).isEqualTo(split);
    assertThat(rest(restored.getIterator())).containsExactly("e3=0@7", "e6=0@10");
  }

  @Test
  void splitsThatWereNotGivenOutAreKept() throws IOException {
    SimpleVersionedSerializer<Collection<FeedSplit>> serializer =
        events.getEnumeratorCheckpointSerializer();
    List<FeedSplit> splits = List.of(new FeedSplit(events, 3));

    assertThat(serializer.deserialize(1, serializer.serialize(splits))).isEqualTo(splits);
    assertThat(serializer.deserialize(1, serializer.serialize(List.of()))).isEmpty();
    assertThatThrownBy(() -> serializer.deserialize(2, new byte[8]))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("found version 2");
  }

  @Test
  void aFeedWithoutTrustedEventsIsNotOpenedToLookForThem() {
    FeedSource source =
        new FeedSource(
            new FeedSupplier() {
              private static final long serialVersionUID = 1L;

              @Override
              public Feed open() {
                throw new AssertionError("opened");
              }

              @Override
              public boolean hasTrusted() {
                return false;
              }
            },
            true);

    assertThat(source.records(0).hasNext()).isFalse();
  }

  @Test
  void aLimitedFeedTravelsWithTheJob() throws Exception {
    FeedSupplier supplier = () -> FewEvents.of(7);
    FeedSource source = InstantiationUtil.clone(new FeedSource(supplier.first(2), false));

    assertThat(rest(source.records(0))).containsExactly("e0=0@0", "e1=1@1");
    assertThat(source.feeds().open().size()).isEqualTo(2);
    assertThat(new FirstEvents(FewEvents.of(1), 5).size()).isEqualTo(1);
  }
}
