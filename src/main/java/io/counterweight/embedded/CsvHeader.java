package io.counterweight.embedded;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The columns of a file and what each is for.
 *
 * @param names all columns, in order
 * @param label index of the label column
 * @param key index of the key column, or -1
 * @param time index of the time column, or -1
 * @param features indices of the feature columns, in order
 */
record CsvHeader(List<String> names, int label, int key, int time, int[] features) {

  /** Assigns the columns; refuses names that are empty, given twice or not there. */
  static CsvHeader of(List<String> names, CsvFeed.Options options) {
    Map<String, Integer> index = new HashMap<>();
    for (int i = 0; i < names.size(); i++) {
      if (names.get(i).isEmpty()) {
        throw new FeedException(
            options.file() + ": column " + (i + 1) + " has no name; the first line must name all");
      }
      Integer earlier = index.put(names.get(i), i);
      if (earlier != null) {
        throw new FeedException(
            String.format(
                "%s: columns %d and %d are both named '%s'; rename one",
                options.file(), earlier + 1, i + 1, names.get(i)));
      }
    }
    int label = find("label", options.columns().label(), index, names, options);
    int key =
        options.columns().key() == null
            ? -1
            : find("key", options.columns().key(), index, names, options);
    int time =
        options.columns().time() == null
            ? -1
            : find("time", options.columns().time(), index, names, options);
    if (label == key || label == time || key == time && key >= 0) {
      throw new FeedException(
          String.format(
              "%s: label '%s', key '%s' and time '%s' must be different columns",
              options.file(),
              options.columns().label(),
              options.columns().key(),
              options.columns().time()));
    }
    List<Integer> features = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      if (i != label
          && i != key
          && i != time
          && !options.columns().ignored().contains(names.get(i))) {
        features.add(i);
      }
    }
    for (String ignored : options.columns().ignored()) {
      find("ignored", ignored, index, names, options);
    }
    if (features.isEmpty()) {
      throw new FeedException(
          options.file() + ": there is no feature column; the columns are " + list(names));
    }
    return new CsvHeader(
        List.copyOf(names),
        label,
        key,
        time,
        features.stream().mapToInt(Integer::intValue).toArray());
  }

  List<String> featureNames() {
    List<String> result = new ArrayList<>();
    for (int column : features) {
      result.add(names.get(column));
    }
    return List.copyOf(result);
  }

  private static int find(
      String role,
      String name,
      Map<String, Integer> index,
      List<String> names,
      CsvFeed.Options options) {
    Integer found = index.get(name);
    if (found == null) {
      String hint =
          names.size() == 1 ? "; fields must be separated by commas" : "; choose one of them";
      throw new FeedException(
          String.format(
              "%s: there is no %s column '%s'; the columns are %s%s",
              options.file(), role, name, list(names), hint));
    }
    return found;
  }

  /** Names for a message, not too many. */
  static String list(List<String> names) {
    int most = 30;
    return names.size() <= most
        ? String.join(", ", names)
        : String.join(", ", names.subList(0, most)) + " and " + (names.size() - most) + " more";
  }
}
