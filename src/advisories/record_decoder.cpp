#include "advisories/record_decoder.h"

#include <algorithm>

#include "advisories/file_format.h"

namespace vmsecurity::advisories {

bool RecordDecoder::spend(std::size_t size) {
    if (failed_ || size > budget_) {
        failed_ = true;
        return false;
    }
    budget_ -= size;
    return true;
}

std::string_view RecordDecoder::text(std::uint32_t offset) {
    if (offset > texts_.size()) failed_ = true;
    if (failed_) return {};
    base::ByteReader in(texts_.subspan(offset));
    const std::string_view value = in.text();
    if (in.failed() || value.size() > file_format::kMaxText) {
        failed_ = true;
        return {};
    }
    return value;
}

base::ByteReader RecordDecoder::record_at(std::uint32_t offset) {
    if (offset > records_.size()) failed_ = true;
    return base::ByteReader(failed_ ? base::ByteSpan{} : records_.subspan(offset));
}

std::string RecordDecoder::text_of(base::ByteReader& in) {
    const std::string_view value = text(in.integer<std::uint32_t>());
    return spend(value.size() + sizeof(std::string)) ? std::string(value) : std::string();
}

std::vector<std::string> RecordDecoder::texts_of(base::ByteReader& in) {
    std::vector<std::string> values;
    const auto count = in.integer<std::uint16_t>();
    values.reserve(std::min<std::size_t>(count, in.remaining() / sizeof(std::uint32_t)));
    for (std::size_t i = 0; i < count && !in.failed() && !failed_; ++i) {
        values.push_back(text_of(in));
    }
    return values;
}

Rating RecordDecoder::rating_of(base::ByteReader& in) {
    const auto severity = in.integer<std::uint8_t>();
    if (severity > static_cast<std::uint8_t>(model::Severity::kCritical)) failed_ = true;
    return {static_cast<model::Severity>(severity), text_of(in)};
}

AffectedPackage RecordDecoder::affected(std::uint32_t offset) {
    base::ByteReader in = record_at(offset);
    AffectedPackage affected;
    affected.urgency = text_of(in);
    affected.rating = rating_of(in);
    const auto ranges = in.integer<std::uint16_t>();
    for (std::size_t i = 0; i < ranges && !in.failed() && !failed_; ++i) {
        VersionRange& range = affected.ranges.emplace_back();
        if (!spend(sizeof(VersionRange))) break;
        const auto events = in.integer<std::uint16_t>();
        for (std::size_t j = 0; j < events && !in.failed() && !failed_; ++j) {
            const auto kind = in.integer<std::uint8_t>();
            if (kind > static_cast<std::uint8_t>(EventKind::kLimit)) failed_ = true;
            range.events.push_back({static_cast<EventKind>(kind), text_of(in)});
        }
    }
    affected.versions = texts_of(in);
    failed_ = failed_ || in.failed();
    return failed_ ? AffectedPackage{} : affected;
}

Advisory RecordDecoder::advisory(std::uint32_t offset, std::size_t& source) {
    base::ByteReader in = record_at(offset);
    Advisory advisory;
    advisory.id = text_of(in);
    source = in.integer<std::uint16_t>();
    advisory.rating = rating_of(in);
    advisory.summary = text_of(in);
    advisory.published = text_of(in);
    advisory.modified = text_of(in);
    advisory.aliases = texts_of(in);
    advisory.related = texts_of(in);
    advisory.urls = texts_of(in);
    failed_ = failed_ || in.failed();
    return failed_ ? Advisory{} : advisory;
}

}  // namespace vmsecurity::advisories
