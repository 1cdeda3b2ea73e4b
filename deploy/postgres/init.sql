-- The databases beside the source: the lake's catalog and Airflow's own. Run once by PostgreSQL's image (psql) and at each start by the native
-- stack, which passes over what exists. Statements end with a semicolon at the end of a line. Passwords are set where they are known.
CREATE ROLE iceberg LOGIN;
CREATE DATABASE iceberg OWNER iceberg;
CREATE ROLE airflow LOGIN;
CREATE DATABASE airflow OWNER airflow;

\connect iceberg

-- Iceberg's JDBC catalog, schema version V1, as Spark would create it; Trino cannot.
SET ROLE iceberg;
CREATE TABLE IF NOT EXISTS iceberg_tables (
  catalog_name VARCHAR(255) NOT NULL,
  table_namespace VARCHAR(255) NOT NULL,
  table_name VARCHAR(255) NOT NULL,
  metadata_location VARCHAR(1000),
  previous_metadata_location VARCHAR(1000),
  iceberg_type VARCHAR(5),
  PRIMARY KEY (catalog_name, table_namespace, table_name)
);
CREATE TABLE IF NOT EXISTS iceberg_namespace_properties (
  catalog_name VARCHAR(255) NOT NULL,
  namespace VARCHAR(255) NOT NULL,
  property_key VARCHAR(255),
  property_value VARCHAR(1000),
  PRIMARY KEY (catalog_name, namespace, property_key)
);
