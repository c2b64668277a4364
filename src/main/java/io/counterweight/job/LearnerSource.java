package io.counterweight.job;

import java.io.IOException;

/** Where stored learners come from, one after the other. */
public interface LearnerSource {
  /**
   * Gives every learner to the reader, none of which it keeps.
   *
   * @throws IOException with a message for the user, if it cannot be read
   */
  void readAll(Reader reader) throws IOException;

  /** Takes learners. */
  interface Reader {
    /**
     * One learner.
     *
     * @param bytes as the codec of states reads them
     * @param place where they lie, for messages
     * @throws IOException with a message for the user, if they are none
     */
    void learner(byte[] bytes, String place) throws IOException;
  }
}
