/** The codecs against bytes that Feast itself wrote. */
@NullMarked
package dev.larder.feast;

import org.jspecify.annotations.NullMarked;
