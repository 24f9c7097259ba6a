#include "store/findings/migrations/migrations.h"

namespace vmsecurity::store {

const std::string_view kFindingsSqlite = R"sql(
CREATE TABLE finding_rows (
    row_id integer PRIMARY KEY,
    found_on integer,
    invalidated_on integer,
    last_seen integer,
    revision integer NOT NULL,
    content integer,
    impact integer,
    severity integer,
    known_exploited integer,
    epss_score real,
    object_type text,
    asset_id text,
    key text,
    id text NOT NULL UNIQUE,
    found_by_id text,
    scanner text,
    location text,
    suppressed_by text,
    vulnerability_name text,
    package_name text,
    package_version text,
    name text,
    version text,
    language text,
    path text,
    file_path text,
    fingerprint text,
    malware_name text,
    rule_name text,
    rootkit_name text,
    test_id text,
    cve_id text,
    source_db text,
    head text NOT NULL,
    tail text NOT NULL
);
-- Before those of the valid rows: SQLite takes the younger one of two that look alike to it.
CREATE INDEX finding_rows_found_on ON finding_rows (object_type, found_on);
CREATE INDEX finding_rows_invalidated_on ON finding_rows (object_type, invalidated_on)
    WHERE invalidated_on IS NOT NULL;
CREATE INDEX finding_rows_valid ON finding_rows (object_type, found_on)
    WHERE invalidated_on IS NULL;
CREATE INDEX finding_rows_valid_severity ON finding_rows (object_type, severity)
    WHERE invalidated_on IS NULL;
CREATE INDEX finding_rows_valid_vulnerability ON finding_rows (object_type, vulnerability_name)
    WHERE invalidated_on IS NULL;
CREATE INDEX finding_rows_valid_package ON finding_rows (object_type, package_name)
    WHERE invalidated_on IS NULL;
CREATE INDEX finding_rows_valid_name ON finding_rows (object_type, name)
    WHERE invalidated_on IS NULL;
CREATE INDEX finding_rows_asset ON finding_rows (asset_id, object_type, found_on);
CREATE INDEX finding_rows_found_by ON finding_rows (found_by_id);
CREATE INDEX finding_rows_suppressed_by ON finding_rows (suppressed_by)
    WHERE suppressed_by IS NOT NULL;

-- When the asset's findings of a type were last looked for, and how often they were.
CREATE TABLE finding_observations (
    asset_id text NOT NULL,
    finding_type text NOT NULL,
    observed_on integer NOT NULL,
    observations integer NOT NULL,
    PRIMARY KEY (asset_id, finding_type)
);

-- What each asset scan saw, and when: a finding belongs to it by the time in which it is valid.
CREATE TABLE asset_scan_reconciliations (
    asset_scan_id text NOT NULL,
    finding_type text NOT NULL,
    scan_id text,
    asset_id text NOT NULL,
    observed_on integer NOT NULL,
    coverage text NOT NULL,
    PRIMARY KEY (asset_scan_id, finding_type)
);
CREATE INDEX asset_scan_reconciliations_asset
    ON asset_scan_reconciliations (asset_id, finding_type, observed_on);
CREATE INDEX asset_scan_reconciliations_scan ON asset_scan_reconciliations (scan_id, asset_id);

-- Which revision of each suppression findings.suppressed_by follows, and whether it held then: where
-- it is another, there is work to do.
CREATE TABLE suppression_states (
    suppression_id text PRIMARY KEY,
    revision integer NOT NULL,
    active integer NOT NULL
);

-- Every value that a column of findings has or had: substrings are searched here.
CREATE TABLE finding_names (
    field text NOT NULL,
    value text NOT NULL,
    PRIMARY KEY (field, value)
) WITHOUT ROWID;

-- Counts. Severity -1: none. They are kept by the transactions that write findings.
CREATE TABLE finding_totals (
    finding_type text NOT NULL,
    severity integer NOT NULL,
    active integer NOT NULL,
    total integer NOT NULL,
    PRIMARY KEY (finding_type, severity)
);
CREATE TABLE finding_hour_counts (
    row_id integer PRIMARY KEY,
    finding_type text NOT NULL,
    severity integer NOT NULL,
    hour integer NOT NULL,
    added integer NOT NULL,
    invalidated integer NOT NULL,
    UNIQUE (finding_type, hour, severity)
);
CREATE TABLE finding_impact_counts (
    row_id integer PRIMARY KEY,
    finding_type text NOT NULL,
    severity integer NOT NULL,
    impact integer NOT NULL,
    affected_assets integer NOT NULL,
    severity_rank integer GENERATED ALWAYS AS (nullif(severity, -1)) STORED,
    sample text NOT NULL,
    UNIQUE (finding_type, impact, severity)
);
-- For "severity desc, affectedAssets desc", in all types.
CREATE INDEX finding_impact_counts_ranking ON finding_impact_counts
    (finding_type, severity_rank, affected_assets);

-- The members between head and tail stand where the canonical order has them.
CREATE VIEW findings AS SELECT
    f.row_id,
    f.id,
    CASE WHEN f.last_seen IS NOT NULL THEN f.revision ELSE f.revision + coalesce((
        SELECT o.observations FROM finding_observations AS o
        WHERE o.asset_id = f.asset_id AND o.finding_type = f.object_type), 0) END AS revision,
    NULL AS unique_key,
    f.asset_id,
    f.found_by_id,
    f.object_type,
    f.found_on,
    coalesce(f.last_seen, (
        SELECT CASE WHEN o.observed_on >= f.found_on THEN o.observed_on ELSE f.found_on END
        FROM finding_observations AS o
        WHERE o.asset_id = f.asset_id AND o.finding_type = f.object_type), f.found_on) AS last_seen,
    f.invalidated_on,
    f.key,
    f.suppressed_by,
    f.scanner,
    f.location,
    f.severity,
    f.vulnerability_name,
    f.package_name,
    f.package_version,
    f.name,
    f.version,
    f.language,
    f.path,
    f.file_path,
    f.fingerprint,
    f.malware_name,
    f.rule_name,
    f.rootkit_name,
    f.test_id,
    f.cve_id,
    f.source_db,
    f.epss_score,
    f.known_exploited,
    f.head ||
        coalesce(',"invalidatedOn":"' || (strftime('%Y-%m-%dT%H:%M:%S', (f.invalidated_on - (f.invalidated_on % 1000000000 + 1000000000) % 1000000000) / 1000000000, 'unixepoch') ||
        CASE WHEN f.invalidated_on % 1000000000 = 0 THEN '' ELSE rtrim(printf('.%09d', (f.invalidated_on % 1000000000 + 1000000000) % 1000000000), '0') END || 'Z') || '"', '') ||
        coalesce(',"key":"' || f.key || '"', '') ||
        coalesce((SELECT ',"lastSeen":"' || (strftime('%Y-%m-%dT%H:%M:%S', (s.t - (s.t % 1000000000 + 1000000000) % 1000000000) / 1000000000, 'unixepoch') ||
        CASE WHEN s.t % 1000000000 = 0 THEN '' ELSE rtrim(printf('.%09d', (s.t % 1000000000 + 1000000000) % 1000000000), '0') END || 'Z') || '"' FROM (SELECT coalesce(f.last_seen, (
        SELECT CASE WHEN o.observed_on >= f.found_on THEN o.observed_on ELSE f.found_on END
        FROM finding_observations AS o
        WHERE o.asset_id = f.asset_id AND o.finding_type = f.object_type), f.found_on) AS t) AS s), '') ||
        f.tail AS document
FROM finding_rows AS f;

-- SQLite's JSON functions are not allowed in views (trusted_schema). Ids with control characters,
-- which 0.6 never made, are left out.
CREATE VIEW asset_findings AS SELECT
    f.row_id,
    f.id,
    CASE WHEN f.last_seen IS NOT NULL THEN f.revision ELSE f.revision + coalesce((
        SELECT o.observations FROM finding_observations AS o
        WHERE o.asset_id = f.asset_id AND o.finding_type = f.object_type), 0) END AS revision,
    NULL AS unique_key,
    f.asset_id,
    f.id AS finding_id,
    f.found_on AS first_seen,
    coalesce(f.last_seen, (
        SELECT CASE WHEN o.observed_on >= f.found_on THEN o.observed_on ELSE f.found_on END
        FROM finding_observations AS o
        WHERE o.asset_id = f.asset_id AND o.finding_type = f.object_type), f.found_on) AS last_seen,
    f.invalidated_on,
    '{"asset":{"id":' || '"' || replace(replace(f.asset_id, '\', '\\'), '"', '\"') || '"' || '},"finding":{"id":' || '"' || replace(replace(f.id, '\', '\\'), '"', '\"') || '"' || '}' ||
        coalesce(',"firstSeen":"' || (strftime('%Y-%m-%dT%H:%M:%S', (f.found_on - (f.found_on % 1000000000 + 1000000000) % 1000000000) / 1000000000, 'unixepoch') ||
        CASE WHEN f.found_on % 1000000000 = 0 THEN '' ELSE rtrim(printf('.%09d', (f.found_on % 1000000000 + 1000000000) % 1000000000), '0') END || 'Z') || '"', '') ||
        ',"id":' || '"' || replace(replace(f.id, '\', '\\'), '"', '\"') || '"' ||
        coalesce(',"invalidatedOn":"' || (strftime('%Y-%m-%dT%H:%M:%S', (f.invalidated_on - (f.invalidated_on % 1000000000 + 1000000000) % 1000000000) / 1000000000, 'unixepoch') ||
        CASE WHEN f.invalidated_on % 1000000000 = 0 THEN '' ELSE rtrim(printf('.%09d', (f.invalidated_on % 1000000000 + 1000000000) % 1000000000), '0') END || 'Z') || '"', '') ||
        coalesce((SELECT ',"lastSeen":"' || (strftime('%Y-%m-%dT%H:%M:%S', (s.t - (s.t % 1000000000 + 1000000000) % 1000000000) / 1000000000, 'unixepoch') ||
        CASE WHEN s.t % 1000000000 = 0 THEN '' ELSE rtrim(printf('.%09d', (s.t % 1000000000 + 1000000000) % 1000000000), '0') END || 'Z') || '"' FROM (SELECT coalesce(f.last_seen, (
        SELECT CASE WHEN o.observed_on >= f.found_on THEN o.observed_on ELSE f.found_on END
        FROM finding_observations AS o
        WHERE o.asset_id = f.asset_id AND o.finding_type = f.object_type), f.found_on) AS t) AS s), '') ||
        '}' AS document
FROM finding_rows AS f
WHERE f.asset_id IS NOT NULL AND f.asset_id NOT GLOB '*[' || char(1) || '-' || char(31) || ']*';

CREATE VIEW finding_hours AS SELECT
    c.row_id,
    c.finding_type || '-' || c.severity || '-' || c.hour AS id,
    1 AS revision,
    NULL AS unique_key,
    c.finding_type,
    nullif(c.severity, -1) AS severity,
    c.hour,
    c.added,
    c.invalidated,
    '{"added":' || c.added || ',"findingType":"' || c.finding_type || '","hour":"' ||
        (strftime('%Y-%m-%dT%H:%M:%S', (c.hour - (c.hour % 1000000000 + 1000000000) % 1000000000) / 1000000000, 'unixepoch') ||
        CASE WHEN c.hour % 1000000000 = 0 THEN '' ELSE rtrim(printf('.%09d', (c.hour % 1000000000 + 1000000000) % 1000000000), '0') END || 'Z') || '","invalidated":' || c.invalidated ||
        CASE c.severity
            WHEN 0 THEN ',"severity":"NEGLIGIBLE"'
            WHEN 1 THEN ',"severity":"LOW"'
            WHEN 2 THEN ',"severity":"MisconfigurationLowSeverity"'
            WHEN 3 THEN ',"severity":"MEDIUM"'
            WHEN 4 THEN ',"severity":"MisconfigurationMediumSeverity"'
            WHEN 5 THEN ',"severity":"HIGH"'
            WHEN 6 THEN ',"severity":"MisconfigurationHighSeverity"'
            WHEN 7 THEN ',"severity":"CRITICAL"'
            ELSE '' END || '}' AS document
FROM finding_hour_counts AS c;

CREATE VIEW finding_impacts AS SELECT
    c.row_id,
    c.finding_type || '-' || c.severity || '-' || printf('%016x', c.impact) AS id,
    1 AS revision,
    NULL AS unique_key,
    c.finding_type,
    c.severity_rank AS severity,
    printf('%016x', c.impact) AS key,
    c.affected_assets,
    '{"affectedAssets":' || c.affected_assets || ',"findingInfo":' || c.sample ||
        ',"findingType":"' || c.finding_type || '","key":"' || printf('%016x', c.impact) || '"' ||
        CASE c.severity
            WHEN 0 THEN ',"severity":"NEGLIGIBLE"'
            WHEN 1 THEN ',"severity":"LOW"'
            WHEN 2 THEN ',"severity":"MisconfigurationLowSeverity"'
            WHEN 3 THEN ',"severity":"MEDIUM"'
            WHEN 4 THEN ',"severity":"MisconfigurationMediumSeverity"'
            WHEN 5 THEN ',"severity":"HIGH"'
            WHEN 6 THEN ',"severity":"MisconfigurationHighSeverity"'
            WHEN 7 THEN ',"severity":"CRITICAL"'
            ELSE '' END || '}' AS document
FROM finding_impact_counts AS c;
)sql";

}  // namespace vmsecurity::store
