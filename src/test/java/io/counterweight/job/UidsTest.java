package io.counterweight.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.counterweight.config.EngineConfig;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a savepoint is found by. */
class UidsTest {
  private static final String YAML =
      """
      kafka.bootstrap-servers: localhost:9092
      model.features: 4
      job.max-parallelism: 96
      """;

  @Test
  void namesAndUidsAreDistinct() {
    List<Uids> all = constants();

    assertThat(all).hasSizeGreaterThan(8);
    assertThat(all).extracting(Uids::uid).doesNotHaveDuplicates();
    assertThat(all).extracting(Uids::name).doesNotHaveDuplicates();
  }

  private static List<Uids> constants() {
    return Arrays.stream(Uids.class.getDeclaredFields())
        .filter(field -> Modifier.isStatic(field.getModifiers()) && field.getType() == Uids.class)
        .map(
            field -> {
              try {
                return (Uids) field.get(null);
              } catch (IllegalAccessException e) {
                throw new AssertionError(e);
              }
            })
        .toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"exactly-once", "at-least-once"})
  void everyOperatorOfTheJobHasItsUidAndExplicitMaxParallelism(String guarantee) {
    EngineConfig config =
        EngineConfig.parse(
            YAML,
            "sinks.predictions.guarantee=" + guarantee,
            "sinks.weights.guarantee=" + guarantee,
            "labels.join=true");
    Collection<StreamNode> learner = nodesOf(ReweightJob::addTo, config);
    Collection<StreamNode> scorer = nodesOf(ScoringJob::addTo, config.asScorer());
    Collection<StreamNode> withParent =
        nodesOf(ReweightJob::addTo, EngineConfig.parse(YAML, "learner.parent=global"));

    for (Uids known : constants()) {
      // A sink is several operators, which add to its uid.
      assertThat(Stream.of(learner, scorer, withParent).flatMap(Collection::stream))
          .as(known.uid())
          .anyMatch(node -> node.getTransformationUID().contains(known.uid()));
    }
  }

  @Test
  void aParentAddsItsOwnOperatorsAndLeavesTheOthers() {
    Set<String> without = uids(EngineConfig.parse(YAML));
    Set<String> with = uids(EngineConfig.parse(YAML, "learner.parent=global"));

    assertThat(with).containsAll(without);
    with.removeAll(without);
    assertThat(with).containsExactlyInAnyOrder("parent-source", "parent-events", "parent-trusted");
  }

  private static Set<String> uids(EngineConfig config) {
    return nodesOf(ReweightJob::addTo, config).stream()
        .map(StreamNode::getTransformationUID)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Collection<StreamNode> nodesOf(LocalJob.Topology topology, EngineConfig config) {
    StreamExecutionEnvironment env =
        StreamExecutionEnvironment.getExecutionEnvironment(
            JobEnvironment.job(config, Optional.empty()));
    topology.addTo(env, config);
    Collection<StreamNode> nodes = env.getStreamGraph().getStreamNodes();
    assertThat(nodes)
        .hasSizeGreaterThan(8)
        .allSatisfy(
            node -> {
              assertThat(node.getTransformationUID()).as(node.getOperatorName()).isNotBlank();
              assertThat(node.getMaxParallelism()).as(node.getOperatorName()).isEqualTo(96);
            });
    assertThat(nodes).extracting(StreamNode::getTransformationUID).doesNotHaveDuplicates();
    assertThat(env.getConfig().getSerializerConfig().hasGenericTypesDisabled()).isTrue();
    assertThat(env.getMaxParallelism()).isEqualTo(96);
    return nodes;
  }
}
