/**
 * What the report and the console show: small accumulators that take results as they come, in
 * bounded memory, and the pictures of a stored model. Each says its values as maps and lists for
 * any JSON writer; docs/report.md describes them. A package of its own because the commands and the
 * console share it.
 *
 * <p>Core: may import {@code java..}, {@code event}, {@code model}, {@code compute}, {@code meta},
 * {@code learner}, {@code metric} and {@code evaluation} only.
 */
package io.counterweight.report;
