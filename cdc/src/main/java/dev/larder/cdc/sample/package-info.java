/** Sample data that behaves like the real thing: {@link dev.larder.cdc.sample.BankingGenerator} fills a PostgreSQL database. */
@NullMarked
package dev.larder.cdc.sample;

import org.jspecify.annotations.NullMarked;
