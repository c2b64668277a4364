package io.counterweight.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WindowsTest {
  @ParameterizedTest
  @CsvSource({"1,60", "7,3", "59,60", "60,60", "61,60", "1000,7", "100001,60"})
  void everyEventIsInTheWindowWhoseEndsItLiesBetween(long events, int most) {
    Windows windows = Windows.atMost(most, events);

    for (int index = 0; index < events; index++) {
      int window = windows.of(index);
      assertThat((long) index)
          .isGreaterThanOrEqualTo(windows.from(window))
          .isLessThan(windows.from(window + 1));
    }
    assertThat(windows.of(events + 5)).isEqualTo(windows.count() - 1);
    assertThat(windows.from(windows.count())).isEqualTo(events);
  }

  @ParameterizedTest
  @CsvSource({"0,1", "3,0", "3,4"})
  void moreWindowsThanEventsAreRefused(long events, int count) {
    assertThatThrownBy(() -> new Windows(events, count))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(events + " events in " + count + " windows");
  }
}
