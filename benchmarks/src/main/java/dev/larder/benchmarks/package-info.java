/** What is measured, and what all measurements share. */
@NullMarked
package dev.larder.benchmarks;

import org.jspecify.annotations.NullMarked;
