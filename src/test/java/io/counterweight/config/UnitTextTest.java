package io.counterweight.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Durations, sizes and numbers as text. */
class UnitTextTest {

  @ParameterizedTest
  @CsvSource({
    "500 ms, 500, 500 ms",
    "500, 500, 500 ms",
    "5s, 5000, 5 s",
    "60 s, 60000, 1 min",
    "90 min, 5400000, 90 min",
    "30 d, 2592000000, 30 d",
    "48 h, 172800000, 2 d",
    "0, 0, 0 ms"
  })
  void durationsTakeUnits(String text, long millis, String shortest) {
    assertThat(DurationText.parse(text)).isEqualTo(Duration.ofMillis(millis));
    assertThat(DurationText.format(Duration.ofMillis(millis))).isEqualTo(shortest);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "s", "5 sec", "-5 s", "1.5 s", "5 S", "1000000000000000 d"})
  void otherDurationsAreRefused(String text) {
    assertThatThrownBy(() -> DurationText.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "64 MiB, 67108864, 64 MiB",
    "1024, 1024, 1 KiB",
    "1000, 1000, 1000 B",
    "1536KiB, 1572864, 1536 KiB",
    "0, 0, 0 B"
  })
  void sizesTakeUnits(String text, long bytes, String shortest) {
    assertThat(ByteSizeText.parse(text)).isEqualTo(bytes);
    assertThat(ByteSizeText.format(bytes)).isEqualTo(shortest);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "MiB", "64 MB", "-1", "1.5 GiB", "999999999999999 TiB"})
  void otherSizesAreRefused(String text) {
    assertThatThrownBy(() -> ByteSizeText.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @CsvSource({
    ".002, 0.002",
    "1e-8, 1e-8",
    "1000, 1000",
    "1.50, 1.5",
    "3.4e38, 34e37",
    "-0, 0",
    "1E3, 1000",
    "0.00001, 0.00001"
  })
  void numbersAreWrittenShort(String text, String written) {
    assertThat(NumberText.format(NumberText.parse(text))).isEqualTo(written);
    assertThat(NumberText.parse(written)).isEqualTo(NumberText.parse(text) + 0f);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "NaN", "Infinity", "1e39", "1f", "0x1p3", "1,5", "1 2"})
  void otherNumbersAreRefused(String text) {
    assertThatThrownBy(() -> NumberText.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void everyFloatReadsBack() {
    for (int bits = 0; bits < 0x7f800000; bits += 1_000_003) {
      float value = Float.intBitsToFloat(bits);
      assertThat(NumberText.parse(NumberText.format(value))).isEqualTo(value);
    }
  }
}
