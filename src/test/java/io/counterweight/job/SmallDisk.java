package io.counterweight.job;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;

/**
 * A file system of a few mebibytes, to be filled: a tmpfs in a mount namespace of its own, which
 * Linux gives to any user who may have user namespaces. Programs see it when they are started
 * inside; it ends with the process that holds it, and that with this one.
 */
final class SmallDisk implements AutoCloseable {
  private static final String HOLD =
      "mount -t tmpfs -o size=\"$1\"m counterweight \"$0\" && echo mounted && exec cat";
  private static final int BLOCK = 4096;

  private final Process holder;
  private final Path mount;

  private SmallDisk(Process holder, Path mount) {
    this.holder = holder;
    this.mount = mount;
  }

  /**
   * Mounts it.
   *
   * @param mount an empty folder
   * @return empty where the system does not allow it
   */
  static Optional<SmallDisk> at(Path mount, int mebibytes) throws IOException {
    Process holder;
    try {
      holder =
          new ProcessBuilder(
                  "unshare",
                  "--user",
                  "--map-root-user",
                  "--mount",
                  "sh",
                  "-c",
                  HOLD,
                  mount.toString(),
                  Integer.toString(mebibytes))
              .redirectErrorStream(true)
              .start();
    } catch (IOException e) {
      return Optional.empty(); // There is no such program.
    }
    BufferedReader answer =
        new BufferedReader(new InputStreamReader(holder.getInputStream(), StandardCharsets.UTF_8));
    if (!"mounted".equals(answer.readLine())) {
      holder.destroyForcibly();
      return Optional.empty();
    }
    return Optional.of(new SmallDisk(holder, mount));
  }

  /** The start of a command line, for a program that is to see the disk. */
  List<String> inside() {
    return List.of(
        "nsenter", "--target=" + holder.pid(), "--user", "--mount", "--preserve-credentials", "--");
  }

  /** The disk, as programs outside see it. */
  Path fromOutside() {
    return Path.of("/proc/" + holder.pid() + "/root" + mount);
  }

  /** Writes until nothing more is taken. */
  void fill() throws IOException {
    try (OutputStream out =
        Files.newOutputStream(filler(), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      while (true) {
        out.write(new byte[BLOCK]);
      }
    } catch (IOException e) {
      long free = Files.getFileStore(fromOutside()).getUsableSpace();
      if (free >= BLOCK) {
        throw new IOException("The disk is not full, there are " + free + " bytes", e);
      }
    }
  }

  /** Gives the space back. */
  void free() throws IOException {
    Files.delete(filler());
  }

  private Path filler() {
    return fromOutside().resolve("filler");
  }

  @Override
  public void close() {
    holder.destroy();
  }
}
