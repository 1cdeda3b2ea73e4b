package dev.larder.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ErrorCodeDocumentationTest {
    private static final Path PAGE = Path.of(System.getProperty("larder.root", ""), "docs", "errors.md");
    private static final String HEADING = "### ";

    @Test
    void everyErrorCodeHasAHeadingOfItsOwnOnThePageOfErrors() throws IOException {
        List<String> headings = Files.readAllLines(PAGE).stream()
                .filter(line -> line.startsWith(HEADING))
                .map(line -> line.substring(HEADING.length()).strip())
                .toList();

        assertThat(headings).doesNotHaveDuplicates();
        assertThat(headings)
                .containsAll(Arrays.stream(ErrorCode.values()).map(Enum::name).toList());
    }
}
