package io.counterweight.compute.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.counterweight.compute.Backends;
import io.counterweight.compute.cpu.DenseNetwork.Layer;
import io.counterweight.model.SeededRandom;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DenseNetworkTest {
  private static final List<Layer> LAYERS =
      List.of(new Layer(5, 11, false), new Layer(11, 7, true), new Layer(7, 2, false));
  private static final int ROWS = 9;

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector"})
  void outputsAndGradientsAreThoseOfTheDefinition(String backend) {
    Kernels kernels = kernels(backend);
    DenseNetwork network = new DenseNetwork(kernels, LAYERS, 16);
    float[] parameters = network.initialise(new SeededRandom(3));
    double[][] x = inputs(network);
    double[][] slopes = new double[ROWS][2];
    Random random = new Random(5);
    for (int r = 0; r < ROWS; r++) {
      for (int o = 0; o < 2; o++) {
        slopes[r][o] = random.nextGaussian();
        network.outputSlopes()[r * network.outputStride() + o] = (float) slopes[r][o];
      }
    }

    float[] outputs = network.forward(parameters, ROWS).clone();
    float[] gradient = new float[network.parameterCount()];
    network.backward(parameters, ROWS, gradient);

    double[][] expected = outputs(kernels, parameters, x);
    for (int r = 0; r < ROWS; r++) {
      for (int o = 0; o < 2; o++) {
        assertThat((double) outputs[r * network.outputStride() + o])
            .isCloseTo(expected[r][o], within(1e-5));
      }
    }
    for (int i = 0; i < parameters.length; i++) {
      double step = 1e-4;
      float kept = parameters[i];
      parameters[i] = (float) (kept + step);
      double up = weighted(outputs(kernels, parameters, x), slopes);
      double above = (double) parameters[i] - kept;
      parameters[i] = (float) (kept - step);
      double down = weighted(outputs(kernels, parameters, x), slopes);
      double below = (double) kept - parameters[i];
      parameters[i] = kept;
      assertThat((double) gradient[i])
          .as("%s, parameter %d", backend, i)
          .isCloseTo((up - down) / (above + below), within(2e-3));
    }
  }

  @Test
  void layersThatDoNotFitAreRefused() {
    Kernels kernels = kernels("scalar");
    List<Layer> layers = List.of(new Layer(3, 4, true), new Layer(5, 2, false));

    assertThatThrownBy(() -> new DenseNetwork(kernels, layers, 8))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("takes 5, is given 4");
    assertThatThrownBy(() -> new Layer(0, 1, false)).hasMessageContaining("0 inputs");
  }

  private static Kernels kernels(String backend) {
    return ((CpuBackend) Backends.named(backend)).kernels().get();
  }

  private static double[][] inputs(DenseNetwork network) {
    Random random = new Random(4);
    double[][] x = new double[ROWS][5];
    for (int r = 0; r < ROWS; r++) {
      for (int f = 0; f < 5; f++) {
        float value = (float) random.nextGaussian();
        x[r][f] = value;
        network.inputs()[network.inputAt(r) + f] = value;
      }
    }
    return x;
  }

  /** In float64, from the layout that the class describes. */
  private static double[][] outputs(Kernels kernels, float[] parameters, double[][] x) {
    double[][] values = x;
    int at = 0;
    for (Layer layer : LAYERS) {
      int stride = kernels.padded(layer.outputs());
      double[][] next = new double[x.length][layer.outputs()];
      for (int r = 0; r < x.length; r++) {
        for (int o = 0; o < layer.outputs(); o++) {
          double sum = parameters[at + layer.inputs() * stride + o];
          for (int i = 0; i < layer.inputs(); i++) {
            sum += values[r][i] * parameters[at + i * stride + o];
          }
          next[r][o] = layer.rectified() ? Math.max(0, sum) : sum;
        }
      }
      at += (layer.inputs() + 1) * stride;
      values = next;
    }
    return values;
  }

  private static double weighted(double[][] outputs, double[][] slopes) {
    double sum = 0;
    for (int r = 0; r < outputs.length; r++) {
      for (int o = 0; o < 2; o++) {
        sum += outputs[r][o] * slopes[r][o];
      }
    }
    return sum;
  }
}
