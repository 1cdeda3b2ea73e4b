@NullMarked
package dev.larder.model;

import org.jspecify.annotations.NullMarked;
