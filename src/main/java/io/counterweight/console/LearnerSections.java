package io.counterweight.console;

import io.counterweight.codec.LearnerStateCodec;
import io.counterweight.codec.StateFormatException;
import io.counterweight.compute.Backends;
import io.counterweight.config.EngineConfig;
import io.counterweight.report.ModelSections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pictures of a key's newest snapshot. A snapshot that is looked at again is not drawn again.
 * Thread-safe; one is drawn at a time.
 */
final class LearnerSections implements ConsoleApi.Models, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LearnerSections.class);
  private static final long KEPT_BYTES = 32L << 20;
  private static final int KEPT = 16;

  private final EngineConfig config;
  private final PublishedModel models;
  private final Map<ModelPlace, List<Map<String, Object>>> drawn =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(
            Map.Entry<ModelPlace, List<Map<String, Object>>> eldest) {
          return size() > KEPT;
        }
      };

  /** Opened when the first model is asked for. */
  private ModelSections pictures;

  private boolean closed;

  LearnerSections(EngineConfig config) {
    this.config = config;
    models = new PublishedModel(config, KEPT_BYTES);
  }

  @Override
  public List<Map<String, Object>> sections(String key, ModelPlace place) {
    List<Map<String, Object>> known = known(place);
    if (known != null) {
      return known;
    }
    byte[] bytes = models.at(key, place);
    return bytes == null ? null : draw(key, place, bytes);
  }

  private synchronized List<Map<String, Object>> known(ModelPlace place) {
    return drawn.get(place);
  }

  private synchronized List<Map<String, Object>> draw(String key, ModelPlace place, byte[] bytes) {
    List<Map<String, Object>> sections = drawn.get(place);
    if (sections != null || closed) {
      return sections;
    }
    try {
      if (pictures == null) {
        pictures =
            new ModelSections(
                config.learner().spec(),
                config.featureNames(),
                config.learner().standardiserClip(),
                Backends.named(Backends.AUTO));
      }
      sections =
          List.of(pictures.values(LearnerStateCodec.decode(bytes), bytes.length, null, true));
      drawn.put(place, sections);
      return sections;
    } catch (StateFormatException | IllegalArgumentException e) {
      // Published under another configuration, or by a newer build.
      LOG.warn("The model of {} cannot be drawn: {}", key, e.getMessage());
      return null;
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (pictures != null) {
      pictures.close();
      pictures = null;
    }
  }
}
