package io.counterweight.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DelayedWindowsTest {
  private static final long[] LENGTHS = {10, 70, 300};

  private record Entry(long time, int value) {}

  @ParameterizedTest
  @ValueSource(longs = {0, 70})
  void agreesWithARecountAtEveryStep(long delay) {
    Random random = new Random(3);
    DelayedWindows windows = new DelayedWindows(delay, LENGTHS);
    List<Entry> entries = new ArrayList<>();
    long now = 1_000_000;

    for (int i = 0; i < 5000; i++) {
      now += random.nextInt(20) == 0 ? random.nextInt(500) : random.nextInt(4);
      if (random.nextBoolean()) {
        Entry entry = new Entry(now, random.nextInt(1000));
        entries.add(entry);
        windows.add(entry.time(), entry.value());
      }
      windows.advance(now);

      for (int w = 0; w < LENGTHS.length; w++) {
        long youngest = now - delay;
        long horizon = youngest - LENGTHS[w];
        List<Entry> inside =
            entries.stream().filter(e -> e.time() > horizon && e.time() <= youngest).toList();
        assertThat(windows.count(w)).isEqualTo(inside.size());
        assertThat(windows.sum(w)).isEqualTo(inside.stream().mapToLong(Entry::value).sum());
      }
    }
  }

  @Test
  void forgetsWhatHasLeftTheLongestWindow() {
    DelayedWindows windows = new DelayedWindows(5, LENGTHS);

    for (long now = 0; now < 100_000; now++) {
      windows.add(now, 1);
      windows.advance(now);
    }

    assertThat(windows.held()).isEqualTo(305);
  }

  @Test
  void theMeanOfAnEmptyWindowIsZero() {
    DelayedWindows windows = new DelayedWindows(0, LENGTHS);

    windows.advance(5);

    assertThat(windows.mean(0)).isZero();
  }
}
