package dev.larder.materializer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.objectstorage.Location;
import dev.larder.objectstorage.S3Settings;
import dev.larder.offlinestore.LakeAddress;
import java.net.ConnectException;
import java.net.URI;
import java.util.Optional;
import org.apache.spark.SparkException;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.exception.SdkClientException;

final class FailuresTest {
    private static final LakeAddress LAKE = new LakeAddress(
            "jdbc:postgresql://127.0.0.1:5432/iceberg",
            Optional.empty(),
            Optional.empty(),
            new Location.S3("larder", "warehouse"),
            new S3Settings(URI.create("http://127.0.0.1:9000"), null, true));
    private static final String JOB = "Job aborted due to stage failure: Task 0 in stage 25.0 failed 1 times";

    @Test
    void aTasksFailureIsWhatS3HasSaid() {
        SdkClientException away = SdkClientException.builder()
                .message("Unable to execute HTTP request")
                .cause(new ConnectException("Connection refused"))
                .build();

        LarderException told = Failures.of(new IllegalStateException(new SparkException(JOB, away)), LAKE);

        assertThat(told.code()).isEqualTo(ErrorCode.LAKE_UNAVAILABLE);
        assertThat(told)
                .hasMessageStartingWith("S3 at http://127.0.0.1:9000 does not answer: Connection refused.")
                .hasMessageNotContaining("Job aborted");
    }

    @Test
    void aTasksFailureThatIsOnlyToldAsATextIsOneLineOfIt() {
        SparkException job = new SparkException(
                """
                %s, most recent failure: java.io.UncheckedIOException: Failed to close current writer
                \tat org.apache.iceberg.io.RollingFileWriter.closeCurrentWriter(RollingFileWriter.java:128)
                Caused by: software.amazon.awssdk.core.exception.SdkClientException: Unable to execute HTTP request: Connection refused
                \tat software.amazon.awssdk.core.exception.SdkClientException$BuilderImpl.build(SdkClientException.java:130)
                Caused by: java.net.ConnectException: Connection refused
                \t... 92 more
                """
                        .formatted(JOB));

        LarderException told = Failures.of(new IllegalStateException(job), LAKE);

        assertThat(told.code()).isEqualTo(ErrorCode.LAKE_UNAVAILABLE);
        assertThat(told)
                .hasMessage(
                        "S3 at http://127.0.0.1:9000 cannot be used: software.amazon.awssdk.core.exception.SdkClientException: Unable to execute HTTP request: Connection refused. Start it, or correct larder.s3 of feature_store.yaml, and run the step again.");
    }
}
