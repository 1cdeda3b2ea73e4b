@NullMarked
package dev.larder.objectstorage;

import org.jspecify.annotations.NullMarked;
