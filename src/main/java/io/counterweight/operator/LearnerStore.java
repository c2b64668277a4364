package io.counterweight.operator;

import io.counterweight.learner.LearnerState;

/** Where learners are kept below the cache. */
interface LearnerStore {

  /** The key's learner, or null if there is none. */
  LearnerState read(String key) throws Exception;

  void write(String key, LearnerState state) throws Exception;
}
