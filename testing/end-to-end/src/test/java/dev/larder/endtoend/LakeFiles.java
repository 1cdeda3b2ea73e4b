package dev.larder.endtoend;

import dev.larder.servers.MinioEndpoint;
import dev.larder.servers.StackEndpoints;
import java.util.Map;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

/** The objects that the lake consists of, committed or not. */
record LakeFiles(S3Client s3, String bucket) implements AutoCloseable {

    static LakeFiles of(StackEndpoints endpoints) {
        MinioEndpoint minio = endpoints.minio().orElseThrow();
        Map<String, String> environment = endpoints.environment();
        return new LakeFiles(
                S3Client.builder()
                        .endpointOverride(minio.url())
                        .forcePathStyle(true)
                        .region(Region.of(MinioEndpoint.REGION))
                        .credentialsProvider(StaticCredentialsProvider.create(
                                AwsBasicCredentials.create(minio.accessKey(), minio.secretKey())))
                        .build(),
                String.valueOf(environment.get("LARDER_BUCKET")));
    }

    /** How many data files lie in the folder of a view's feature table. */
    long ofView(String view) {
        String folder = "/features_" + view + "/data/";
        return s3.listObjectsV2Paginator(request -> request.bucket(bucket).prefix("warehouse/")).contents().stream()
                .filter(object -> object.key().contains(folder) && object.key().endsWith(".parquet"))
                .count();
    }

    @Override
    public void close() {
        s3.close();
    }
}
