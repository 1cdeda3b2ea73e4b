package dev.larder.objectstorage;

import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where something is kept: on this machine or in a bucket. */
public sealed interface Location {
    /** Prefix of the second kind. */
    String S3_SCHEME = "s3://";

    /** As configuration files say it: a path, or {@code s3://BUCKET/KEY}. */
    String text();

    /** A path on this machine; absolute where it comes from a configuration file. */
    record Local(Path path) implements Location {
        @Override
        public String text() {
            return path.toString();
        }

        @Override
        public String toString() {
            return text();
        }
    }

    /**
     * An object, or all objects below a prefix.
     *
     * @param key without a slash at either end
     */
    record S3(String bucket, String key) implements Location {
        private static final Pattern URI = Pattern.compile("s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/+(.*?)/*");

        public S3 {
            if (bucket.isEmpty() || key.isEmpty() || key.startsWith("/") || key.endsWith("/")) {
                throw new IllegalArgumentException("s3://" + bucket + "/" + key + " (expected: s3://BUCKET/KEY)");
            }
        }

        /** Reads {@code s3://BUCKET/KEY}; empty for any other text. */
        public static Optional<S3> parse(String text) {
            Matcher matcher = URI.matcher(text);
            return matcher.matches() && !matcher.group(2).isEmpty()
                    ? Optional.of(new S3(matcher.group(1), matcher.group(2)))
                    : Optional.empty();
        }

        @Override
        public String text() {
            return S3_SCHEME + bucket + "/" + key;
        }

        @Override
        public String toString() {
            return text();
        }
    }
}
