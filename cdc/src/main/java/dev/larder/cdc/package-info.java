/**
 * The way from a PostgreSQL table to change events: {@link dev.larder.cdc.ConnectorConfig} says what Debezium is to capture,
 * {@link dev.larder.cdc.ConnectClient} has Kafka Connect do it, {@link dev.larder.cdc.CaughtUp} waits for it, and {@link
 * dev.larder.cdc.EnvelopeParser} reads what arrives as {@link dev.larder.cdc.ChangeEvent}s.
 */
@NullMarked
package dev.larder.cdc;

import org.jspecify.annotations.NullMarked;
