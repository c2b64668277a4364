package io.counterweight.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class AcceptRuleTest {
  @Test
  void thePapersRuleComparesWithTheLastAcceptedLoss() {
    AcceptRule rule = AcceptRule.lastAccepted(AcceptRule.STARTING_LOSS);

    assertThat(rule.accepts(10)).isTrue();
    assertThat(rule.accepts(10.1)).isFalse();
    rule.accepted(0.5);
    assertThat(rule.bound()).isEqualTo(0.5);
    assertThat(rule.accepts(0.5)).isTrue();
    assertThat(rule.accepts(Math.nextUp(0.5))).isFalse();
    assertThat(rule.accepts(Double.NaN)).isFalse();
  }

  @Test
  void thePublishedBoundIsTheLargerOfTwoMeans() {
    AcceptRule rule = AcceptRule.publishedCode();
    assertThat(rule.bound()).isEqualTo(10);
    assertThat(rule.accepts(10)).as("strictly below").isFalse();

    rule.accepted(0.4);
    assertThat(rule.bound()).isEqualTo(0.4);
    rule.accepted(0.1);
    // The last half is the last one, .1; the mean of all is .25.
    assertThat(rule.bound()).isCloseTo(0.25, within(1e-12));
    rule.accepted(0.2);
    rule.accepted(0.3);
    // The last half .2 and .3, all .25: equal.
    assertThat(rule.bound()).isCloseTo(0.25, within(1e-12));
    for (int i = 0; i < 6; i++) {
      rule.accepted(0.01);
    }
    // Ten: the last five .01, all .106.
    assertThat(rule.bound()).isCloseTo(0.106, within(1e-12));
  }
}
