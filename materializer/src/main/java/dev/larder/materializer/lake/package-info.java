/** The lake as Spark sees it: one session, the project's Iceberg tables, and what their commits say about themselves. */
@NullMarked
package dev.larder.materializer.lake;

import org.jspecify.annotations.NullMarked;
