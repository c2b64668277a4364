/** Which GPUs the machine has, found without loading a library of theirs. */
package io.counterweight.compute.gpu;
