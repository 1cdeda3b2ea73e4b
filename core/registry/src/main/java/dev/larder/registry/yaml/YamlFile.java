package dev.larder.registry.yaml;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.reader.ReaderException;

/** One YAML file under the name that messages call it. */
public final class YamlFile {
    private final String name;
    private final Problems problems;

    public YamlFile(String name, Problems problems) {
        this.name = name;
        this.problems = problems;
    }

    public String name() {
        return name;
    }

    /** The documents that can be read; a syntax error is reported and ends the reading. Empty documents are left out. */
    public List<YamlNode> documents(String text) {
        List<YamlNode> documents = new ArrayList<>();
        // Only nodes are composed: no tag can make an object here.
        LoaderOptions options = new LoaderOptions();
        options.setAllowDuplicateKeys(true);
        try {
            for (Node node : new Yaml(options).composeAll(new StringReader(text))) {
                YamlNode document = new YamlNode(this, node, "document");
                if (!document.isNull()) {
                    documents.add(document);
                }
            }
        } catch (MarkedYAMLException e) {
            // The exception's own message quotes the lines around, which may hold a password.
            Mark mark = e.getProblemMark() == null ? e.getContextMark() : e.getProblemMark();
            report(mark == null ? 1 : mark.getLine() + 1, "not valid YAML: " + syntaxError(e) + hint(text, e));
        } catch (ReaderException e) {
            report(
                    1
                            + (int) text.codePoints()
                                    .limit(e.getPosition())
                                    .filter(c -> c == '\n')
                                    .count(),
                    "not valid YAML: character U+%04X is not allowed (write it as an escape in double quotes)"
                            .formatted(e.getCodePoint()));
        } catch (YAMLException e) {
            report(1, "not valid YAML: " + e.getMessage());
        }
        return documents;
    }

    void report(int line, String text) {
        problems.add(new Problem(name, line, text));
    }

    private static String syntaxError(MarkedYAMLException e) {
        String context = e.getContext() == null ? "" : e.getContext() + ", ";
        return context + e.getProblem();
    }

    private static String hint(String text, MarkedYAMLException e) {
        if (e.getProblemMark() != null) {
            List<String> lines = text.lines().toList();
            int line = e.getProblemMark().getLine();
            if (line < lines.size() && lines.get(line).contains("\t")) {
                return " (the line holds a tab; indent with spaces)";
            }
        }
        return " (check the indentation, quotes and brackets here and one line above)";
    }
}
