package io.counterweight.compute;

import io.counterweight.model.BatmSpec;

/** A way to run the model's mathematics on this machine. */
public interface ComputeBackend {

  /** As written in {@code compute.backend}. */
  String name();

  /** Prepares an architecture. */
  BatmCompute open(BatmSpec spec);
}
