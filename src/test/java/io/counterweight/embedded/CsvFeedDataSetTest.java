package io.counterweight.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.counterweight.embedded.CsvFeed.Options;
import io.counterweight.model.BatmSpec.Concept;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Real data sets, where there are any: {@code -Dcounterweight.data=FOLDER}. */
class CsvFeedDataSetTest {
  private static final Path DATA =
      Path.of(System.getProperty("counterweight.data", "../shared/data"));

  @ParameterizedTest
  @CsvSource({
    "electricity,45312,8,2,0.4245",
    "vehicle_fraud,15420,64,2,0.0599",
    "uci_credit_default,30000,23,2,0.2212",
    "abalone,4177,10,2,0.2009",
    "compas,6172,15,2,0.4551"
  })
  void readsADataSetWhole(String name, int rows, int features, int classes, double positives) {
    CsvFeed feed = new CsvFeed(Options.of(file(name)));

    assertThat(feed.size()).isEqualTo(rows);
    assertThat(feed.rejectCount()).isZero();
    assertThat(feed.featureNames()).hasSize(features);
    assertThat(feed.classes()).isEqualTo(classes);
    assertThat(feed.priors()[1]).isCloseTo(positives, within(1e-4));
  }

  @Test
  void readsSevenClasses() {
    CsvFeed feed = new CsvFeed(Options.of(file("shuttle")).withShuffleSeed(1));

    assertThat(feed.classes()).isEqualTo(7);
    assertThat(feed.size()).isEqualTo(58_000);
  }

  @Test
  void readsTheSimulatedFraudsWithTheirConceptsAsTheSimulatorNamesThem() {
    Path file = file("handbook_sim_fraud");
    CsvFeed feed =
        new CsvFeed(Options.of(file).withConcepts(file.resolveSibling("concept_groups.json")));
    FraudSimulator simulator = new FraudSimulator(FraudSimulator.Options.of(100, 1));

    assertThat(feed.size()).isEqualTo(593_487);
    assertThat(feed.priors()[1]).isCloseTo(0.0089, within(1e-4));
    assertThat(feed.featureNames()).isEqualTo(simulator.featureNames());
    assertThat(feed.concepts()).isEqualTo(simulator.concepts());
    assertThat(feed.concepts()).extracting(Concept::name).contains("terminal");
  }

  @Test
  void simulatedFeaturesHaveTheMeansOfTheHandbooksData() {
    CsvFeed handbook = new CsvFeed(Options.of(file("handbook_sim_fraud")));
    double[] expected = means(handbook);
    double[] actual = means(new FraudSimulator(FraudSimulator.Options.of(200_000, 1)));

    for (int i = 0; i < expected.length; i++) {
      assertThat(actual[i])
          .as(handbook.featureNames().get(i))
          .isCloseTo(expected[i], within(0.15 * expected[i]));
    }
  }

  private static double[] means(Feed feed) {
    double[] means = new double[feed.featureNames().size()];
    for (FeedEvent event : feed) {
      for (int i = 0; i < means.length; i++) {
        means[i] += event.event().features()[i] / feed.size();
      }
    }
    return means;
  }

  private static Path file(String name) {
    Path file = DATA.resolve(name).resolve(name + ".csv.gz");
    assumeTrue(Files.exists(file), () -> "no data set " + name + "; set -Dcounterweight.data");
    return file;
  }
}
