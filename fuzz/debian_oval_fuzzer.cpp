#include "advisories/feeds/debian_oval_reader.h"
#include "base/bytes.h"
#include "base/log.h"

using namespace vmsecurity;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    base::log::set_level(base::log::Level::kOff);
    advisories::FeedReport report(
        [](const advisories::Advisory&) -> base::Result<void> { return {}; });
    (void)advisories::read_debian_oval(base::as_text(std::as_bytes(std::span(data, size))), "input",
                                       report);
    return 0;
}
