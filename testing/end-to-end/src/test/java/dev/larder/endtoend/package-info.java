/** The whole pipeline on real parts, compared with SQL over the source and with Feast itself. */
@NullMarked
package dev.larder.endtoend;

import org.jspecify.annotations.NullMarked;
