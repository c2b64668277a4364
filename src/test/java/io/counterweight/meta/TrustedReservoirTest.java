package io.counterweight.meta;

import static org.assertj.core.api.Assertions.assertThat;

import io.counterweight.meta.TrustedReservoir.LabelledExample;
import io.counterweight.model.SeededRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class TrustedReservoirTest {
  private final SeededRandom random = new SeededRandom(1);

  @Test
  void theNewestOfEachClassAreKept() {
    TrustedReservoir reservoir = filled(3, 10, 2);

    assertThat(reservoir.size(0)).isEqualTo(3);
    assertThat(reservoir.size(1)).isEqualTo(2);
    assertThat(times(reservoir.fresh(0))).containsExactly(7L, 8L, 9L);
    assertThat(times(reservoir.fresh(1))).containsExactly(0L, 1L);
  }

  @Test
  void theOldestMakesRoomWhetherItHasSteeredOrNot() {
    TrustedReservoir reservoir = filled(3, 3, 3);
    reservoir.drawMeta(List.of(0), 2, random);

    reservoir.add(0, example(10));
    assertThat(times(reservoir.seasoned(0))).containsExactly(1L);
    assertThat(times(reservoir.fresh(0))).containsExactly(2L, 10L);

    reservoir.add(0, example(11));
    reservoir.add(0, example(12));
    assertThat(reservoir.seasoned(0)).isEmpty();
    assertThat(times(reservoir.fresh(0))).containsExactly(10L, 11L, 12L);
  }

  @Test
  void freshExamplesSteerBeforeTheyAnchor() {
    TrustedReservoir reservoir = filled(4, 4, 4);

    assertThat(reservoir.drawAnchor(List.of(0, 1), 6, random)).isEmpty();
    List<LabelledExample> steering = reservoir.drawMeta(List.of(0, 1), 4, random);
    List<LabelledExample> anchoring = reservoir.drawAnchor(List.of(0, 1), 40, random);

    assertThat(times(steering, 0)).containsExactly(0L, 1L);
    assertThat(times(steering, 1)).containsExactly(0L, 1L);
    assertThat(times(anchoring, 0)).containsOnly(0L, 1L);
    assertThat(times(reservoir.seasoned(0))).containsExactly(0L, 1L);
    assertThat(times(reservoir.fresh(0))).containsExactly(2L, 3L);
  }

  @Test
  void anAnchorNeedsEveryClassToHaveSteered() {
    TrustedReservoir reservoir = filled(4, 4, 4);
    reservoir.drawMeta(List.of(0), 2, random);

    assertThat(reservoir.drawAnchor(List.of(0, 1), 4, random)).isEmpty();
    assertThat(reservoir.drawAnchor(List.of(0), 4, random)).hasSize(4);
  }

  @Test
  void drawsAreBalancedAndFillUpWithWhatHasSteered() {
    TrustedReservoir reservoir = filled(50, 50, 2);

    List<LabelledExample> drawn = reservoir.drawMeta(List.of(0, 1), 41, random);

    assertThat(times(drawn, 0)).hasSize(21).doesNotHaveDuplicates();
    assertThat(times(drawn, 1)).hasSize(20).containsOnly(0L, 1L).startsWith(0L, 1L);
  }

  @Test
  void oldExamplesExpireWhetherTheyHaveSteeredOrNot() {
    TrustedReservoir reservoir = filled(10, 6, 6);
    reservoir.drawMeta(List.of(0), 4, random);

    reservoir.expire(3);

    assertThat(times(reservoir.seasoned(0))).containsExactly(3L);
    assertThat(times(reservoir.fresh(0))).containsExactly(4L, 5L);
    assertThat(times(reservoir.fresh(1))).containsExactly(3L, 4L, 5L);
  }

  @Test
  void aClassIsReadyOnceItHasEnough() {
    TrustedReservoir reservoir = new TrustedReservoir(3, 10);
    for (long time = 0; time < 4; time++) {
      reservoir.add(2, example(time));
    }
    reservoir.add(0, example(0));

    assertThat(reservoir.readyClasses(1)).containsExactly(0, 2);
    assertThat(reservoir.readyClasses(4)).containsExactly(2);
    assertThat(reservoir.readyClasses(5)).isEmpty();
  }

  @Test
  void equalSourcesDrawEqualExamples() {
    List<LabelledExample> one = filled(20, 20, 20).drawMeta(List.of(0, 1), 90, new SeededRandom(4));
    List<LabelledExample> two = filled(20, 20, 20).drawMeta(List.of(0, 1), 90, new SeededRandom(4));

    assertThat(times(two, 0)).isEqualTo(times(one, 0));
    assertThat(times(two, 1)).isEqualTo(times(one, 1));
  }

  /** Classes 0 and 1, times from 0. */
  private static TrustedReservoir filled(int perClass, int zeros, int ones) {
    TrustedReservoir reservoir = new TrustedReservoir(2, perClass);
    LongStream.range(0, zeros).forEach(time -> reservoir.add(0, example(time)));
    LongStream.range(0, ones).forEach(time -> reservoir.add(1, example(time)));
    return reservoir;
  }

  private static TrustedExample example(long time) {
    return new TrustedExample(time, new float[] {time}, LabelPairs.UNKNOWN);
  }

  private static List<Long> times(List<TrustedExample> examples) {
    return examples.stream().map(TrustedExample::eventTime).toList();
  }

  private static List<Long> times(List<LabelledExample> drawn, int label) {
    List<Long> times = new ArrayList<>();
    for (LabelledExample example : drawn) {
      if (example.label() == label) {
        times.add(example.example().eventTime());
      }
    }
    return times;
  }
}
