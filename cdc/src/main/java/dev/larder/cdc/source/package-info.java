/** What a PostgreSQL database says about a table that is to become a data source. */
@NullMarked
package dev.larder.cdc.source;

import org.jspecify.annotations.NullMarked;
