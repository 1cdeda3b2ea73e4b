package dev.larder.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;

/** The project's files, and the programs that look at them. */
final class Project {
    static final Path ROOT = Path.of(System.getProperty("larder.root"));

    private Project() {}

    static String text(String path) {
        try {
            return Files.readString(ROOT.resolve(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The first group of each match, in order. */
    static List<String> all(String text, String regex) {
        return Pattern.compile(regex, Pattern.MULTILINE)
                .matcher(text)
                .results()
                .map(match -> match.group(1))
                .toList();
    }

    /** The first group of the only match. */
    static String one(String path, String regex) {
        List<MatchResult> matches = Pattern.compile(regex, Pattern.MULTILINE)
                .matcher(text(path))
                .results()
                .toList();
        assertThat(matches).as("%s in %s", regex, path).hasSize(1);
        return matches.get(0).group(1);
    }

    /** A program that deploy/checks/prepare.sh brings. */
    static String linter(String name) {
        String tools = System.getenv("LARDER_TOOLS");
        Path program = (tools == null || tools.isEmpty() ? ROOT.resolve(".larder/tools") : Path.of(tools))
                .resolve("linters/bin")
                .resolve(name);
        require(Files.isExecutable(program), program + " is missing: run deploy/checks/prepare.sh");
        return program.toString();
    }

    /** A part that is missing is a failure in CI; elsewhere the test is skipped and says what is missing. */
    static void require(boolean there, String otherwise) {
        if ("true".equals(System.getenv("CI"))) {
            assertThat(there).as(otherwise).isTrue();
        }
        Assumptions.assumeTrue(there, otherwise);
    }
}
