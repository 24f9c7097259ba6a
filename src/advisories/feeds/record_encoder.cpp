#include "advisories/feeds/record_encoder.h"

namespace vmsecurity::advisories {

std::uint32_t RecordEncoder::text(std::string_view value) {
    const auto [place, is_new] =
        offsets_.try_emplace(std::string(value), static_cast<std::uint32_t>(texts_.size()));
    if (is_new) texts_.text(value);
    return place->second;
}

void RecordEncoder::text_list(const std::vector<std::string>& values) {
    records_.integer(static_cast<std::uint16_t>(values.size()));
    for (const std::string& value : values) records_.integer(text(value));
}

void RecordEncoder::rating(const Rating& rating) {
    records_.integer(static_cast<std::uint8_t>(rating.severity));
    records_.integer(text(rating.cvss_vector));
}

std::uint32_t RecordEncoder::affected(const AffectedPackage& affected) {
    const auto offset = static_cast<std::uint32_t>(records_.size());
    records_.integer(text(affected.urgency));
    rating(affected.rating);
    records_.integer(static_cast<std::uint16_t>(affected.ranges.size()));
    for (const VersionRange& range : affected.ranges) {
        records_.integer(static_cast<std::uint16_t>(range.events.size()));
        for (const RangeEvent& event : range.events) {
            records_.integer(static_cast<std::uint8_t>(event.kind));
            records_.integer(text(event.version));
        }
    }
    text_list(affected.versions);
    return offset;
}

std::uint32_t RecordEncoder::advisory(const Advisory& advisory, std::size_t source) {
    const auto offset = static_cast<std::uint32_t>(records_.size());
    records_.integer(text(advisory.id));
    records_.integer(static_cast<std::uint16_t>(source));
    rating(advisory.rating);
    for (const std::string* value : {&advisory.summary, &advisory.published, &advisory.modified}) {
        records_.integer(text(*value));
    }
    text_list(advisory.aliases);
    text_list(advisory.related);
    text_list(advisory.urls);
    return offset;
}

}  // namespace vmsecurity::advisories
