/** Plain loops on any JVM: the readable form of the passes, and the fallback of faster ones. */
package io.counterweight.compute.scalar;
