#include "store/family_results.h"

#include <utility>

#include "sql/query.h"

namespace vmsecurity::store {
namespace {

// Calls `visit` for each line of a text that comes in pieces; each line ends with a line feed.
class Lines {
  public:
    using Visit = std::function<base::Result<void>(std::string_view)>;

    explicit Lines(Visit visit) : visit_(std::move(visit)) {}

    base::Result<void> add(std::string_view piece) {
        for (std::size_t end = 0; (end = piece.find('\n')) != std::string_view::npos;) {
            const std::string_view line = piece.substr(0, end);
            if (begun_.empty()) {
                VMSECURITY_TRY(visit_(line));
            } else {
                begun_ += line;
                VMSECURITY_TRY(visit_(begun_));
                begun_.clear();
            }
            piece.remove_prefix(end + 1);
        }
        begun_ += piece;
        return {};
    }

  private:
    Visit visit_;
    std::string begun_;
};

}  // namespace

std::string family_results_row(const findings::Family& family) {
    return "results/" + std::string(family.name);
}

base::Result<void> FamilyResultsPacker::add(std::string_view item) {
    VMSECURITY_TRY(items_.write(item));
    return items_.write("\n");
}

base::Result<PackedJson> FamilyResultsPacker::finish(std::string_view head) {
    JsonPacker packer(max_bytes_);
    VMSECURITY_TRY(packer.write(head));
    VMSECURITY_TRY(packer.write("\n"));
    // Two zstd frames behind each other are one text (RFC 8878 §3.1).
    VMSECURITY_ASSIGN(PackedJson packed, packer.finish());
    VMSECURITY_ASSIGN(const PackedJson items, items_.finish());
    packed.data += items.data;
    return packed;
}

base::Result<void> for_each_line(const PackedJson& results,
                                 const std::function<base::Result<void>(std::string_view)>& head,
                                 const std::function<base::Result<void>(std::string_view)>& item) {
    bool is_first = true;
    Lines lines([&](std::string_view line) {
        return std::exchange(is_first, false) ? head(line) : item(line);
    });
    return unpack_pieces(results, [&](std::string_view piece) { return lines.add(piece); });
}

base::Result<void> forget_family_results(sql::Connection& connection, std::string_view asset_scan,
                                         const findings::Family& family) {
    return remove_separate(connection, asset_scan, family_results_row(family));
}

base::Result<bool> has_family_results(sql::Connection& connection, std::string_view asset_scan,
                                      const findings::Family& family) {
    return sql::query_one(
        connection, "SELECT 1 FROM asset_scan_results WHERE asset_scan_id = $1 AND member = $2",
        sql::bind(asset_scan, family_results_row(family)), [](const sql::Row&) {});
}

}  // namespace vmsecurity::store
