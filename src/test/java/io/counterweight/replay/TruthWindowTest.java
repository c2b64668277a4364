package io.counterweight.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.counterweight.evaluation.Truth;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;

class TruthWindowTest {
  private final TruthWindow window = new TruthWindow(FewEvents.of(100));

  @Test
  void resultsFindTheTruthInAnyOrder() {
    assertThat(window.ofResult("e3")).isEqualTo(new Truth(3, 0, 1));
    assertThat(window.ofResult("e0")).isEqualTo(new Truth(0, 1, 0));
    assertThat(window.ofResult("e3")).isEqualTo(new Truth(3, 0, 1));
  }

  @Test
  void eventsWithBothResultsAreForgotten() {
    for (int i = 0; i < 100; i++) {
      window.ofResult("e" + i);
      if (i >= 10) {
        window.ofResult("e" + (i - 10));
      }
      assertThat(window.size()).isLessThanOrEqualTo(11);
    }

    assertThat(window.trusted()).isEqualTo(34);
  }

  @Test
  void aStrangerIsNamed() {
    assertThatThrownBy(() -> window.ofResult("x9"))
        .isInstanceOf(NoSuchElementException.class)
        .hasMessageContaining("x9");
  }
}
