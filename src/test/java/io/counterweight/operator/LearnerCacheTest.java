package io.counterweight.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.counterweight.codec.LearnerStateCodec;
import io.counterweight.compute.Backends;
import io.counterweight.learner.LearnerSettings;
import io.counterweight.learner.LearnerState;
import io.counterweight.learner.OnlineLearner;
import io.counterweight.support.Learners;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LearnerCacheTest {
  private final LearnerSettings settings = Learners.small();
  private final OnlineLearner learner = new OnlineLearner(settings, Backends.named("scalar"));
  private final FakeStore store = new FakeStore();
  private final long one = learner.create("a").heapBytes();

  @AfterEach
  void close() {
    learner.close();
  }

  @Test
  void aNewLearnerIsCreatedOnceAndKept() throws Exception {
    LearnerCache cache = cache(10 * one);

    LearnerCache.Entry first = get(cache, "a");

    assertThat(get(cache, "a")).isSameAs(first);
    assertThat(first.state.modelKey).isEqualTo("a");
    assertThat(store.reads).containsExactly("a");
    assertThat(store.writes).isEmpty();
    assertThat(cache.hitRate()).isCloseTo(0.5, within(1e-9));
    assertThat(cache.size()).isEqualTo(1);
    assertThat(cache.bytes()).isEqualTo(one);
  }

  @Test
  void theLeastRecentlyUsedLeavesFirst() throws Exception {
    LearnerCache cache = cache(3 * one);
    for (String key : List.of("a", "b", "c", "a")) {
      get(cache, key);
    }

    get(cache, "d");
    get(cache, "e");

    assertThat(store.writes).containsExactly("b", "c");
    assertThat(cache.size()).isEqualTo(3);
    assertThat(cache.bytes()).isEqualTo(3 * one);
  }

  @Test
  void theOneInUseStaysEvenIfItAloneIsTooLarge() throws Exception {
    LearnerCache cache = cache(1);

    LearnerCache.Entry a = get(cache, "a");
    cache.changed("a", a);
    assertThat(get(cache, "a")).isSameAs(a);
    assertThat(store.writes).isEmpty();

    get(cache, "b");
    assertThat(store.writes).containsExactly("a");
    assertThat(cache.size()).isEqualTo(1);
  }

  @Test
  void whatGrowsInUsePushesOthersOut() throws Exception {
    LearnerCache cache = cache(2 * one + 200);
    get(cache, "a");
    LearnerCache.Entry b = get(cache, "b");

    for (int n = 0; n < 3; n++) {
      learner.observe(b.state, Learners.stream(settings).labelled("b", n));
    }
    cache.changed("b", b);

    assertThat(store.writes).containsExactly("a");
    assertThat(cache.bytes()).isEqualTo(b.state.heapBytes()).isGreaterThan(one);
  }

  @Test
  void onlyWhatChangedIsWritten() throws Exception {
    LearnerCache cache = cache(10 * one);
    for (String key : List.of("a", "b", "c")) {
      get(cache, key);
    }
    cache.writeBack();
    assertThat(store.writes).containsExactly("a", "b", "c");

    store.writes.clear();
    cache.changed("b", get(cache, "b"));
    cache.writeBack();
    cache.writeBack();

    assertThat(store.writes).containsExactly("b");
    assertThat(cache.size()).isEqualTo(3);
  }

  @Test
  void anUnchangedLearnerIsEvictedWithoutAWrite() throws Exception {
    store.bytes.put("a", LearnerStateCodec.encode(learner.create("a")));
    LearnerCache cache = cache(one);
    get(cache, "a");

    get(cache, "b");

    assertThat(store.writes).isEmpty();
  }

  @Test
  void whoeverIsEvictedIsReleasedOnceItIsStored() throws Exception {
    store.bytes.put("b", LearnerStateCodec.encode(learner.create("b")));
    LearnerCache cache = cache(2 * one);
    get(cache, "a");
    get(cache, "b");
    cache.writeBack();
    cache.changed("a", get(cache, "a"));
    assertThat(store.calls).containsExactly("write a");

    get(cache, "c");
    get(cache, "d");

    assertThat(store.calls).containsExactly("write a", "release b", "write a", "release a");
  }

  @Test
  void aReloadedLearnerIsTheOneThatWasEvicted() throws Exception {
    LearnerCache cache = cache(1);
    LearnerCache.Entry a = get(cache, "a");
    learner.observe(a.state, Learners.stream(settings).labelled("a", 0));
    cache.changed("a", a);
    byte[] before = LearnerStateCodec.encode(a.state);

    get(cache, "b");
    LearnerCache.Entry reloaded = get(cache, "a");

    assertThat(reloaded).isNotSameAs(a);
    assertThat(LearnerStateCodec.encode(reloaded.state)).isEqualTo(before);
  }

  private static LearnerCache.Entry get(LearnerCache cache, String key) throws Exception {
    LearnerCache.Entry entry = cache.find(key);
    return entry == null ? cache.create(key) : entry;
  }

  private LearnerCache cache(long capacityBytes) {
    return new LearnerCache(
        store,
        capacityBytes,
        learner::create,
        state -> store.calls.add("release " + state.modelKey));
  }

  /** Keeps bytes, so that no learner is shared with the cache. */
  private static final class FakeStore implements LearnerStore {
    final Map<String, byte[]> bytes = new LinkedHashMap<>();
    final List<String> reads = new ArrayList<>();
    final List<String> writes = new ArrayList<>();

    /** Writes and, of the cache, releases in their order. */
    final List<String> calls = new ArrayList<>();

    @Override
    public LearnerState read(String key) {
      reads.add(key);
      return bytes.containsKey(key) ? LearnerStateCodec.decode(bytes.get(key)) : null;
    }

    @Override
    public void write(String key, LearnerState state) {
      writes.add(key);
      calls.add("write " + key);
      bytes.put(key, LearnerStateCodec.encode(state));
    }
  }
}
