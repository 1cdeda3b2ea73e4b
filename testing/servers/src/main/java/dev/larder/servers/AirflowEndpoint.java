package dev.larder.servers;

import java.net.URI;
import java.nio.file.Path;

/**
 * Where Airflow's API answers; it lets everyone in who is on this machine.
 *
 * @param home its AIRFLOW_HOME, with the logs of the tasks
 */
public record AirflowEndpoint(URI url, Path home) {}
