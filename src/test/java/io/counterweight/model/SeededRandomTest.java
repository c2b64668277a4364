package io.counterweight.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class SeededRandomTest {

  @Test
  void continuesFromItsState() {
    SeededRandom random = new SeededRandom(7);
    random.nextGaussian();

    SeededRandom continued = new SeededRandom(random.state());

    assertThat(longs(continued)).isEqualTo(longs(random));
  }

  @Test
  void equalsTheReferenceSequence() {
    // The first numbers of SplitMix64 from state 0, as its authors publish them.
    assertThat(longs(new SeededRandom(0)))
        .startsWith(0xE220A8397B1DCDAFL, 0x6E789E6AA1B965F4L, 0x06C45D188009454FL);
  }

  @Test
  void keysAndSeedsHaveStreamsOfTheirOwn() {
    assertThat(longs(SeededRandom.forKey(1, "shop")))
        .isEqualTo(longs(SeededRandom.forKey(1, "shop")));

    long[] firsts =
        LongStream.of(
                SeededRandom.forKey(1, "shop").nextLong(),
                SeededRandom.forKey(2, "shop").nextLong(),
                SeededRandom.forKey(1, "shoq").nextLong(),
                SeededRandom.forKey(1, "pohs").nextLong(),
                SeededRandom.forKey(1, "").nextLong(),
                SeededRandom.forKey(2, "").nextLong())
            .distinct()
            .toArray();
    assertThat(firsts).hasSize(6);
  }

  @Test
  void uniformNumbersFillTheirRangeEvenly() {
    SeededRandom random = new SeededRandom(3);
    int[] bins = new int[10];
    int[] ofThree = new int[3];
    double floats = 0;
    for (int i = 0; i < 30_000; i++) {
      double value = random.nextDouble();
      assertThat(value >= 0 && value < 1).isTrue();
      bins[(int) (10 * value)]++;
      ofThree[random.nextInt(3)]++;
      float single = random.nextFloat();
      assertThat(single >= 0 && single < 1).isTrue();
      floats += single;
    }

    // Five standard deviations each.
    assertThat(Arrays.stream(bins).boxed())
        .allSatisfy(count -> assertThat(count).isBetween(2740, 3260));
    assertThat(Arrays.stream(ofThree).boxed())
        .allSatisfy(count -> assertThat(count).isBetween(9590, 10410));
    assertThat(floats / 30_000).isCloseTo(0.5, within(0.009));
  }

  @Test
  void gaussiansHaveMeanZeroVarianceOneAndTails() {
    SeededRandom random = new SeededRandom(4);
    double sum = 0;
    double squares = 0;
    int beyondTwo = 0;
    for (int i = 0; i < 30_000; i++) {
      double value = random.nextGaussian();
      sum += value;
      squares += value * value;
      beyondTwo += Math.abs(value) > 2 ? 1 : 0;
    }

    assertThat(sum / 30_000).isCloseTo(0, within(0.03));
    assertThat(squares / 30_000).isCloseTo(1, within(0.05));
    assertThat(beyondTwo / 30_000.0).isCloseTo(0.0455, within(0.007));
  }

  private static long[] longs(SeededRandom random) {
    return LongStream.generate(random::nextLong).limit(5).toArray();
  }
}
