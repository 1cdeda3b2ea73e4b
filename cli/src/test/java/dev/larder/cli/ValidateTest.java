package dev.larder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class ValidateTest {
    @TempDir
    private Path folder = Path.of("");

    @Test
    void aConnectionStringThatCannotBeReadIsToldAtItsLine() throws IOException {
        assertThat(validate("localhost:6379,db=nine"))
                .isEqualTo(
                        """
                        error DEFINITION_INVALID: 1 mistake in %1$s:
                        feature_store.yaml:6: online_store.connection_string: db=nine (expected: a whole number from 0)
                        """
                                .formatted(folder.resolve("feature_store.yaml")));
        assertThat(validate("localhost:port"))
                .contains("feature_store.yaml:6: online_store.connection_string: a part of it is neither host:port");
        assertThat(validate("localhost:6379,password=s3cret,pool=4"))
                .contains("feature_store.yaml:6: online_store.connection_string: unknown parameter")
                .doesNotContain("s3cret");
        assertThat(validate("localhost:6379,password=s3cret"))
                .as("a right one leads on to the definitions")
                .contains("defines no feature view");
    }

    /** What is written to standard error. */
    private String validate(String connectionString) throws IOException {
        System.setProperty("larder.home", System.getProperty("larder.root"));
        Files.writeString(
                folder.resolve("feature_store.yaml"),
                """
                project: shop
                provider: local
                registry: registry.db
                online_store:
                  type: redis
                  connection_string: %s
                """
                        .formatted(connectionString));
        StringWriter err = new StringWriter();
        CommandLine command = Main.commandLine().setErr(new PrintWriter(err));
        int exitCode = command.execute("-c", folder.toString(), "validate");
        assertThat(exitCode).isEqualTo(2);
        return err.toString();
    }
}
