/** What the tests of this module share: one Spark session, and a change log in memory. */
@NullMarked
package dev.larder.materializer.testing;

import org.jspecify.annotations.NullMarked;
