package io.counterweight.compute.cpu;

import io.counterweight.model.SeededRandom;
import java.util.Arrays;
import java.util.List;

/**
 * A network of dense layers on the same inner loops as the encoders: {@code y = x W + b}, rectified
 * or not. Rows are events; they and the weights are padded to {@link Kernels#padded}, and padding
 * stays zero. The parameters are the caller's, one flat array, so that keeping, copying and rolling
 * back a network is keeping, copying and rolling back an array. Owns scratch memory; not
 * thread-safe.
 */
public final class DenseNetwork {

  /**
   * A layer.
   *
   * @param inputs at least 1
   * @param outputs at least 1
   * @param rectified whether negative outputs become 0
   */
  public record Layer(int inputs, int outputs, boolean rectified) {
    public Layer {
      if (inputs < 1 || outputs < 1) {
        throw new IllegalArgumentException(
            "A layer of " + inputs + " inputs and " + outputs + " outputs, expected at least 1");
      }
    }
  }

  private final Kernels kernels;
  private final List<Layer> layers;
  private final int mostRows;

  /** Offset of each layer's weights {@code [inputs][padded outputs]}; its biases follow. */
  private final int[] weightsAt;

  private final int parameterCount;

  /** Inputs, then the outputs of each layer {@code [mostRows][padded]}. */
  private final float[][] values;

  /** Gradients by the same. */
  private final float[][] slopes;

  private final float[] transposed;
  private final float[] zeros;

  /**
   * A network.
   *
   * @param layers from the first; each takes what the one before gives
   * @param mostRows events that are worked on at a time
   */
  public DenseNetwork(Kernels kernels, List<Layer> layers, int mostRows) {
    this.kernels = kernels;
    this.layers = List.copyOf(layers);
    this.mostRows = mostRows;
    weightsAt = new int[layers.size()];
    values = new float[layers.size() + 1][];
    slopes = new float[layers.size() + 1][];
    int at = 0;
    int widest = 0;
    int largest = 0;
    for (int l = 0; l < layers.size(); l++) {
      Layer layer = layers.get(l);
      if (l > 0 && layers.get(l - 1).outputs() != layer.inputs()) {
        throw new IllegalArgumentException(
            "Layer "
                + l
                + " takes "
                + layer.inputs()
                + ", is given "
                + layers.get(l - 1).outputs());
      }
      weightsAt[l] = at;
      int outputs = kernels.padded(layer.outputs());
      int inputs = kernels.padded(layer.inputs());
      at += (layer.inputs() + 1) * outputs;
      widest = Math.max(widest, Math.max(inputs, outputs));
      largest = Math.max(largest, layer.outputs() * inputs);
      values[l] = new float[mostRows * inputs];
      slopes[l] = new float[mostRows * inputs];
      values[l + 1] = new float[mostRows * outputs];
      slopes[l + 1] = new float[mostRows * outputs];
    }
    parameterCount = at;
    transposed = new float[largest];
    zeros = new float[widest];
  }

  /** Events that are worked on at a time. */
  public int mostRows() {
    return mostRows;
  }

  /** Numbers of a padded row of inputs. */
  public int inputStride() {
    return kernels.padded(layers.get(0).inputs());
  }

  /** Numbers of a padded row of outputs. */
  public int outputStride() {
    return kernels.padded(layers.get(layers.size() - 1).outputs());
  }

  /** Length of the array of parameters, padding included. */
  public int parameterCount() {
    return parameterCount;
  }

  /** Weights and biases uniform in ±1/√inputs; padding zero. */
  public float[] initialise(SeededRandom random) {
    float[] parameters = new float[parameterCount];
    for (int l = 0; l < layers.size(); l++) {
      Layer layer = layers.get(l);
      int stride = kernels.padded(layer.outputs());
      double bound = 1 / Math.sqrt(layer.inputs());
      for (int row = 0; row <= layer.inputs(); row++) {
        for (int o = 0; o < layer.outputs(); o++) {
          parameters[weightsAt[l] + row * stride + o] =
              (float) (bound * (2 * random.nextDouble() - 1));
        }
      }
    }
    return parameters;
  }

  /** Where row r of the inputs begins in {@link #inputs}. */
  public int inputAt(int row) {
    return row * inputStride();
  }

  /** The inputs of the next {@link #forward}, to be filled; padding must stay zero. */
  public float[] inputs() {
    return values[0];
  }

  /**
   * Runs the network on the first rows of {@link #inputs}.
   *
   * @return outputs {@code [rows][outputStride]}, not to keep
   */
  public float[] forward(float[] parameters, int rows) {
    for (int l = 0; l < layers.size(); l++) {
      Layer layer = layers.get(l);
      int stride = kernels.padded(layer.outputs());
      int biasAt = weightsAt[l] + layer.inputs() * stride;
      kernels.product(
          values[l],
          0,
          kernels.padded(layer.inputs()),
          1,
          rows,
          layer.inputs(),
          parameters,
          weightsAt[l],
          stride,
          parameters,
          biasAt,
          0,
          values[l + 1],
          0,
          stride,
          stride);
      if (layer.rectified()) {
        kernels.leaky(values[l + 1], 0, rows * stride, 0);
      }
    }
    return values[layers.size()];
  }

  /** The gradient by the outputs, to be filled before {@link #backward}; padding zero. */
  public float[] outputSlopes() {
    return slopes[layers.size()];
  }

  /**
   * Gradient by the parameters of the rows that ran {@link #forward} last.
   *
   * @param gradient receives it, overwritten
   */
  public void backward(float[] parameters, int rows, float[] gradient) {
    for (int l = layers.size() - 1; l >= 0; l--) {
      Layer layer = layers.get(l);
      int stride = kernels.padded(layer.outputs());
      int inputStride = kernels.padded(layer.inputs());
      float[] d = slopes[l + 1];
      if (layer.rectified()) {
        float[] y = values[l + 1];
        for (int i = 0; i < rows * stride; i++) {
          d[i] = y[i] > 0 ? d[i] : 0;
        }
      }
      kernels.product(
          values[l],
          0,
          1,
          inputStride,
          layer.inputs(),
          rows,
          d,
          0,
          stride,
          zeros,
          0,
          0,
          gradient,
          weightsAt[l],
          stride,
          stride);
      addBiases(d, rows, stride, gradient, weightsAt[l] + layer.inputs() * stride);
      if (l > 0) {
        transpose(parameters, l, inputStride);
        kernels.product(
            d,
            0,
            stride,
            1,
            rows,
            layer.outputs(),
            transposed,
            0,
            inputStride,
            zeros,
            0,
            0,
            slopes[l],
            0,
            inputStride,
            inputStride);
      }
    }
  }

  private static void addBiases(float[] d, int rows, int stride, float[] gradient, int at) {
    Arrays.fill(gradient, at, at + stride, 0);
    for (int r = 0; r < rows; r++) {
      for (int o = 0; o < stride; o++) {
        gradient[at + o] += d[r * stride + o];
      }
    }
  }

  /** Weights as {@code [outputs][padded inputs]}. */
  private void transpose(float[] parameters, int l, int inputStride) {
    Layer layer = layers.get(l);
    int stride = kernels.padded(layer.outputs());
    for (int o = 0; o < layer.outputs(); o++) {
      for (int i = 0; i < layer.inputs(); i++) {
        transposed[o * inputStride + i] = parameters[weightsAt[l] + i * stride + o];
      }
    }
  }
}
