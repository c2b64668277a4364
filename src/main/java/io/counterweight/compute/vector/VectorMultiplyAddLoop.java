package io.counterweight.compute.vector;

import io.counterweight.compute.MultiplyAddLoop;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Twelve independent chains: two units with a latency of four or five cycles need eight to ten, and
 * with the two operands they fit sixteen registers.
 */
public final class VectorMultiplyAddLoop implements MultiplyAddLoop {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int CHAINS = 12;

  @Override
  public long operationsPerRound() {
    return 2L * CHAINS * SPECIES.length();
  }

  @Override
  public float run(int rounds) {
    // v = v / 2 + 1 / 4 stays between 0 and 1.
    FloatVector x = FloatVector.broadcast(SPECIES, 0.5f);
    FloatVector y = FloatVector.broadcast(SPECIES, 0.25f);
    FloatVector s0 = FloatVector.broadcast(SPECIES, 0f);
    FloatVector s1 = FloatVector.broadcast(SPECIES, 0.1f);
    FloatVector s2 = FloatVector.broadcast(SPECIES, 0.2f);
    FloatVector s3 = FloatVector.broadcast(SPECIES, 0.3f);
    FloatVector s4 = FloatVector.broadcast(SPECIES, 0.4f);
    FloatVector s5 = FloatVector.broadcast(SPECIES, 0.45f);
    FloatVector s6 = FloatVector.broadcast(SPECIES, 0.55f);
    FloatVector s7 = FloatVector.broadcast(SPECIES, 0.6f);
    FloatVector s8 = FloatVector.broadcast(SPECIES, 0.7f);
    FloatVector s9 = FloatVector.broadcast(SPECIES, 0.8f);
    FloatVector s10 = FloatVector.broadcast(SPECIES, 0.9f);
    FloatVector s11 = FloatVector.broadcast(SPECIES, 1f);
    for (int round = 0; round < rounds; round++) {
      s0 = s0.fma(x, y);
      s1 = s1.fma(x, y);
      s2 = s2.fma(x, y);
      s3 = s3.fma(x, y);
      s4 = s4.fma(x, y);
      s5 = s5.fma(x, y);
      s6 = s6.fma(x, y);
      s7 = s7.fma(x, y);
      s8 = s8.fma(x, y);
      s9 = s9.fma(x, y);
      s10 = s10.fma(x, y);
      s11 = s11.fma(x, y);
    }
    return s0.add(s1)
        .add(s2)
        .add(s3)
        .add(s4)
        .add(s5)
        .add(s6)
        .add(s7)
        .add(s8)
        .add(s9)
        .add(s10)
        .add(s11)
        .reduceLanes(VectorOperators.ADD);
  }

  @Override
  public String toString() {
    return SPECIES.vectorBitSize() + "-bit vectors";
  }
}
