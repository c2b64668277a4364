package io.counterweight.compute.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.counterweight.compute.Backends;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every loop of every implementation against plain double arithmetic. */
class KernelsTest {
  private static final int[] SIZES = {1, 2, 3, 5, 7, 8, 9, 17, 33};
  private static final int[] EVENTS = {1, 7, 8, 9, 16, 31, 130};

  /** Of the sum of the terms' magnitudes. */
  private static final double TOLERANCE = 1e-5;

  /** Where what a call works on begins, in arrays that it is told the beginning of. */
  private static final int AT = 3;

  private static final float LARGE = 1e30f;
  private static final float SLOPE = 0.01f;
  private static final int REPETITIONS = 60_000;

  private record Method(String name, Function<Sizes, Problem> problem) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Method> methods() {
    return Stream.of(
        new Method("product", sizes -> product(sizes, false)),
        new Method("product, transposed", sizes -> product(sizes, true)),
        new Method("outer", KernelsTest::outer),
        new Method("matrixVector", KernelsTest::matrixVector),
        new Method("fillRows", KernelsTest::fillRows),
        new Method("rowSums", KernelsTest::rowSums),
        new Method("rowSquares", KernelsTest::rowSquares),
        new Method("rowDots", KernelsTest::rowDots),
        new Method("multiply", sizes -> multiply(sizes, false)),
        new Method("multiplyAdd", sizes -> multiply(sizes, true)),
        new Method("normaliseRows", KernelsTest::normaliseRows),
        new Method("activateRows", sizes -> activateRows(sizes, false)),
        new Method("activateRows, in place", sizes -> activateRows(sizes, true)),
        new Method("gateRows", KernelsTest::gateRows),
        new Method("scaleRows", KernelsTest::scaleRows),
        new Method("combineRows", KernelsTest::combineRows),
        new Method("tangentRows", KernelsTest::tangentRows),
        new Method("activateEvent", KernelsTest::activateEvent));
  }

  @ParameterizedTest
  @ValueSource(strings = {"vector", "scalar"})
  void tilesHoldAllEvents(String backend) {
    Kernels kernels = named(backend);
    for (int n : EVENTS) {
      int width = kernels.width(n);

      assertThat(width).isPositive();
      assertThat(tiles(width, n) * width - n).isBetween(0, width - 1);
    }
  }

  @ParameterizedTest
  @MethodSource("methods")
  void theVectorKernelsComputeWhatTheContractSays(Method method) {
    checkAll(named("vector"), method);
  }

  @ParameterizedTest
  @MethodSource("methods")
  void theScalarKernelsComputeWhatTheContractSays(Method method) {
    checkAll(named("scalar"), method);
  }

  private static void checkAll(Kernels kernels, Method method) {
    for (int n : EVENTS) {
      for (int rows : SIZES) {
        for (int depth : SIZES) {
          Sizes sizes = new Sizes(rows, depth, n, kernels.width(n));
          method.problem.apply(sizes).check(kernels, method.name + " of " + sizes);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("methods")
  void compiledCodeGivesTheBitsOfTheFirstCall(Method method) {
    for (int n : new int[] {7, 31}) {
      Kernels kernels = new NotYetCompiled().vectorKernels();
      Problem problem = method.problem.apply(new Sizes(5, 17, n, kernels.width(n)));
      float[][] first = problem.run(kernels);
      for (int i = 1; i < REPETITIONS; i++) {
        if (!Arrays.deepEquals(problem.run(kernels), first)) {
          fail("Call %d of %s on %d events gives other bits than the first", i, method, n);
        }
      }
    }
  }

  private static Kernels named(String backend) {
    return ((CpuBackend) Backends.named(backend)).kernels().get();
  }

  private static int tiles(int width, int n) {
    return (n + width - 1) / width;
  }

  /** Loads the vector kernels once more, without the machine code of earlier calls. */
  private static final class NotYetCompiled extends ClassLoader {
    private static final String NAME = "io.counterweight.compute.vector.VectorKernels";

    private NotYetCompiled() {
      super(KernelsTest.class.getClassLoader());
    }

    private Kernels vectorKernels() {
      String file = NAME.replace('.', '/') + ".class";
      try (InputStream in = getParent().getResourceAsStream(file)) {
        byte[] bytes = in.readAllBytes();
        Class<?> kernels = defineClass(NAME, bytes, 0, bytes.length);
        return (Kernels) kernels.getDeclaredConstructor().newInstance();
      } catch (IOException | ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  // ------------------------------------------------------------------------------------- problems

  /**
   * @param depth columns, or rows of the other factor, where there are such
   */
  private record Sizes(int rows, int depth, int n, int width) {
    int tiles() {
      return KernelsTest.tiles(width, n);
    }

    int padded() {
      return width * tiles();
    }

    /** Place of a row's event, of that many rows. */
    int place(int ofRows, int row, int event) {
      return (event / width * ofRows + row) * width + event % width;
    }

    Random random() {
      return new Random(rows + 100L * depth + 10_000L * n);
    }
  }

  /** The arrays of a call, and what shall be in them afterwards: what they held, unless told. */
  private static final class Problem {
    private final Random random;
    private final Sizes sizes;
    private final List<float[]> arrays = new ArrayList<>();

    /** Not a number where anything may be. */
    private final List<double[]> expected = new ArrayList<>();

    private final List<double[]> magnitudes = new ArrayList<>();
    private BiConsumer<Kernels, float[][]> call;

    private Problem(Sizes sizes) {
      this.sizes = sizes;
      random = sizes.random();
    }

    private float[] add(float[] array) {
      arrays.add(array);
      double[] same = new double[array.length];
      for (int i = 0; i < same.length; i++) {
        same[i] = array[i];
      }
      expected.add(same);
      magnitudes.add(new double[array.length]);
      return array;
    }

    /** Numbers in and around [at, at + length). */
    private float[] numbers(int at, int length) {
      float[] array = new float[at + length + 5];
      for (int i = 0; i < array.length; i++) {
        array[i] = (float) random.nextGaussian();
      }
      return add(array);
    }

    /** As {@link #numbers}, in tiles. */
    private float[] tiled(int at, int rows, float padding) {
      float[] array = numbers(at, rows * sizes.padded());
      for (int row = 0; row < rows; row++) {
        for (int e = sizes.n; e < sizes.padded(); e++) {
          int i = at + sizes.place(rows, row, e);
          array[i] = padding;
          expected.get(expected.size() - 1)[i] = padding;
        }
      }
      return array;
    }

    private int indexOf(float[] array) {
      int i = 0;
      while (arrays.get(i) != array) {
        i++;
      }
      return i;
    }

    /** Expects a value that is the sum of terms of that magnitude. */
    private void expect(float[] array, int at, double value, double magnitude) {
      expected.get(indexOf(array))[at] = value;
      magnitudes.get(indexOf(array))[at] = magnitude;
    }

    /** Expects nothing of the padding. */
    private void leavePadding(float[] array, int at, int rows) {
      for (int row = 0; row < rows; row++) {
        for (int e = sizes.n; e < sizes.padded(); e++) {
          expect(array, at + sizes.place(rows, row, e), Double.NaN, 0);
        }
      }
    }

    private Problem calls(BiConsumer<Kernels, float[][]> body) {
      call = body;
      return this;
    }

    private float[][] run(Kernels kernels) {
      float[][] copies = new float[arrays.size()][];
      for (int k = 0; k < copies.length; k++) {
        copies[k] = arrays.get(k).clone();
      }
      call.accept(kernels, copies);
      return copies;
    }

    private void check(Kernels kernels, String name) {
      float[][] found = run(kernels);
      for (int k = 0; k < found.length; k++) {
        for (int i = 0; i < found[k].length; i++) {
          double wanted = expected.get(k)[i];
          double bound = TOLERANCE * magnitudes.get(k)[i];
          if (!Double.isNaN(wanted) && !(Math.abs(found[k][i] - wanted) <= bound)) {
            fail("%s: array %d has %s at %d, expected %s", name, k, found[k][i], i, wanted);
          }
        }
      }
    }
  }

  /** Adds terms up in double precision, and their magnitudes. */
  private static final class Sum {
    private double value;
    private double magnitude;

    private Sum(double start) {
      add(start);
    }

    private void add(double term) {
      value += term;
      magnitude += Math.abs(term);
    }
  }

  private static double leaky(double value) {
    return Math.max(value, SLOPE * value);
  }

  private static double gate(double value) {
    return value > 0 ? 1 : SLOPE;
  }

  private static Problem product(Sizes s, boolean transposed) {
    Problem problem = new Problem(s);
    int aRow = transposed ? 1 : s.depth;
    int aColumn = transposed ? s.rows : 1;
    float[] a = problem.numbers(AT, s.rows * s.depth);
    float[] x = problem.tiled(AT + 1, s.depth, LARGE);
    float[] y = problem.tiled(AT + 2, s.rows, 0);
    for (int r = 0; r < s.rows; r++) {
      for (int e = 0; e < s.n; e++) {
        int to = AT + 2 + s.place(s.rows, r, e);
        Sum sum = new Sum(y[to]);
        for (int k = 0; k < s.depth; k++) {
          sum.add((double) a[AT + r * aRow + k * aColumn] * x[AT + 1 + s.place(s.depth, k, e)]);
        }
        problem.expect(y, to, sum.value, sum.magnitude);
      }
    }
    problem.leavePadding(y, AT + 2, s.rows);
    return problem.calls(
        (kernels, in) ->
            kernels.product(
                in[0], AT, aRow, aColumn, s.rows, s.depth, in[1], AT + 1, in[2], AT + 2, s.width,
                s.tiles()));
  }

  private static Problem outer(Sizes s) {
    Problem problem = new Problem(s);
    float[] d = problem.tiled(AT, s.rows, 0);
    float[] x = problem.tiled(AT + 1, s.depth, LARGE);
    float[] g = problem.numbers(AT + 2, s.rows * s.depth);
    for (int r = 0; r < s.rows; r++) {
      for (int c = 0; c < s.depth; c++) {
        int to = AT + 2 + r * s.depth + c;
        Sum sum = new Sum(g[to]);
        for (int e = 0; e < s.n; e++) {
          sum.add((double) d[AT + s.place(s.rows, r, e)] * x[AT + 1 + s.place(s.depth, c, e)]);
        }
        problem.expect(g, to, sum.value, sum.magnitude);
      }
    }
    return problem.calls(
        (kernels, in) ->
            kernels.outer(
                in[0], AT, s.rows, in[1], AT + 1, s.depth, s.width, s.tiles(), in[2], AT + 2));
  }

  private static Problem matrixVector(Sizes s) {
    Problem problem = new Problem(s);
    float[] w = problem.numbers(AT, s.rows * s.depth);
    float[] x = problem.numbers(AT + 1, s.depth);
    float[] y = problem.numbers(AT + 2, s.rows);
    for (int r = 0; r < s.rows; r++) {
      Sum sum = new Sum(y[AT + 2 + r]);
      for (int c = 0; c < s.depth; c++) {
        sum.add((double) w[AT + r * s.depth + c] * x[AT + 1 + c]);
      }
      problem.expect(y, AT + 2 + r, sum.value, sum.magnitude);
    }
    return problem.calls(
        (kernels, in) ->
            kernels.matrixVector(in[0], AT, s.rows, s.depth, in[1], AT + 1, in[2], AT + 2));
  }

  private static Problem fillRows(Sizes s) {
    Problem problem = new Problem(s);
    float[] values = problem.numbers(AT, s.rows);
    float[] y = problem.tiled(AT + 1, s.rows, 0);
    for (int r = 0; r < s.rows; r++) {
      for (int e = 0; e < s.n; e++) {
        problem.expect(y, AT + 1 + s.place(s.rows, r, e), values[AT + r], 0);
      }
    }
    problem.leavePadding(y, AT + 1, s.rows);
    return problem.calls(
        (kernels, in) -> kernels.fillRows(in[0], AT, s.rows, in[1], AT + 1, s.width, s.tiles()));
  }

  private static Problem rowSums(Sizes s) {
    Problem problem = new Problem(s);
    float[] x = problem.tiled(AT, s.rows, LARGE);
    float[] out = problem.numbers(AT + 1, s.rows);
    for (int r = 0; r < s.rows; r++) {
      Sum sum = new Sum(out[AT + 1 + r]);
      for (int e = 0; e < s.n; e++) {
        sum.add(x[AT + s.place(s.rows, r, e)]);
      }
      problem.expect(out, AT + 1 + r, sum.value, sum.magnitude);
    }
    return problem.calls(
        (kernels, in) -> kernels.rowSums(in[0], AT, s.rows, s.width, s.n, in[1], AT + 1));
  }

  private static Problem rowSquares(Sizes s) {
    Problem problem = new Problem(s);
    float[] x = problem.tiled(AT, s.rows, LARGE);
    float[] from = problem.numbers(AT + 1, s.rows);
    float[] out = problem.numbers(AT + 2, s.rows);
    for (int r = 0; r < s.rows; r++) {
      Sum sum = new Sum(out[AT + 2 + r]);
      for (int e = 0; e < s.n; e++) {
        double distance = (double) x[AT + s.place(s.rows, r, e)] - from[AT + 1 + r];
        sum.add(distance * distance);
      }
      problem.expect(out, AT + 2 + r, sum.value, sum.magnitude);
    }
    return problem.calls(
        (kernels, in) ->
            kernels.rowSquares(in[0], AT, s.rows, s.width, s.n, in[1], AT + 1, in[2], AT + 2));
  }

  private static Problem rowDots(Sizes s) {
    Problem problem = new Problem(s);
    float[] a = problem.tiled(AT, s.rows, LARGE);
    float[] b = problem.tiled(AT + 1, s.rows, -LARGE);
    float[] out = problem.numbers(AT + 2, s.rows);
    for (int r = 0; r < s.rows; r++) {
      Sum sum = new Sum(out[AT + 2 + r]);
      for (int e = 0; e < s.n; e++) {
        int at = AT + s.place(s.rows, r, e);
        sum.add((double) a[at] * b[at + 1]);
      }
      problem.expect(out, AT + 2 + r, sum.value, sum.magnitude);
    }
    return problem.calls(
        (kernels, in) ->
            kernels.rowDots(in[0], AT, in[1], AT + 1, s.rows, s.width, s.n, in[2], AT + 2));
  }

  /** The length is all that counts. */
  private static Problem multiply(Sizes s, boolean add) {
    Problem problem = new Problem(s);
    int length = s.rows * s.padded();
    float[] a = problem.numbers(AT, length);
    float[] b = problem.numbers(AT + 1, length);
    float[] y = problem.numbers(AT + 2, length);
    for (int i = 0; i < length; i++) {
      Sum sum = new Sum(add ? y[AT + 2 + i] : 0);
      sum.add((double) a[AT + i] * b[AT + 1 + i]);
      problem.expect(y, AT + 2 + i, sum.value, sum.magnitude);
    }
    return problem.calls(
        (kernels, in) -> {
          if (add) {
            kernels.multiplyAdd(in[0], AT, in[1], AT + 1, in[2], AT + 2, length);
          } else {
            kernels.multiply(in[0], AT, in[1], AT + 1, in[2], AT + 2, length);
          }
        });
  }

  private static Problem normaliseRows(Sizes s) {
    Problem problem = new Problem(s);
    float[] x = problem.tiled(AT, s.rows, LARGE);
    float[] mean = problem.numbers(1, s.rows);
    float[] inverse = problem.numbers(2, s.rows);
    float[] scale = problem.numbers(3, s.rows);
    float[] shift = problem.numbers(4, s.rows);
    float[] y = problem.tiled(0, s.rows, 0);
    for (int r = 0; r < s.rows; r++) {
      for (int e = 0; e < s.n; e++) {
        int at = s.place(s.rows, r, e);
        Sum normalised = new Sum((double) x[AT + at] * inverse[2 + r]);
        normalised.add(-(double) mean[1 + r] * inverse[2 + r]);
        problem.expect(x, AT + at, normalised.value, normalised.magnitude);
        double active = leaky(normalised.value * scale[3 + r] + shift[4 + r]);
        double magnitude = normalised.magnitude * Math.abs(scale[3 + r]) + Math.abs(shift[4 + r]);
        problem.expect(y, at, active, magnitude);
      }
    }
    problem.leavePadding(x, AT, s.rows);
    problem.leavePadding(y, 0, s.rows);
    return problem.calls(
        (kernels, in) ->
            kernels.normaliseRows(
                in[0], AT, s.rows, s.width, s.tiles(), in[1], 1, in[2], 2, in[3], 3, in[4], 4,
                SLOPE, in[5]));
  }

  private static Problem activateRows(Sizes s, boolean inPlace) {
    Problem problem = new Problem(s);
    int xAt = inPlace ? 0 : AT;
    float[] x = problem.tiled(xAt, s.rows, LARGE);
    float[] scale = problem.numbers(1, s.rows);
    float[] shift = problem.numbers(2, s.rows);
    float[] y = inPlace ? x : problem.tiled(0, s.rows, 0);
    for (int r = 0; r < s.rows; r++) {
      for (int e = 0; e < s.n; e++) {
        int at = s.place(s.rows, r, e);
        Sum sum = new Sum((double) x[xAt + at] * scale[1 + r]);
        sum.add(shift[2 + r]);
        problem.expect(y, at, leaky(sum.value), sum.magnitude);
      }
    }
    problem.leavePadding(y, 0, s.rows);
    return problem.calls(
        (kernels, in) ->
            kernels.activateRows(
                in[0],
                xAt,
                s.rows,
                s.width,
                s.tiles(),
                in[1],
                1,
                in[2],
                2,
                SLOPE,
                in[inPlace ? 0 : 3]));
  }

  /** Scale and shift of the first row are 0: it is at the kink, where the slope counts. */
  private static void putFirstRowAtKink(Problem problem, float[] scale, float[] shift) {
    scale[1] = 0;
    shift[2] = 0;
    problem.expect(scale, 1, 0, 0);
    problem.expect(shift, 2, 0, 0);
  }

  private static Problem gateRows(Sizes s) {
    Problem problem = new Problem(s);
    float[] d = problem.tiled(AT, s.rows, 0);
    float[] x = problem.tiled(AT + 1, s.rows, LARGE);
    float[] scale = problem.numbers(1, s.rows);
    float[] shift = problem.numbers(2, s.rows);
    float[] byScale = problem.numbers(0, s.rows);
    float[] byShift = problem.numbers(0, s.rows);
    putFirstRowAtKink(problem, scale, shift);
    for (int r = 0; r < s.rows; r++) {
      Sum along = new Sum(byScale[r]);
      Sum sum = new Sum(byShift[r]);
      for (int e = 0; e < s.n; e++) {
        int at = AT + s.place(s.rows, r, e);
        double gated = d[at] * gate((double) x[at + 1] * scale[1 + r] + shift[2 + r]);
        problem.expect(d, at, gated, Math.abs(gated));
        along.add(gated * x[at + 1]);
        sum.add(gated);
      }
      problem.expect(byScale, r, along.value, along.magnitude);
      problem.expect(byShift, r, sum.value, sum.magnitude);
    }
    problem.leavePadding(d, AT, s.rows);
    return problem.calls(
        (kernels, in) ->
            kernels.gateRows(
                in[0], AT, in[1], AT + 1, s.rows, s.width, s.tiles(), in[2], 1, in[3], 2, SLOPE,
                in[4], in[5]));
  }

  private static Problem scaleRows(Sizes s) {
    Problem problem = new Problem(s);
    float[] d = problem.tiled(AT, s.rows, LARGE);
    float[] a = problem.numbers(0, s.rows);
    for (int r = 0; r < s.rows; r++) {
      for (int e = 0; e < s.n; e++) {
        int at = AT + s.place(s.rows, r, e);
        double scaled = (double) d[at] * a[r];
        problem.expect(d, at, scaled, Math.abs(scaled));
      }
    }
    problem.leavePadding(d, AT, s.rows);
    return problem.calls(
        (kernels, in) -> kernels.scaleRows(in[0], AT, s.rows, s.width, s.tiles(), in[1]));
  }

  private static Problem combineRows(Sizes s) {
    Problem problem = new Problem(s);
    float[] d = problem.tiled(AT, s.rows, LARGE);
    float[] x = problem.tiled(AT + 1, s.rows, LARGE);
    float[] a = problem.numbers(0, s.rows);
    float[] b = problem.numbers(0, s.rows);
    float[] c = problem.numbers(0, s.rows);
    for (int r = 0; r < s.rows; r++) {
      for (int e = 0; e < s.padded(); e++) {
        int at = AT + s.place(s.rows, r, e);
        Sum sum = new Sum(0);
        if (e < s.n) {
          sum.add((double) d[at] * a[r]);
          sum.add((double) x[at + 1] * b[r]);
          sum.add(c[r]);
        }
        problem.expect(d, at, sum.value, sum.magnitude);
      }
    }
    return problem.calls(
        (kernels, in) ->
            kernels.combineRows(
                in[0], AT, in[1], AT + 1, s.rows, s.width, s.n, in[2], in[3], in[4]));
  }

  private static Problem tangentRows(Sizes s) {
    Problem problem = new Problem(s);
    float[] y = problem.tiled(AT, s.rows, LARGE);
    float[] x = problem.tiled(AT + 1, s.rows, LARGE);
    float[] scale = problem.numbers(1, s.rows);
    float[] shift = problem.numbers(2, s.rows);
    float[] a = problem.numbers(0, s.rows);
    float[] b = problem.numbers(0, s.rows);
    float[] c = problem.numbers(0, s.rows);
    putFirstRowAtKink(problem, scale, shift);
    for (int r = 0; r < s.rows; r++) {
      for (int e = 0; e < s.n; e++) {
        int at = AT + s.place(s.rows, r, e);
        double gate = gate((double) x[at + 1] * scale[1 + r] + shift[2 + r]);
        Sum sum = new Sum(gate * y[at] * a[r]);
        sum.add(gate * x[at + 1] * b[r]);
        sum.add(gate * c[r]);
        problem.expect(y, at, sum.value, sum.magnitude);
      }
    }
    problem.leavePadding(y, AT, s.rows);
    return problem.calls(
        (kernels, in) ->
            kernels.tangentRows(
                in[0], AT, in[1], AT + 1, s.rows, s.width, s.tiles(), in[2], 1, in[3], 2, SLOPE,
                in[4], in[5], in[6]));
  }

  /** As many units as the problem is deep. */
  private static Problem activateEvent(Sizes s) {
    Problem problem = new Problem(s);
    int units = s.depth;
    int meanAt = AT;
    int varianceAt = AT + units + 1;
    int gammaAt = AT + 1;
    int betaAt = AT + units + 2;
    float epsilon = 1e-3f;
    float[] x = problem.numbers(AT + 2, units);
    float[] statistics = problem.numbers(AT, 2 * units + 1);
    float[] parameters = problem.numbers(AT, 2 * units + 2);
    for (int i = 0; i < units; i++) {
      float variance = Math.abs(statistics[varianceAt + i]);
      statistics[varianceAt + i] = variance;
      problem.expect(statistics, varianceAt + i, variance, 0);
      double factor = parameters[gammaAt + i] / Math.sqrt(variance + epsilon);
      Sum sum = new Sum(x[AT + 2 + i] * factor);
      sum.add(-statistics[meanAt + i] * factor);
      sum.add(parameters[betaAt + i]);
      problem.expect(x, AT + 2 + i, leaky(sum.value), sum.magnitude);
    }
    return problem.calls(
        (kernels, in) ->
            kernels.activateEvent(
                in[0],
                AT + 2,
                units,
                in[1],
                meanAt,
                varianceAt,
                epsilon,
                in[2],
                gammaAt,
                betaAt,
                SLOPE));
  }
}
