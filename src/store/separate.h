#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/schema/schema.h"
#include "sql/connection.h"

// Members that a collection keeps apart from its documents (Collection::separate): asset-scan
// results, which may be tens of megabytes. Each is a row of asset_scan_results(asset_scan_id,
// member, encoding, data), as canonical JSON, compressed where that helps.
namespace vmsecurity::store {

// How the bytes of a row are packed; the numbers are stored.
enum class Encoding : std::uint8_t { kPlain = 0, kZstd = 1 };

// JSON as a row has it.
struct PackedJson {
    Encoding encoding = Encoding::kPlain;
    std::string data;
    bool operator==(const PackedJson&) const = default;
};

// Packs a text that is made piece by piece and may be tens of megabytes. The same texts give the
// same bytes, however they are cut. kLimitExceeded where the packed text gets larger than
// `max_bytes`.
class JsonPacker {
  public:
    explicit JsonPacker(std::size_t max_bytes);
    ~JsonPacker();
    JsonPacker(const JsonPacker&) = delete;
    JsonPacker& operator=(const JsonPacker&) = delete;

    base::Result<void> write(std::string_view text);
    base::Result<PackedJson> finish();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

// Gives the text piece by piece.
base::Result<void> unpack_pieces(const PackedJson& packed,
                                 const std::function<base::Result<void>(std::string_view)>& visit);

bool is_separate(const model::schema::Collection& collection, std::string_view member);

base::Result<void> write_separate(sql::Connection& connection, std::string_view id,
                                  std::string_view member, std::string_view json);
base::Result<void> write_packed(sql::Connection& connection, std::string_view id,
                                std::string_view member, PackedJson packed);
base::Result<void> remove_separate(sql::Connection& connection, std::string_view id,
                                   std::string_view member);
base::Result<void> remove_all_separate(sql::Connection& connection, std::string_view id);

// Nothing: the object has no such member.
base::Result<std::optional<std::string>> read_separate(sql::Connection& connection,
                                                       std::string_view id,
                                                       std::string_view member);
base::Result<std::optional<PackedJson>> read_packed(sql::Connection& connection,
                                                    std::string_view id, std::string_view member);
// `document` with its separate members put in: all of them, or those named.
base::Result<std::string> with_separate(sql::Connection& connection,
                                        const model::schema::Collection& collection,
                                        std::string_view id, std::string document);
base::Result<std::string> with_separate(sql::Connection& connection,
                                        const model::schema::Collection& collection,
                                        std::string_view id, std::string document,
                                        std::span<const std::string_view> names);

// The same for the named members of several objects: `ids[i]` is that of `documents[i]`. Ends
// behind the object with which the members exceed `max_bytes`. The answer is how many documents,
// from the first on, have theirs.
base::Result<std::size_t> with_separate_members(sql::Connection& connection,
                                                const model::schema::Collection& collection,
                                                std::span<const std::string> ids,
                                                std::span<const std::string_view> members,
                                                std::span<std::string> documents,
                                                std::size_t max_bytes);

base::Result<std::string> unpack_separate(std::int64_t encoding, std::string_view data);

}  // namespace vmsecurity::store
