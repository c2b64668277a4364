package io.counterweight.compute.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Vectors of every width that the machine has, in a JVM of its own each. */
class VectorWidthsTest {

  @Test
  void vectorsOfEveryWidthGiveTheSameBits() throws Exception {
    Set<String> widths = new HashSet<>();
    Set<String> digests = new HashSet<>();
    for (int bytes : new int[] {16, 32, 64}) {
      String line = train(bytes);
      widths.add(line.substring(0, line.lastIndexOf(':')));
      digests.add(line.substring(line.lastIndexOf(':')));
    }

    assertThat(widths).as("this machine has more than one width").hasSizeGreaterThan(1);
    assertThat(digests).hasSize(1);
  }

  private static String train(int bytes) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules=jdk.incubator.vector",
                "-XX:MaxVectorSize=" + bytes,
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                TrainingDigest.class.getName())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(out).isZero();
    String[] lines = out.strip().split("\n");
    return lines[lines.length - 1];
  }
}
