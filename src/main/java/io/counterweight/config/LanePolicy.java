package io.counterweight.config;

/** How a lane weighs labelled events; in lower case it is the lane's name. */
enum LanePolicy {
  /** Every event alike: the control. */
  UNIFORM(false),
  /** A MetaWeightNet, taught by trusted events. */
  BILEVEL(true);

  private final boolean steering;

  LanePolicy(boolean steering) {
    this.steering = steering;
  }

  boolean steers() {
    return steering;
  }
}
