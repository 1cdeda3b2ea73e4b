package dev.larder.server;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /docs}: the OpenAPI document for people. Swagger UI comes from the class path, so the page needs nothing from
 * elsewhere; its files are few and named here, no path reaches others.
 */
final class SwaggerUi implements Endpoint {
    static final String PATH = "/docs";
    static final String FILES = PATH + "/";

    private static final String START = "start.js";
    private static final String SCRIPT = "text/javascript";
    private static final Map<String, String> CONTENT_TYPES = Map.of(
            START,
            SCRIPT,
            "swagger-ui-bundle.js",
            SCRIPT,
            "swagger-ui.css",
            "text/css",
            "favicon-32x32.png",
            "image/png");

    private static final String ARTIFACT = "/META-INF/maven/org.webjars/swagger-ui/pom.properties";
    private static final String FOLDER = "/META-INF/resources/webjars/swagger-ui/%s/%s";

    private static final String PAGE =
            """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>Larder feature server</title>
            <link rel="stylesheet" href="docs/swagger-ui.css">
            <link rel="icon" type="image/png" href="docs/favicon-32x32.png">
            </head>
            <body>
            <div id="swagger-ui"></div>
            <script src="docs/swagger-ui-bundle.js"></script>
            <script src="docs/start.js"></script>
            </body>
            </html>
            """;
    /** Addresses are relative, so that the page also works behind a proxy that adds a prefix. */
    private static final String START_SCRIPT =
            """
            SwaggerUIBundle({
              url: 'openapi.json',
              dom_id: '#swagger-ui',
              deepLinking: true,
              validatorUrl: null
            });
            """;

    private static final String ONLY_FROM_HERE =
            "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'";

    @Override
    public void answer(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String path = request.getRequestURI();
        if (path.equals(PATH)) {
            response.setHeader("Content-Security-Policy", ONLY_FROM_HERE);
            Bodies.send(response, 200, "text/html;charset=utf-8", PAGE.getBytes(StandardCharsets.UTF_8));
            return;
        }
        String file = path.substring(FILES.length());
        String contentType = CONTENT_TYPES.get(file);
        byte[] content = contentType == null ? null : content(file);
        if (contentType == null || content == null) {
            Bodies.send(response, 404, JsonBodies.detail("Not Found"));
        } else {
            Bodies.send(response, 200, contentType, content);
        }
    }

    private static byte @Nullable [] content(String file) throws IOException {
        if (file.equals(START)) {
            return START_SCRIPT.getBytes(StandardCharsets.UTF_8);
        }
        try (InputStream found = SwaggerUi.class.getResourceAsStream(FOLDER.formatted(version(), file))) {
            return found == null ? null : found.readAllBytes();
        }
    }

    /** The folder of the files is named after their version, which Maven records beside them. */
    private static String version() throws IOException {
        Properties artifact = new Properties();
        try (InputStream recorded = SwaggerUi.class.getResourceAsStream(ARTIFACT)) {
            if (recorded != null) {
                artifact.load(recorded);
            }
        }
        return artifact.getProperty("version", "");
    }
}
