package io.counterweight.compute.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.counterweight.compute.StepRequest;
import io.counterweight.support.Floats;
import io.counterweight.support.RandomNetwork;
import io.counterweight.support.Steps;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Host and kernels agree on where every field lies. */
class CudaLayoutTest {

  @Test
  void everyFieldLiesWhereTheKernelsReadIt(@TempDir Path folder) throws Exception {
    assumeTrue(Tool.isInstalled("g++"), "no g++ on this machine");
    RandomNetwork network = RandomNetwork.all().findFirst().orElseThrow();
    ArchitectureTable architecture = new ArchitectureTable(network.spec());
    var batch = Floats.batch(network.inputs(3, 1), network.labels(3, 2));
    var settings = Steps.steering().settings();
    StepTable step =
        new StepTable(
            architecture,
            StepRequest.onLabels(network.state(settings), batch, batch, batch, settings, null));
    try (Device device = new NoDevice()) {
      Staging staging = new Staging();
      ResidentStates states = new ResidentStates(device, staging, 1 << 30);
      step.place(states.use(step.request().state(), java.util.Set.of()), new Scratch(device), 0);
    }
    List<String> written = new ArrayList<>();
    Recorder recorder = new Recorder("Architecture", written);
    architecture.writeStruct(recorder);
    recorder.end();
    recorder = new Recorder("Pass", written);
    step.train.write(recorder);
    recorder.end();
    recorder = new Recorder("Step", written);
    step.write(recorder);
    recorder.end();

    List<String> asked = new ArrayList<>();
    for (String line : written) {
      String[] parts = line.split("[. ]");
      asked.add(
          parts.length == 3
              ? "OFFSET(" + parts[0] + ", " + parts[1] + ")"
              : "SIZE(" + parts[0] + ")");
    }
    Path program = folder.resolve("offsets");
    Path source = folder.resolve("offsets.cpp");
    Files.writeString(
        source,
        "#include <cstddef>\n#include <cstdio>\n#include \"layout.cuh\"\n"
            + "#define OFFSET(type, field) printf(#type \".\" #field \" %zu\\n\", offsetof(type, field));\n"
            + "#define SIZE(type) printf(#type \" %zu\\n\", sizeof(type));\n"
            + "int main() {\n"
            + String.join("\n", asked)
            + "\n}\n");
    Tool.Result compiled =
        Tool.run(
            TimeUnit.MINUTES.toSeconds(2),
            "g++",
            "-std=c++17",
            "-I" + Emulator.KERNELS,
            "-o",
            program.toString(),
            source.toString());
    assertThat(compiled.exitCode()).as(compiled.output()).isZero();

    assertThat(Tool.run(60, program.toString()).output().lines())
        .containsExactlyElementsOf(written);
    assertThat(written)
        .contains(
            "Architecture " + ArchitectureTable.STRUCT_BYTES,
            "Pass " + PassTable.STRUCT_BYTES,
            "Step " + StepTable.STRUCT_BYTES);
  }

  /** Notes a line for each field, and one for the size. */
  private static final class Recorder extends StructWriter {
    private final String type;
    private final List<String> lines;
    private int at;

    private Recorder(String type, List<String> lines) {
      super(ByteBuffer.allocate(4096));
      this.type = type;
      this.lines = lines;
    }

    private void note(String name, int bytes) {
      if (!name.equals("padding")) {
        lines.add(type + "." + name + " " + at);
      }
      at += bytes;
    }

    private void end() {
      lines.add(type + " " + at);
    }

    @Override
    void pointer(String name, long address) {
      note(name, 8);
    }

    @Override
    void word(String name, int value) {
      note(name, 4);
    }

    @Override
    void word(String name, float value) {
      note(name, 4);
    }

    @Override
    void words(String name, int length, int... values) {
      note(name, 4 * length);
    }
  }

  private static final class NoDevice implements Device {
    @Override
    public String description() {
      return "none";
    }

    @Override
    public long freeBytes() {
      return 0;
    }

    @Override
    public boolean guardsAllocations() {
      return true;
    }

    @Override
    public long allocate(long bytes) {
      return 256;
    }

    @Override
    public void free(long address) {}

    @Override
    public void upload(ByteBuffer from, long to) {}

    @Override
    public void download(long from, ByteBuffer to) {}

    @Override
    public void launch(
        Kernel kernel, int x, int y, int z, long architecture, long items, int first, int last) {}

    @Override
    public void close() {}
  }
}
