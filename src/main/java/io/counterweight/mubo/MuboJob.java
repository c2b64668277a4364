package io.counterweight.mubo;

import io.counterweight.compute.Backends;
import io.counterweight.compute.cpu.CpuBackend;
import io.counterweight.compute.cpu.Kernels;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichFlatMapFunction;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.CloseableIterator;
import org.apache.flink.util.Collector;

/** A bounded Flink job whose events are trials: a method and a number of run each. */
public final class MuboJob {
  private MuboJob() {}

  /**
   * Runs all methods as often as asked and hands over what they put out, while they run.
   *
   * @param parallelism trials at a time
   * @throws Exception if the job fails
   */
  public static void run(
      MuboRequest request,
      List<MuboMethod> methods,
      int runs,
      int parallelism,
      Consumer<MuboOutput> outputs)
      throws Exception {
    List<Tuple2<String, Integer>> trials = new ArrayList<>();
    for (MuboMethod method : methods) {
      for (int run = 1; run <= runs; run++) {
        trials.add(Tuple2.of(method.name(), run));
      }
    }
    StreamExecutionEnvironment env =
        StreamExecutionEnvironment.createLocalEnvironment(configuration(parallelism));
    DataStream<MuboOutput> results =
        env.fromData(trials, Types.TUPLE(Types.STRING, Types.INT))
            .name("trials")
            .rebalance()
            .flatMap(new Trials(request))
            .returns(TypeInformation.of(MuboOutput.class))
            .name("MUBO and baselines");
    CloseableIterator<MuboOutput> all = results.executeAndCollect("mubo");
    try {
      all.forEachRemaining(outputs);
    } finally {
      all.close(); // cancels the job unless it has ended
      env.close();
    }
  }

  private static Configuration configuration(int parallelism) {
    Configuration flink = new Configuration();
    flink.set(CoreOptions.DEFAULT_PARALLELISM, parallelism);
    flink.set(PipelineOptions.GENERIC_TYPES, false);
    flink.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
    flink.set(TaskManagerOptions.NUM_TASK_SLOTS, parallelism);
    return flink;
  }

  /** Runs trials one after the other. */
  private static final class Trials
      extends RichFlatMapFunction<Tuple2<String, Integer>, MuboOutput> {
    private static final long serialVersionUID = 1L;

    private final MuboRequest request;
    private transient MuboData data;
    private transient Kernels kernels;

    Trials(MuboRequest request) {
      this.request = request;
    }

    @Override
    public void open(OpenContext context) {
      data = MuboData.read(request);
      kernels = ((CpuBackend) Backends.named(Backends.AUTO)).kernels().get();
    }

    @Override
    public void flatMap(Tuple2<String, Integer> trial, Collector<MuboOutput> out) {
      new MuboTrial(request, data, MuboMethod.valueOf(trial.f0), trial.f1, kernels)
          .run(out::collect);
    }
  }
}
