package io.counterweight.experiment;

import com.yahoo.labs.samoa.instances.Attribute;
import com.yahoo.labs.samoa.instances.DenseInstance;
import com.yahoo.labs.samoa.instances.Instance;
import com.yahoo.labs.samoa.instances.Instances;
import com.yahoo.labs.samoa.instances.InstancesHeader;
import io.counterweight.embedded.Feed;
import io.counterweight.event.Event;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import moa.classifiers.Classifier;
import moa.classifiers.meta.AdaptiveRandomForest;
import moa.classifiers.meta.LeveragingBag;
import moa.classifiers.trees.HoeffdingAdaptiveTree;

/** MOA's learners with their defaults; 10 trees in the forest and in the bag. */
public final class MoaContestants implements Contestants {
  private static final int TREES = 10;

  @Override
  public Set<String> names() {
    return Set.of("moa-arf", "moa-hat", "moa-leveraging-bag");
  }

  @Override
  public Contestant open(String name, Feed feed, long seed) {
    return new Moa(classifier(name), feed, seed);
  }

  private static Classifier classifier(String name) {
    return switch (name) {
      case "moa-arf" -> {
        AdaptiveRandomForest forest = new AdaptiveRandomForest();
        forest.ensembleSizeOption.setValue(TREES);
        yield forest;
      }
      case "moa-leveraging-bag" -> {
        LeveragingBag bag = new LeveragingBag();
        bag.ensembleSizeOption.setValue(TREES);
        yield bag;
      }
      default -> new HoeffdingAdaptiveTree();
    };
  }

  private static final class Moa implements Contestant {
    private final Classifier classifier;
    private final InstancesHeader header;
    private final int features;
    private final int classes;

    Moa(Classifier classifier, Feed feed, long seed) {
      this.classifier = classifier;
      features = feed.featureNames().size();
      classes = feed.classes();
      List<Attribute> attributes = new ArrayList<>();
      for (int f = 0; f < features; f++) {
        attributes.add(new Attribute("x" + f));
      }
      attributes.add(
          new Attribute("label", IntStream.range(0, classes).mapToObj(String::valueOf).toList()));
      Instances instances = new Instances("feed", attributes, 0);
      instances.setClassIndex(features);
      header = new InstancesHeader(instances);
      classifier.setModelContext(header);
      classifier.setRandomSeed((int) seed);
      classifier.prepareForUse();
    }

    private Instance instance(Event event, boolean labelled) {
      double[] values = new double[features + 1];
      for (int f = 0; f < features; f++) {
        values[f] = event.features()[f];
      }
      values[features] = labelled ? event.label() : Double.NaN;
      DenseInstance instance = new DenseInstance(1, values);
      instance.setDataset(header);
      return instance;
    }

    @Override
    public float[] predict(Event event) {
      double[] votes = classifier.getVotesForInstance(instance(event, false));
      double sum = Arrays.stream(votes).sum();
      float[] probabilities = new float[classes];
      for (int k = 0; k < classes; k++) {
        boolean known = sum > 0 && k < votes.length;
        probabilities[k] = known ? (float) (votes[k] / sum) : sum > 0 ? 0 : 1f / classes;
      }
      return probabilities;
    }

    @Override
    public void learn(Event event) {
      classifier.trainOnInstance(instance(event, true));
    }
  }
}
