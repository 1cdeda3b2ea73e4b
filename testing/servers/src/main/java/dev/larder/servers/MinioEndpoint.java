package dev.larder.servers;

import java.net.URI;

/** Where MinIO answers, in path style, and whom it lets in. */
public record MinioEndpoint(URI url, String accessKey, String secretKey) {
    /** The only region that it knows. */
    public static final String REGION = "us-east-1";

    @Override
    public String toString() {
        return "MinioEndpoint[url=%s, accessKey=%s]".formatted(url, accessKey);
    }
}
