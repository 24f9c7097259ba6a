#include "findings/severity_rank.h"

#include "model/api/tables.h"
#include "model/schema/columns.h"

namespace vmsecurity::findings {
namespace {

const model::schema::Type& severity_type() {
    static const model::schema::Type& type = model::api::kFindingInfoSchema.find("severity")->type;
    return type;
}

}  // namespace

std::int64_t severity_rank(std::string_view severity) {
    return model::schema::rank_of(severity_type(), severity);
}

std::int64_t severity_rank(const boost::json::object& finding_info) {
    return severity_rank(codec::text_member(finding_info, "severity"));
}

std::string_view severity_word(std::int64_t rank) {
    const auto words = severity_type().enumeration;
    if (rank < 0 || rank >= static_cast<std::int64_t>(words.size())) return {};
    return words[static_cast<std::size_t>(rank)];
}

}  // namespace vmsecurity::findings
