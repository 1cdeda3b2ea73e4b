package dev.larder.server;

import dev.larder.model.LarderException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Optional;

/** {@code GET /health}: 200 without a body, or 503 that says what is missing. */
final class GetHealth implements Endpoint {
    private final Health health;

    GetHealth(Health health) {
        this.health = health;
    }

    @Override
    public void answer(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Optional<LarderException> problem = health.problem();
        if (problem.isPresent()) {
            ErrorAnswer answer = ErrorAnswer.of(problem.get());
            Bodies.send(response, new ErrorAnswer(503, answer.feastClass(), answer.message()));
        } else {
            response.setStatus(200);
        }
    }
}
