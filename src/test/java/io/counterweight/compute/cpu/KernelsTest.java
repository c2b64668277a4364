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
  private static final int[] ROWS = {1, 2, 3, 6, 7, 9, 11, 16, 65};
  private static final int[] EVENTS = {1, 7, 8, 9, 16, 31, 130};

  /** Of the sum of the terms' magnitudes. */
  private static final double TOLERANCE = 1e-5;

  /** Where what a call works on begins, in arrays that it is told the beginning of. */
  private static final int AT = 3;

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
        new Method("product, in place", KernelsTest::productInPlace),
        new Method("matrixVector", KernelsTest::matrixVector),
        new Method("multiply", KernelsTest::multiply),
        new Method("kronecker", sizes -> kronecker(sizes, false)),
        new Method("kronecker, added", sizes -> kronecker(sizes, true)),
        new Method("kroneckerGradient", KernelsTest::kroneckerGradient),
        new Method("leaky", KernelsTest::leaky),
        new Method("sums", KernelsTest::sums),
        new Method("moments", KernelsTest::moments),
        new Method("activate", sizes -> activate(sizes, false)),
        new Method("activate, in place", sizes -> activate(sizes, true)),
        new Method("gate", KernelsTest::gate),
        new Method("combine", KernelsTest::combine),
        new Method("tangentSums", KernelsTest::tangentSums),
        new Method("tangent", KernelsTest::tangent),
        new Method("activateEvent", KernelsTest::activateEvent));
  }

  @ParameterizedTest
  @ValueSource(strings = {"vector", "scalar"})
  void rowsAndTilesHoldAllThatTheyMust(String backend) {
    Kernels kernels = named(backend);
    for (int n : EVENTS) {
      assertThat(kernels.padded(n) - n).isBetween(0, kernels.lanes() - 1);
      assertThat(kernels.padded(n) % kernels.lanes()).isZero();
      assertThat(kernels.width(n)).isPositive();
      assertThat(kernels.width(n) % kernels.lanes()).isZero();
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
    for (int rows : ROWS) {
      for (int depth : SIZES) {
        for (int units : SIZES) {
          Sizes sizes = new Sizes(rows, depth, units, kernels.padded(units));
          method.problem.apply(sizes).check(kernels, method.name + " of " + sizes);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("methods")
  void compiledCodeGivesTheBitsOfTheFirstCall(Method method) {
    for (int rows : new int[] {7, 31}) {
      Kernels kernels = new NotYetCompiled().vectorKernels();
      Problem problem = method.problem.apply(new Sizes(rows, 5, 17, kernels.padded(17)));
      float[][] first = problem.run(kernels);
      for (int i = 1; i < REPETITIONS; i++) {
        if (!Arrays.deepEquals(problem.run(kernels), first)) {
          fail("Call %d of %s on %d rows gives other bits than the first", i, method, rows);
        }
      }
    }
  }

  private static Kernels named(String backend) {
    return ((CpuBackend) Backends.named(backend)).kernels().get();
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
   * @param rows events, mostly
   * @param units columns that count, of {@code columns}
   */
  private record Sizes(int rows, int depth, int units, int columns) {
    Random random() {
      return new Random(rows + 100L * depth + 10_000L * units);
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
    int aRow = transposed ? 1 : s.depth + 1;
    int aColumn = transposed ? s.rows + 2 : 1;
    int bRow = s.columns + 3;
    int startRow = s.rows % 2 == 0 ? 0 : s.columns;
    int yRow = s.columns + 1;
    Problem problem = new Problem(s);
    float[] a = problem.numbers(AT, (s.rows + 2) * (s.depth + 2));
    float[] b = problem.numbers(AT + 1, s.depth * bRow);
    float[] start = problem.numbers(AT + 2, s.rows * s.columns);
    float[] y = problem.numbers(AT + 3, s.rows * yRow);
    for (int r = 0; r < s.rows; r++) {
      for (int c = 0; c < s.columns; c++) {
        Sum sum = new Sum(start[AT + 2 + r * startRow + c]);
        for (int k = 0; k < s.depth; k++) {
          sum.add((double) a[AT + r * aRow + k * aColumn] * b[AT + 1 + k * bRow + c]);
        }
        problem.expect(y, AT + 3 + r * yRow + c, sum.value, sum.magnitude);
      }
    }
    return problem.calls(
        (kernels, in) ->
            kernels.product(
                in[0], AT, aRow, aColumn, s.rows, s.depth, in[1], AT + 1, bRow, in[2], AT + 2,
                startRow, in[3], AT + 3, yRow, s.columns));
  }

  private static Problem productInPlace(Sizes s) {
    Problem problem = new Problem(s);
    float[] a = problem.numbers(AT, s.rows * s.depth);
    float[] b = problem.numbers(AT + 1, s.depth * s.columns);
    float[] y = problem.numbers(AT + 2, s.rows * s.columns);
    for (int r = 0; r < s.rows; r++) {
      for (int c = 0; c < s.columns; c++) {
        int to = AT + 2 + r * s.columns + c;
        Sum sum = new Sum(y[to]);
        for (int k = 0; k < s.depth; k++) {
          sum.add((double) a[AT + r * s.depth + k] * b[AT + 1 + k * s.columns + c]);
        }
        problem.expect(y, to, sum.value, sum.magnitude);
      }
    }
    return problem.calls(
        (kernels, in) ->
            kernels.product(
                in[0], AT, s.depth, 1, s.rows, s.depth, in[1], AT + 1, s.columns, in[2], AT + 2,
                s.columns, in[2], AT + 2, s.columns, s.columns));
  }

  /** Not padded. */
  private static Problem matrixVector(Sizes s) {
    Problem problem = new Problem(s);
    float[] w = problem.numbers(AT, s.rows * s.units);
    float[] x = problem.numbers(AT + 1, s.units);
    float[] y = problem.numbers(AT + 2, s.rows);
    for (int r = 0; r < s.rows; r++) {
      Sum sum = new Sum(y[AT + 2 + r]);
      for (int c = 0; c < s.units; c++) {
        sum.add((double) w[AT + r * s.units + c] * x[AT + 1 + c]);
      }
      problem.expect(y, AT + 2 + r, sum.value, sum.magnitude);
    }
    return problem.calls(
        (kernels, in) ->
            kernels.matrixVector(in[0], AT, s.rows, s.units, in[1], AT + 1, in[2], AT + 2));
  }

  private static Problem multiply(Sizes s) {
    Problem problem = new Problem(s);
    int length = s.rows * s.columns;
    float[] a = problem.numbers(AT, length);
    float[] b = problem.numbers(AT + 1, length);
    float[] y = problem.numbers(AT + 2, length);
    for (int i = 0; i < length; i++) {
      double product = (double) a[AT + i] * b[AT + 1 + i];
      problem.expect(y, AT + 2 + i, product, Math.abs(product));
    }
    return problem.calls(
        (kernels, in) -> kernels.multiply(in[0], AT, in[1], AT + 1, in[2], AT + 2, length));
  }

  /** Rows are ranks; as many of the one factor as there are rows, of the other as it is deep. */
  private static Problem kronecker(Sizes s, boolean add) {
    Problem problem = new Problem(s);
    int width = s.columns;
    float[] u = problem.numbers(AT, s.rows * width);
    float[] rest = problem.numbers(AT + 1, s.depth * width);
    float[] y = problem.numbers(AT + 2, s.rows * s.depth * width);
    for (int i = 0; i < s.rows * s.depth * width; i++) {
      int row = i / width;
      Sum sum = new Sum(add ? y[AT + 2 + i] : 0);
      sum.add(
          (double) u[AT + row / s.depth * width + i % width]
              * rest[AT + 1 + row % s.depth * width + i % width]);
      problem.expect(y, AT + 2 + i, sum.value, sum.magnitude);
    }
    return problem.calls(
        (kernels, in) ->
            kernels.kronecker(
                in[0], AT, s.rows, in[1], AT + 1, s.depth, width, add, in[2], AT + 2));
  }

  private static Problem kroneckerGradient(Sizes s) {
    Problem problem = new Problem(s);
    int width = s.columns;
    float[] d = problem.numbers(AT, s.rows * s.depth * width);
    float[] u = problem.numbers(AT + 1, s.rows * width);
    float[] rest = problem.numbers(AT + 2, s.depth * width);
    float[] byFactor = problem.numbers(AT + 3, s.rows * width);
    float[] byRest = problem.numbers(AT + 4, s.depth * width);
    for (int e = 0; e < width; e++) {
      for (int a = 0; a < s.rows; a++) {
        Sum sum = new Sum(byFactor[AT + 3 + a * width + e]);
        for (int i = 0; i < s.depth; i++) {
          sum.add((double) d[AT + (a * s.depth + i) * width + e] * rest[AT + 2 + i * width + e]);
        }
        problem.expect(byFactor, AT + 3 + a * width + e, sum.value, sum.magnitude);
      }
      for (int i = 0; i < s.depth; i++) {
        Sum sum = new Sum(byRest[AT + 4 + i * width + e]);
        for (int a = 0; a < s.rows; a++) {
          sum.add((double) d[AT + (a * s.depth + i) * width + e] * u[AT + 1 + a * width + e]);
        }
        problem.expect(byRest, AT + 4 + i * width + e, sum.value, sum.magnitude);
      }
    }
    return problem.calls(
        (kernels, in) ->
            kernels.kroneckerGradient(
                in[0], AT, in[1], AT + 1, s.rows, in[2], AT + 2, s.depth, width, in[3], AT + 3,
                in[4], AT + 4));
  }

  private static Problem leaky(Sizes s) {
    Problem problem = new Problem(s);
    int length = s.rows * s.columns;
    float[] y = problem.numbers(AT, length);
    for (int i = AT; i < AT + length; i++) {
      problem.expect(y, i, leaky(y[i]), Math.abs(y[i]));
    }
    return problem.calls((kernels, in) -> kernels.leaky(in[0], AT, length, SLOPE));
  }

  private static Problem sums(Sizes s) {
    Problem problem = new Problem(s);
    float[] x = problem.numbers(AT, s.rows * s.columns);
    float[] sums = problem.numbers(0, s.columns);
    for (int c = 0; c < s.columns; c++) {
      Sum sum = new Sum(sums[c]);
      for (int r = 0; r < s.rows; r++) {
        sum.add(x[AT + r * s.columns + c]);
      }
      problem.expect(sums, c, sum.value, sum.magnitude);
    }
    return problem.calls((kernels, in) -> kernels.sums(in[0], AT, s.rows, s.columns, in[1]));
  }

  private static Problem moments(Sizes s) {
    Problem problem = new Problem(s);
    float[] x = problem.numbers(AT, s.rows * s.columns);
    float[] origin = problem.numbers(0, s.columns);
    float[] sums = problem.numbers(0, s.columns);
    float[] squares = problem.numbers(0, s.columns);
    for (int c = 0; c < s.columns; c++) {
      Sum sum = new Sum(sums[c]);
      Sum square = new Sum(squares[c]);
      for (int r = 0; r < s.rows; r++) {
        float value = x[AT + r * s.columns + c];
        sum.add(value);
        square.add(((double) value - origin[c]) * ((double) value - origin[c]));
      }
      problem.expect(sums, c, sum.value, sum.magnitude);
      problem.expect(squares, c, square.value, square.magnitude);
    }
    return problem.calls(
        (kernels, in) -> kernels.moments(in[0], AT, s.rows, s.columns, in[1], in[2], in[3]));
  }

  /** Random normalisation of a layer; that of its first unit is 0, at the kink of LeakyReLU. */
  private static UnitScales units(Problem problem, Sizes s, boolean kink) {
    float[] scale = problem.numbers(AT, s.columns);
    float[] shift = problem.numbers(AT, s.columns);
    if (kink) {
      scale[AT] = 0;
      shift[AT] = 0;
      problem.expect(scale, AT, 0, 0);
      problem.expect(shift, AT, 0, 0);
    }
    return new UnitScales(problem.numbers(AT, s.columns), new float[0], scale, shift);
  }

  /** Of the copies of a call, that {@link #units} began at. */
  private static UnitScales unitsOf(float[][] in, int first) {
    return new UnitScales(in[first + 2], new float[0], in[first], in[first + 1]);
  }

  private static Sum normalised(UnitScales units, int c, float x) {
    Sum sum = new Sum((double) x * units.scale()[AT + c]);
    sum.add(-(double) units.mean()[AT + c] * units.scale()[AT + c]);
    sum.add(units.shift()[AT + c]);
    return sum;
  }

  private static Problem activate(Sizes s, boolean inPlace) {
    Problem problem = new Problem(s);
    UnitScales units = units(problem, s, false);
    float[] x = problem.numbers(AT + 1, s.rows * s.columns);
    float[] y = inPlace ? x : problem.numbers(AT + 1, s.rows * s.columns);
    for (int i = 0; i < s.rows * s.columns; i++) {
      Sum sum = normalised(units, i % s.columns, x[AT + 1 + i]);
      problem.expect(y, AT + 1 + i, leaky(sum.value), sum.magnitude);
    }
    return problem.calls(
        (kernels, in) ->
            kernels.activate(
                in[3],
                AT + 1,
                s.rows,
                s.columns,
                unitsOf(in, 0),
                AT,
                SLOPE,
                in[inPlace ? 3 : 4],
                AT + 1));
  }

  private static Problem gate(Sizes s) {
    Problem problem = new Problem(s);
    UnitScales units = units(problem, s, true);
    float[] d = problem.numbers(AT, s.rows * s.columns);
    float[] x = problem.numbers(AT + 1, s.rows * s.columns);
    float[] factor = problem.numbers(0, s.columns);
    float[] along = problem.numbers(0, s.columns);
    float[] sums = problem.numbers(0, s.columns);
    for (int c = 0; c < s.columns; c++) {
      Sum dots = new Sum(along[c]);
      Sum sum = new Sum(sums[c]);
      for (int r = 0; r < s.rows; r++) {
        int i = AT + r * s.columns + c;
        double gated = d[i] * gate(normalised(units, c, x[i + 1]).value);
        dots.add(gated * x[i + 1]);
        dots.add(-gated * units.mean()[AT + c]);
        sum.add(gated);
        problem.expect(d, i, gated * factor[c], Math.abs(gated * factor[c]));
      }
      problem.expect(along, c, dots.value, dots.magnitude);
      problem.expect(sums, c, sum.value, sum.magnitude);
    }
    return problem.calls(
        (kernels, in) ->
            kernels.gate(
                in[3],
                AT,
                in[4],
                AT + 1,
                s.rows,
                s.columns,
                unitsOf(in, 0),
                AT,
                SLOPE,
                in[5],
                in[6],
                in[7]));
  }

  private static Problem combine(Sizes s) {
    Problem problem = new Problem(s);
    UnitScales units = units(problem, s, false);
    float[] d = problem.numbers(AT, s.rows * s.columns);
    float[] x = problem.numbers(AT + 1, s.rows * s.columns);
    float[] a = problem.numbers(0, s.columns);
    float[] b = problem.numbers(0, s.columns);
    float[] constant = problem.numbers(0, s.columns);
    for (int i = 0; i < s.rows * s.columns; i++) {
      int c = i % s.columns;
      Sum sum = new Sum((double) d[AT + i] * a[c]);
      sum.add((double) x[AT + 1 + i] * b[c]);
      sum.add(-(double) units.mean()[AT + c] * b[c]);
      sum.add(constant[c]);
      problem.expect(d, AT + i, sum.value, sum.magnitude);
    }
    return problem.calls(
        (kernels, in) ->
            kernels.combine(
                in[3],
                AT,
                in[4],
                AT + 1,
                s.rows,
                s.columns,
                unitsOf(in, 0),
                AT,
                in[5],
                in[6],
                in[7]));
  }

  private static Problem tangentSums(Sizes s) {
    Problem problem = new Problem(s);
    UnitScales units = units(problem, s, false);
    float[] t = problem.numbers(AT, s.rows * s.columns);
    float[] x = problem.numbers(AT + 1, s.rows * s.columns);
    float[] along = problem.numbers(0, s.columns);
    float[] sums = problem.numbers(0, s.columns);
    for (int c = 0; c < s.columns; c++) {
      Sum dots = new Sum(along[c]);
      Sum sum = new Sum(sums[c]);
      for (int r = 0; r < s.rows; r++) {
        int i = AT + r * s.columns + c;
        dots.add((double) t[i] * x[i + 1]);
        dots.add(-(double) t[i] * units.mean()[AT + c]);
        sum.add(t[i]);
      }
      problem.expect(along, c, dots.value, dots.magnitude);
      problem.expect(sums, c, sum.value, sum.magnitude);
    }
    return problem.calls(
        (kernels, in) ->
            kernels.tangentSums(
                in[3], AT, in[4], AT + 1, s.rows, s.columns, unitsOf(in, 0), AT, in[5], in[6]));
  }

  private static Problem tangent(Sizes s) {
    Problem problem = new Problem(s);
    UnitScales units = units(problem, s, true);
    float[] t = problem.numbers(AT, s.rows * s.columns);
    float[] x = problem.numbers(AT + 1, s.rows * s.columns);
    float[] a = problem.numbers(0, s.columns);
    float[] b = problem.numbers(0, s.columns);
    float[] constant = problem.numbers(0, s.columns);
    float[] y = problem.numbers(0, s.rows * s.columns);
    for (int i = 0; i < s.rows * s.columns; i++) {
      int c = i % s.columns;
      Sum value = normalised(units, c, x[AT + 1 + i]);
      double gate = gate(value.value);
      Sum sum = new Sum(gate * t[AT + i] * a[c]);
      sum.add(gate * x[AT + 1 + i] * b[c]);
      sum.add(-gate * units.mean()[AT + c] * b[c]);
      sum.add(gate * constant[c]);
      problem.expect(t, AT + i, sum.value, sum.magnitude);
      problem.expect(y, i, leaky(value.value), value.magnitude);
    }
    return problem.calls(
        (kernels, in) ->
            kernels.tangent(
                in[3],
                AT,
                in[4],
                AT + 1,
                s.rows,
                s.columns,
                unitsOf(in, 0),
                AT,
                SLOPE,
                in[5],
                in[6],
                in[7],
                in[8]));
  }

  /** Not padded. */
  private static Problem activateEvent(Sizes s) {
    Problem problem = new Problem(s);
    int units = s.units;
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
