package io.counterweight.evaluation;

import io.counterweight.event.Prediction;
import io.counterweight.event.SampleWeight;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/**
 * SHA-256 over every bit of all predictions and weights: two runs have the same digest exactly if
 * they put out the same. Results of one key count in the order in which they come; how those of
 * different keys interleave does not matter. Not thread-safe.
 */
public final class RunDigest {
  private final Map<String, KeyDigest> keys = new TreeMap<>();

  private static final class KeyDigest {
    final MessageDigest predictions = sha256();
    final MessageDigest weights = sha256();
  }

  private byte[] scratch = new byte[1024];
  private int length;

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }

  private KeyDigest of(String modelKey) {
    return keys.computeIfAbsent(modelKey, key -> new KeyDigest());
  }

  /** Takes the key's next prediction. */
  public void predicted(Prediction prediction) {
    length = 0;
    put(prediction.eventId());
    put(prediction.eventTime());
    put(prediction.probabilities());
    put(prediction.predictedClass());
    put(prediction.predictionSet());
    put(prediction.setLevel());
    put(prediction.driftState());
    put(prediction.driftKind());
    put(prediction.uncertainty());
    put(prediction.baseValue());
    putShares(prediction.contributions());
    put(prediction.laneProbabilities().size());
    prediction
        .laneProbabilities()
        .forEach(
            (lane, probabilities) -> {
              put(lane);
              put(probabilities);
            });
    putShares(prediction.laneWeights());
    put(prediction.modelVersion());
    put(prediction.trainedUntil());
    put(prediction.missingFeatures());
    put(prediction.clippedFeatures());
    put(prediction.classShares());
    put(prediction.setCoverage());
    putShares(prediction.interactions());
    of(prediction.modelKey()).predictions.update(scratch, 0, length);
  }

  /** Takes the key's next weight. */
  public void weighted(SampleWeight weight) {
    length = 0;
    put(weight.eventId());
    put(weight.eventTime());
    put(weight.label());
    put(weight.loss());
    put(weight.weight());
    put(weight.rawWeight());
    put(weight.alignment());
    put(weight.suspect() ? 1 : 0);
    put(weight.modelVersion());
    put(weight.lane());
    put(weight.belief());
    of(weight.modelKey()).weights.update(scratch, 0, length);
  }

  /** 64 hexadecimal digits over all that came; nothing may be added afterwards. */
  public String value() {
    MessageDigest all = sha256();
    keys.forEach(
        (key, digest) -> {
          length = 0;
          put(key);
          all.update(scratch, 0, length);
          all.update(digest.predictions.digest());
          all.update(digest.weights.digest());
        });
    return HexFormat.of().formatHex(all.digest());
  }

  private void put(long value) {
    makeRoom(Long.BYTES);
    for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
      scratch[length++] = (byte) (value >> shift);
    }
  }

  private void put(int value) {
    makeRoom(Integer.BYTES);
    for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
      scratch[length++] = (byte) (value >> shift);
    }
  }

  private void put(float value) {
    put(Float.floatToRawIntBits(value));
  }

  private void put(Float value) {
    put(value == null ? 0 : 1);
    if (value != null) {
      put(value.floatValue());
    }
  }

  private void put(Enum<?> value) {
    put(value == null ? -1 : value.ordinal());
  }

  private void put(float[] values) {
    put(values.length);
    for (float value : values) {
      put(value);
    }
  }

  private void put(int[] values) {
    put(values == null ? -1 : values.length);
    if (values != null) {
      for (int value : values) {
        put(value);
      }
    }
  }

  private void putShares(Map<String, Float> shares) {
    put(shares.size());
    shares.forEach(
        (name, share) -> {
          put(name);
          put(share.floatValue());
        });
  }

  private void put(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    put(bytes.length);
    makeRoom(bytes.length);
    System.arraycopy(bytes, 0, scratch, length, bytes.length);
    length += bytes.length;
  }

  private void makeRoom(int more) {
    if (length + more > scratch.length) {
      scratch = Arrays.copyOf(scratch, Math.max(2 * scratch.length, length + more));
    }
  }
}
