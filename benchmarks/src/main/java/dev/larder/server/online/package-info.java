/** In this package because what is measured is not for others to call. */
@NullMarked
package dev.larder.server.online;

import org.jspecify.annotations.NullMarked;
