#include "store/migrations/migrations.h"

namespace vmsecurity::store {

// Frozen: a released step never changes; another column is another step. Documents come last, so
// that no reader of another column has to go through their pages.
const std::string_view kCollectionsSqlite = R"sql(
CREATE TABLE assets (
    row_id integer PRIMARY KEY,
    id text NOT NULL UNIQUE,
    revision integer NOT NULL,
    unique_key text UNIQUE,
    name text,
    object_type text,
    location text,
    instance_id text,
    first_seen integer,
    last_seen integer,
    terminated_on integer,
    total_packages integer,
    total_exploits integer,
    total_malware integer,
    total_misconfigurations integer,
    total_rootkits integer,
    total_secrets integer,
    total_info_finder integer,
    total_critical_vulnerabilities integer,
    total_high_vulnerabilities integer,
    total_medium_vulnerabilities integer,
    total_low_vulnerabilities integer,
    total_negligible_vulnerabilities integer,
    document text NOT NULL
);
CREATE INDEX assets_last_seen ON assets (last_seen, terminated_on);
CREATE INDEX assets_terminated_on ON assets (terminated_on);
CREATE INDEX assets_first_seen ON assets (first_seen);
CREATE INDEX assets_name ON assets (name);
CREATE INDEX assets_location ON assets (location);
CREATE INDEX assets_object_type ON assets (object_type);
CREATE INDEX assets_instance_id ON assets (instance_id);
CREATE INDEX assets_total_packages ON assets (total_packages);
CREATE INDEX assets_total_exploits ON assets (total_exploits);
CREATE INDEX assets_total_malware ON assets (total_malware);
CREATE INDEX assets_total_misconfigurations ON assets (total_misconfigurations);
CREATE INDEX assets_total_rootkits ON assets (total_rootkits);
CREATE INDEX assets_total_secrets ON assets (total_secrets);
CREATE INDEX assets_total_info_finder ON assets (total_info_finder);
CREATE INDEX assets_vulnerabilities ON assets (
    total_critical_vulnerabilities,
    total_high_vulnerabilities,
    total_medium_vulnerabilities,
    total_low_vulnerabilities,
    total_negligible_vulnerabilities
);

CREATE TABLE scan_configs (
    row_id integer PRIMARY KEY,
    id text NOT NULL UNIQUE,
    revision integer NOT NULL,
    unique_key text UNIQUE,
    name text,
    disabled integer,
    operation_time integer,
    document text NOT NULL
);
CREATE INDEX scan_configs_operation_time ON scan_configs (operation_time);

CREATE TABLE scans (
    row_id integer PRIMARY KEY,
    id text NOT NULL UNIQUE,
    revision integer NOT NULL,
    unique_key text UNIQUE,
    name text,
    scan_config_id text,
    state text,
    start_time integer,
    end_time integer,
    document text NOT NULL
);
CREATE INDEX scans_start_time ON scans (start_time);
CREATE INDEX scans_end_time ON scans (end_time);
CREATE INDEX scans_scan_config_id ON scans (scan_config_id);
CREATE INDEX scans_state ON scans (state);
CREATE INDEX scans_name ON scans (name);

CREATE TABLE asset_scans (
    row_id integer PRIMARY KEY,
    id text NOT NULL UNIQUE,
    revision integer NOT NULL,
    unique_key text UNIQUE,
    asset_id text,
    scan_id text,
    state text,
    last_transition_time integer,
    findings_processed integer,
    cleanup_state text,
    start_time integer,
    end_time integer,
    document text NOT NULL
);
CREATE INDEX asset_scans_asset_id ON asset_scans (asset_id, start_time);
CREATE INDEX asset_scans_scan_id ON asset_scans (scan_id, state);
CREATE INDEX asset_scans_state ON asset_scans (state, last_transition_time);
CREATE INDEX asset_scans_findings_processed ON asset_scans (findings_processed);
CREATE INDEX asset_scans_cleanup_state ON asset_scans (cleanup_state);
CREATE INDEX asset_scans_start_time ON asset_scans (start_time);
CREATE INDEX asset_scans_end_time ON asset_scans (end_time);

CREATE TABLE suppressions (
    row_id integer PRIMARY KEY,
    id text NOT NULL UNIQUE,
    revision integer NOT NULL,
    unique_key text UNIQUE,
    finding_key text,
    asset_id text,
    expires_on integer,
    created_on integer,
    document text NOT NULL
);
CREATE INDEX suppressions_finding_key ON suppressions (finding_key);
CREATE INDEX suppressions_asset_id ON suppressions (asset_id);
CREATE INDEX suppressions_expires_on ON suppressions (expires_on);

CREATE TABLE scan_estimations (
    row_id integer PRIMARY KEY,
    id text NOT NULL UNIQUE,
    revision integer NOT NULL,
    unique_key text UNIQUE,
    state text,
    start_time integer,
    end_time integer,
    delete_after integer,
    document text NOT NULL
);
CREATE INDEX scan_estimations_state ON scan_estimations (state);
CREATE INDEX scan_estimations_start_time ON scan_estimations (start_time);
CREATE INDEX scan_estimations_delete_after ON scan_estimations (delete_after);

CREATE TABLE asset_scan_estimations (
    row_id integer PRIMARY KEY,
    id text NOT NULL UNIQUE,
    revision integer NOT NULL,
    unique_key text UNIQUE,
    asset_id text,
    scan_estimation_id text,
    state text,
    start_time integer,
    end_time integer,
    delete_after integer,
    document text NOT NULL
);
CREATE INDEX asset_scan_estimations_asset_id ON asset_scan_estimations (asset_id);
CREATE INDEX asset_scan_estimations_scan_estimation_id ON asset_scan_estimations (scan_estimation_id, state);
CREATE INDEX asset_scan_estimations_state ON asset_scan_estimations (state);
CREATE INDEX asset_scan_estimations_delete_after ON asset_scan_estimations (delete_after);

CREATE TABLE providers (
    row_id integer PRIMARY KEY,
    id text NOT NULL UNIQUE,
    revision integer NOT NULL,
    unique_key text UNIQUE,
    display_name text,
    last_heartbeat_time integer,
    state text,
    document text NOT NULL
);
CREATE INDEX providers_display_name ON providers (display_name);

CREATE TABLE cloud_resources (
    row_id integer PRIMARY KEY,
    id text NOT NULL UNIQUE,
    revision integer NOT NULL,
    unique_key text UNIQUE,
    asset_scan_id text,
    provider_id text,
    kind text,
    name text,
    region text,
    client_token text,
    state text,
    intended_on integer,
    created_on integer,
    deleted_on integer,
    document text NOT NULL
);
CREATE INDEX cloud_resources_asset_scan_id ON cloud_resources (asset_scan_id);
CREATE INDEX cloud_resources_provider_id ON cloud_resources (provider_id);
CREATE INDEX cloud_resources_state ON cloud_resources (state);
CREATE INDEX cloud_resources_client_token ON cloud_resources (client_token);

CREATE TABLE databases (
    row_id integer PRIMARY KEY,
    id text NOT NULL UNIQUE,
    revision integer NOT NULL,
    unique_key text UNIQUE,
    name text,
    kind text,
    built_on integer,
    checked_on integer,
    document text NOT NULL
);

CREATE TABLE saved_views (
    row_id integer PRIMARY KEY,
    id text NOT NULL UNIQUE,
    revision integer NOT NULL,
    unique_key text UNIQUE,
    name text,
    collection text,
    owner text,
    shared integer,
    document text NOT NULL
);
CREATE INDEX saved_views_owner ON saved_views (owner);

CREATE TABLE users (
    row_id integer PRIMARY KEY,
    id text NOT NULL UNIQUE,
    revision integer NOT NULL,
    unique_key text UNIQUE,
    name text,
    role text,
    subject text,
    disabled integer,
    document text NOT NULL
);
CREATE INDEX users_subject ON users (subject);

CREATE TABLE tokens (
    row_id integer PRIMARY KEY,
    id text NOT NULL UNIQUE,
    revision integer NOT NULL,
    unique_key text UNIQUE,
    name text,
    role text,
    user_id text,
    asset_scan_id text,
    expires_on integer,
    last_used_on integer,
    document text NOT NULL
);
CREATE INDEX tokens_user_id ON tokens (user_id);
CREATE INDEX tokens_asset_scan_id ON tokens (asset_scan_id);
CREATE INDEX tokens_expires_on ON tokens (expires_on);

CREATE TABLE notification_rules (
    row_id integer PRIMARY KEY,
    id text NOT NULL UNIQUE,
    revision integer NOT NULL,
    unique_key text UNIQUE,
    name text,
    disabled integer,
    document text NOT NULL
);

CREATE TABLE audit_events (
    row_id integer PRIMARY KEY,
    id text NOT NULL UNIQUE,
    revision integer NOT NULL,
    unique_key text UNIQUE,
    time integer,
    actor text,
    operation text,
    collection text,
    object_id text,
    status integer,
    document text NOT NULL
);
CREATE INDEX audit_events_time ON audit_events (time);
CREATE INDEX audit_events_collection ON audit_events (collection, object_id);
CREATE INDEX audit_events_actor ON audit_events (actor);
)sql";

}  // namespace vmsecurity::store
