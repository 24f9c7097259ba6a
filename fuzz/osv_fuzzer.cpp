#include "advisories/feeds/osv_reader.h"
#include "base/bytes.h"
#include "base/log.h"

using namespace vmsecurity;

// Bytes as an OSV feed, in both of its spellings.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    base::log::set_level(base::log::Level::kOff);
    const std::string_view text = base::as_text(std::as_bytes(std::span(data, size)));
    advisories::FeedReport report(
        [](const advisories::Advisory&) -> base::Result<void> { return {}; });
    (void)advisories::read_osv_json(text, "input", report);
    (void)advisories::read_osv_yaml(text, "input", report);
    return 0;
}
