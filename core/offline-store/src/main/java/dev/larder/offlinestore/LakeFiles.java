package dev.larder.offlinestore;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.objectstorage.Bucket;
import dev.larder.objectstorage.Location;
import dev.larder.objectstorage.ObjectCache;
import dev.larder.objectstorage.S3Settings;
import dev.larder.progress.Progress;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The lake's files of rows as files of this machine, for engines that read nothing else. */
public interface LakeFiles {

    /** Begins a use; the files that it gives stay until it is closed. */
    Opened open();

    /** One use. */
    interface Opened extends AutoCloseable {
        /**
         * The files' paths, in order.
         *
         * @param what they are of, for the progress of fetching them, for example {@code features_orders}
         * @throws LarderException {@code LAKE_UNAVAILABLE} if one is gone or S3 does not answer; {@code ARGUMENT_INVALID} if
         *     together they are larger than the cache
         */
        List<Path> paths(String what, List<FeatureTable.DataFile> files, Progress progress);

        @Override
        void close();
    }

    /** Files of a lake on this machine, which are there already. */
    static LakeFiles local() {
        return () -> new Opened() {
            @Override
            public List<Path> paths(String what, List<FeatureTable.DataFile> files, Progress progress) {
                return files.stream()
                        .map(file -> LocalFileIO.path(file.location()))
                        .toList();
            }

            @Override
            public void close() {}
        };
    }

    /** Files of a lake in S3: fetched when they are needed and kept for the next time, as long as there is room. */
    static LakeFiles cached(S3Settings s3, ObjectCache cache) {
        return () -> new Fetched(s3, cache.open());
    }

    /** Files of the lake wherever it is. */
    static LakeFiles of(LakeAddress lake, ObjectCache cache) {
        return lake.warehouse() instanceof Location.S3 ? cached(lake.s3(), cache) : local();
    }

    /** Copies of objects. */
    final class Fetched implements Opened {
        private final S3Settings s3;
        private final ObjectCache.Use cache;
        private final Map<String, Bucket> buckets = new HashMap<>();

        private Fetched(S3Settings s3, ObjectCache.Use cache) {
            this.s3 = s3;
            this.cache = cache;
        }

        @Override
        public List<Path> paths(String what, List<FeatureTable.DataFile> files, Progress progress) {
            List<ObjectCache.Fixed> objects =
                    files.stream().map(Fetched::object).toList();
            objects.forEach(object -> bucket(object.location()));
            try (Progress.Step step = progress.start("fetch " + what, "bytes")) {
                step.expect(objects.stream().mapToLong(ObjectCache.Fixed::bytes).sum());
                List<Path> paths = cache.files(
                        objects, (location, file) -> bucket(location).download(location.key(), file), step::add);
                step.done(objects.size() + " files");
                return paths;
            }
        }

        /** Other engines write other schemes for the same store. */
        private static ObjectCache.Fixed object(FeatureTable.DataFile file) {
            String location = file.location().replaceFirst("^s3[an]://", Location.S3_SCHEME);
            return new ObjectCache.Fixed(
                    Location.S3
                            .parse(location)
                            .orElseThrow(() -> new LarderException(
                                    ErrorCode.LAKE_UNAVAILABLE,
                                    "File %s of the lake is not in S3, where its warehouse is. Rewrite the table: `larder compute`."
                                            .formatted(file.location()))),
                    file.bytes());
        }

        private synchronized Bucket bucket(Location.S3 location) {
            return buckets.computeIfAbsent(
                    location.bucket(), name -> Bucket.open(s3, name, ErrorCode.LAKE_UNAVAILABLE));
        }

        @Override
        public synchronized void close() {
            buckets.values().forEach(Bucket::close);
            cache.close();
        }
    }
}
