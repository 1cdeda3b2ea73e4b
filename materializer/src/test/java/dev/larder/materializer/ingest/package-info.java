@NullMarked
package dev.larder.materializer.ingest;

import org.jspecify.annotations.NullMarked;
