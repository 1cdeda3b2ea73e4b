/** Runs the tests of the DAGs, which are written in Python as the DAGs are. */
@NullMarked
package dev.larder.airflow;

import org.jspecify.annotations.NullMarked;
