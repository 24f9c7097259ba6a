#include "store/migrations/migrations.h"

namespace vmsecurity::store {

// What belongs to no collection: results of asset scans, the change feed, leases, hashes of tokens.
const std::string_view kRecordsSqlite = R"sql(
CREATE TABLE asset_scan_results (
    asset_scan_id text NOT NULL,
    member text NOT NULL,
    encoding integer NOT NULL,
    data blob NOT NULL,
    PRIMARY KEY (asset_scan_id, member)
);

CREATE TABLE changes (
    id integer PRIMARY KEY,
    collection text NOT NULL,
    object_id text NOT NULL,
    kind integer NOT NULL,
    family text NOT NULL,
    revision integer NOT NULL,
    time integer NOT NULL
);
CREATE TABLE change_feed (
    only_row integer PRIMARY KEY CHECK (only_row = 1),
    base integer NOT NULL,
    pruned_to integer NOT NULL
);
INSERT INTO change_feed (only_row, base, pruned_to) VALUES (1, 0, 0);

CREATE TABLE leases (
    name text PRIMARY KEY,
    holder text NOT NULL,
    fencing integer NOT NULL,
    acquired_on integer NOT NULL,
    expires_on integer NOT NULL,
    time_to_live integer NOT NULL
) WITHOUT ROWID;

CREATE TABLE token_hashes (
    hash text PRIMARY KEY,
    token_id text NOT NULL
) WITHOUT ROWID;
CREATE INDEX token_hashes_token_id ON token_hashes (token_id);
)sql";

const std::string_view kRecordsPostgres = R"sql(
CREATE TABLE asset_scan_results (
    asset_scan_id text COLLATE "C" NOT NULL,
    member text COLLATE "C" NOT NULL,
    encoding smallint NOT NULL,
    data bytea NOT NULL,
    PRIMARY KEY (asset_scan_id, member)
);
-- They are compressed already.
ALTER TABLE asset_scan_results ALTER COLUMN data SET STORAGE EXTERNAL;

CREATE TABLE changes (
    id bigint PRIMARY KEY,
    collection text COLLATE "C" NOT NULL,
    object_id text COLLATE "C" NOT NULL,
    kind smallint NOT NULL,
    family text COLLATE "C" NOT NULL,
    revision bigint NOT NULL,
    time bigint NOT NULL
);
CREATE TABLE change_feed (
    only_row smallint PRIMARY KEY CHECK (only_row = 1),
    base bigint NOT NULL,
    pruned_to bigint NOT NULL
);
INSERT INTO change_feed (only_row, base, pruned_to) VALUES (1, 0, 0);

CREATE TABLE leases (
    name text COLLATE "C" PRIMARY KEY,
    holder text COLLATE "C" NOT NULL,
    fencing bigint NOT NULL,
    acquired_on bigint NOT NULL,
    expires_on bigint NOT NULL,
    time_to_live bigint NOT NULL
);

CREATE TABLE token_hashes (
    hash text COLLATE "C" PRIMARY KEY,
    token_id text COLLATE "C" NOT NULL
);
CREATE INDEX token_hashes_token_id ON token_hashes (token_id);
)sql";

// Settings that are changed through the API, such as retention.
const std::string_view kSettingsSqlite = R"sql(
CREATE TABLE settings (
    name text PRIMARY KEY,
    document text NOT NULL
) WITHOUT ROWID;
)sql";

const std::string_view kSettingsPostgres = R"sql(
CREATE TABLE settings (
    name text COLLATE "C" PRIMARY KEY,
    document text NOT NULL
);
)sql";

}  // namespace vmsecurity::store
