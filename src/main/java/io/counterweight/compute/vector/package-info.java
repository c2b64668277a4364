/**
 * Kernels on the JDK's Vector API (incubator module {@code jdk.incubator.vector}). Compiled apart,
 * because the module's warning cannot be switched off, and loaded by name, because a JVM started
 * without the module must run too.
 */
package io.counterweight.compute.vector;
