package io.counterweight.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/**
 * Guesses the key that was meant: one that is misspelt a little, or whose last part stands in
 * another section. By Levenshtein's distance.
 */
final class NearestKey {
  private static final int FAR = Integer.MAX_VALUE;

  private NearestKey() {}

  static Optional<String> of(String path, Collection<String> keys) {
    return keys.stream()
        .min(Comparator.comparingInt(key -> distance(key, path)))
        .filter(key -> distance(key, path) < FAR);
  }

  private static int distance(String key, String path) {
    int whole = near(key, path);
    int last = near(lastPart(key), lastPart(path));
    return Math.min(whole, last == FAR ? FAR : last + 1);
  }

  private static String lastPart(String key) {
    return key.substring(key.lastIndexOf('.') + 1);
  }

  /** The distance, or {@link #FAR} if more than a quarter of the letters differ. */
  private static int near(String key, String word) {
    int distance = levenshtein(key, word);
    return distance <= key.length() / 4 ? distance : FAR;
  }

  private static int levenshtein(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j < row.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j < row.length; j++) {
        int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substituted, 1 + Math.min(diagonal, row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
