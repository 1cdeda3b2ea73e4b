/**
 * PostgreSQL, Kafka and Kafka Connect as processes of their own that outlive whoever starts them: see {@link
 * dev.larder.servers.EmbeddedStack}. All listen on 127.0.0.1 only.
 */
@NullMarked
package dev.larder.servers;

import org.jspecify.annotations.NullMarked;
