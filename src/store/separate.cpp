#include "store/separate.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "codec/compression.h"
#include "codec/json.h"
#include "store/json_array.h"
#include "store/splice.h"

namespace vmsecurity::store {
namespace {

using base::ErrorCode;
using base::fail;
using sql::Value;

// Below this a frame's header and a row's toasting cost more than they save.
constexpr std::size_t kPlainBelow = 200;

base::Result<PackedJson> pack(std::string_view json) {
    if (json.size() >= kPlainBelow) {
        VMSECURITY_ASSIGN(std::string packed, codec::compress_zstd(json));
        if (packed.size() < json.size()) return PackedJson{Encoding::kZstd, std::move(packed)};
    }
    return PackedJson{Encoding::kPlain, std::string(json)};
}

}  // namespace

struct JsonPacker::State {
    explicit State(std::size_t max)
        : max_bytes(max), writer([this](std::string_view bytes) { return append(bytes); }) {}

    base::Result<void> append(std::string_view bytes) {
        if (bytes.size() > max_bytes - data.size()) {
            return fail(ErrorCode::kLimitExceeded, "The results are larger than can be stored.");
        }
        data += bytes;
        return {};
    }

    // The compressor is fed whole blocks, so that its output depends on the text alone.
    base::Result<void> feed(std::string_view text) {
        constexpr std::size_t kBlock = 128U << 10U;
        while (pending.size() + text.size() >= kBlock) {
            const std::size_t taken = kBlock - pending.size();
            pending += text.substr(0, taken);
            text.remove_prefix(taken);
            VMSECURITY_TRY(writer.write(pending));
            pending.clear();
        }
        pending += text;
        return {};
    }

    std::size_t max_bytes;
    std::string pending;
    std::string data;
    codec::ZstdWriter writer;
};

JsonPacker::JsonPacker(std::size_t max_bytes) : state_(std::make_unique<State>(max_bytes)) {}
JsonPacker::~JsonPacker() = default;

base::Result<void> JsonPacker::write(std::string_view text) {
    return state_->feed(text);
}

base::Result<PackedJson> JsonPacker::finish() {
    VMSECURITY_TRY(state_->writer.write(state_->pending));
    VMSECURITY_TRY(state_->writer.finish());
    return PackedJson{Encoding::kZstd, std::move(state_->data)};
}

base::Result<void> unpack_pieces(const PackedJson& packed,
                                 const std::function<base::Result<void>(std::string_view)>& visit) {
    if (packed.encoding == Encoding::kPlain) return visit(packed.data);
    if (packed.encoding != Encoding::kZstd) {
        return fail(ErrorCode::kUnsupported, "A newer program packed this result.");
    }
    std::string_view rest = packed.data;
    codec::ZstdReader reader([&](char* buffer, std::size_t size) -> base::Result<std::size_t> {
        const std::size_t count = rest.copy(buffer, size);
        rest.remove_prefix(count);
        return count;
    });
    std::string piece(64U << 10U, '\0');
    for (;;) {
        VMSECURITY_ASSIGN(const std::size_t count, reader.read(piece.data(), piece.size()));
        if (count == 0) return {};
        VMSECURITY_TRY(visit(std::string_view(piece).substr(0, count)));
    }
}

bool is_separate(const model::schema::Collection& collection, std::string_view member) {
    return std::ranges::find(collection.separate, member) != collection.separate.end();
}

base::Result<void> write_separate(sql::Connection& connection, std::string_view id,
                                  std::string_view member, std::string_view json) {
    VMSECURITY_ASSIGN(PackedJson packed, pack(json));
    return write_packed(connection, id, member, std::move(packed));
}

base::Result<void> write_packed(sql::Connection& connection, std::string_view id,
                                std::string_view member, PackedJson packed) {
    const std::array<Value, 4> parameters = {std::string(id), std::string(member),
                                             static_cast<std::int64_t>(packed.encoding),
                                             Value(sql::Blob{std::move(packed.data)})};
    VMSECURITY_TRY(connection.execute(
        "INSERT INTO asset_scan_results (asset_scan_id, member, encoding, data) "
        "VALUES ($1, $2, $3, $4) ON CONFLICT (asset_scan_id, member) DO UPDATE SET "
        "encoding = excluded.encoding, data = excluded.data",
        parameters));
    return {};
}

base::Result<void> remove_separate(sql::Connection& connection, std::string_view id,
                                   std::string_view member) {
    const std::array<Value, 2> parameters = {std::string(id), std::string(member)};
    VMSECURITY_TRY(connection.execute(
        "DELETE FROM asset_scan_results WHERE asset_scan_id = $1 AND member = $2", parameters));
    return {};
}

base::Result<void> remove_all_separate(sql::Connection& connection, std::string_view id) {
    const std::array<Value, 1> parameters = {std::string(id)};
    VMSECURITY_TRY(
        connection.execute("DELETE FROM asset_scan_results WHERE asset_scan_id = $1", parameters));
    return {};
}

base::Result<std::string> unpack_separate(std::int64_t encoding, std::string_view data) {
    switch (static_cast<Encoding>(encoding)) {
        case Encoding::kPlain:
            return std::string(data);
        case Encoding::kZstd:
            return codec::decompress_zstd(data, codec::JsonLimits{}.max_bytes);
    }
    return fail(ErrorCode::kUnsupported, "A newer program packed this result.");
}

base::Result<std::optional<PackedJson>> read_packed(sql::Connection& connection,
                                                    std::string_view id, std::string_view member) {
    std::optional<PackedJson> packed;
    const std::array<Value, 2> parameters = {std::string(id), std::string(member)};
    VMSECURITY_TRY(connection.query(
        "SELECT encoding, data FROM asset_scan_results WHERE asset_scan_id = $1 AND member = $2",
        parameters, [&](const sql::Row& row) {
            packed = {static_cast<Encoding>(row.integer(0)), std::string(row.text(1))};
            return false;
        }));
    return packed;
}

base::Result<std::optional<std::string>> read_separate(sql::Connection& connection,
                                                       std::string_view id,
                                                       std::string_view member) {
    VMSECURITY_ASSIGN(const auto packed, read_packed(connection, id, member));
    if (!packed) return std::nullopt;
    VMSECURITY_ASSIGN(std::string json,
                      unpack_separate(static_cast<std::int64_t>(packed->encoding), packed->data));
    return json;
}

base::Result<std::string> with_separate(sql::Connection& connection,
                                        const model::schema::Collection& collection,
                                        std::string_view id, std::string document,
                                        std::span<const std::string_view> names) {
    std::vector<std::string> texts;
    std::vector<std::string_view> found;
    for (const std::string_view name : names) {
        VMSECURITY_ASSIGN(auto json, read_separate(connection, id, name));
        if (!json) continue;
        texts.push_back(*std::move(json));
        found.push_back(name);
    }
    std::vector<JsonMember> members;
    for (std::size_t i = 0; i < found.size(); ++i) members.push_back({found[i], texts[i]});
    return splice_members(*collection.schema, document, members);
}

base::Result<std::string> with_separate(sql::Connection& connection,
                                        const model::schema::Collection& collection,
                                        std::string_view id, std::string document) {
    if (collection.separate.empty()) return document;
    std::vector<std::pair<std::string, std::string>> found;
    base::Result<void> unpacked;
    const std::array<Value, 1> parameters = {std::string(id)};
    // A row with a "/" in its name is no member (family_results.h).
    VMSECURITY_TRY(
        connection.query("SELECT member, encoding, data FROM asset_scan_results "
                         "WHERE asset_scan_id = $1 AND member NOT LIKE '%/%'",
                         parameters, [&](const sql::Row& row) {
                             auto json = unpack_separate(row.integer(1), row.text(2));
                             if (!json) {
                                 unpacked = fail(std::move(json).error());
                                 return false;
                             }
                             found.emplace_back(row.text(0), *std::move(json));
                             return true;
                         }));
    VMSECURITY_TRY(unpacked);
    if (found.empty()) return document;
    std::vector<JsonMember> members;
    for (const auto& [name, json] : found) members.push_back({name, json});
    return splice_members(*collection.schema, document, members);
}

namespace {

constexpr std::string_view kMembersSqlite =
    "SELECT i.key, r.member, r.encoding, r.data FROM json_each($1) AS i "
    "JOIN asset_scan_results AS r ON r.asset_scan_id = i.value "
    "WHERE r.member IN (SELECT value FROM json_each($2)) ORDER BY i.key";
constexpr std::string_view kMembersPostgres =
    "SELECT i.place - 1, r.member, r.encoding, r.data "
    "FROM jsonb_array_elements_text($1::jsonb) WITH ORDINALITY AS i (id, place) "
    "JOIN asset_scan_results AS r ON r.asset_scan_id = i.id "
    "WHERE r.member = ANY(ARRAY(SELECT jsonb_array_elements_text($2::jsonb))) ORDER BY i.place";

}  // namespace

base::Result<std::size_t> with_separate_members(sql::Connection& connection,
                                                const model::schema::Collection& collection,
                                                std::span<const std::string> ids,
                                                std::span<const std::string_view> members,
                                                std::span<std::string> documents,
                                                std::size_t max_bytes) {
    std::vector<std::pair<std::string, std::string>> found;  // of the document at `place`
    std::size_t place = 0;
    std::size_t bytes = 0;
    const auto put_in = [&] {
        if (found.empty()) return;
        std::vector<JsonMember> texts;
        for (const auto& [name, json] : found) texts.push_back({name, json});
        documents[place] = splice_members(*collection.schema, documents[place], texts);
        found.clear();
    };
    base::Result<void> unpacked;
    bool whole = true;
    const bool sqlite = connection.dialect() == sql::Dialect::kSqlite;
    const std::array<Value, 2> parameters = {json_array(ids), json_array(members)};
    VMSECURITY_TRY(connection.query(sqlite ? kMembersSqlite : kMembersPostgres, parameters,
                                    [&](const sql::Row& row) {
                                        const auto next = static_cast<std::size_t>(row.integer(0));
                                        if (next != place) {
                                            put_in();
                                            whole = bytes <= max_bytes;
                                            if (!whole) return false;
                                            place = next;
                                        }
                                        auto json = unpack_separate(row.integer(2), row.text(3));
                                        if (!json) {
                                            unpacked = fail(std::move(json).error());
                                            return false;
                                        }
                                        bytes += json->size();
                                        found.emplace_back(row.text(1), *std::move(json));
                                        return true;
                                    }));
    VMSECURITY_TRY(unpacked);
    put_in();
    return whole ? documents.size() : place + 1;
}

}  // namespace vmsecurity::store
