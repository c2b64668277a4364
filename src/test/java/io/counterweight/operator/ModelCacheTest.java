package io.counterweight.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.counterweight.compute.Backends;
import io.counterweight.learner.OnlineLearner;
import io.counterweight.learner.ScoringModel;
import io.counterweight.support.Learners;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ModelCacheTest {
  private final List<ScoringModel> released = new ArrayList<>();

  @Test
  void theLeastRecentlyUsedModelLeaves() {
    ScoringModel a = model();
    ScoringModel b = model();
    ScoringModel c = model();
    ModelCache cache = new ModelCache(2 * a.heapBytes(), released::add);
    cache.put("a", a);
    cache.put("b", b);
    assertThat(cache.find("a")).isSameAs(a);
    cache.put("c", c);

    assertThat(cache.find("b")).isNull();
    assertThat(cache.find("a")).isSameAs(a);
    assertThat(cache.find("c")).isSameAs(c);
    assertThat(released).containsExactly(b);
    assertThat(cache.bytes()).isEqualTo(2 * a.heapBytes());
    assertThat(cache.hits()).isEqualTo(3);
    assertThat(cache.misses()).isZero();
    cache.missed();
    assertThat(cache.misses()).isEqualTo(1);
  }

  @Test
  void aNewVersionTakesThePlaceOfTheOld() {
    ScoringModel old = model();
    ScoringModel next = model();
    ModelCache cache = new ModelCache(10 * old.heapBytes(), released::add);
    cache.put("a", old);
    cache.put("a", next);

    assertThat(cache.find("a")).isSameAs(next);
    assertThat(released).containsExactly(old);
    assertThat(cache.bytes()).isEqualTo(next.heapBytes());
  }

  @Test
  void theNewestStaysThoughItAloneIsTooLarge() {
    ScoringModel a = model();
    ScoringModel b = model();
    ModelCache cache = new ModelCache(0, released::add);
    cache.put("a", a);
    cache.put("b", b);

    assertThat(cache.find("b")).isSameAs(b);
    assertThat(released).containsExactly(a);
  }

  private static ScoringModel model() {
    try (OnlineLearner learner = new OnlineLearner(Learners.small(), Backends.named("scalar"))) {
      return ScoringModel.of(learner.create("key"));
    }
  }
}
