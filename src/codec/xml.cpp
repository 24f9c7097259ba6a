#include "codec/xml.h"

#include <fmt/format.h>

namespace vmsecurity::codec {

base::Result<std::unique_ptr<XmlDocument>> parse_xml(std::string_view text) {
    try {
        auto document = std::make_unique<XmlDocument>();
        document->text.assign(text.begin(), text.end());
        const pugi::xml_parse_result result = document->tree.load_buffer_inplace(
            document->text.data(), text.size(), pugi::parse_default, pugi::encoding_utf8);
        if (!result) {
            return base::fail(base::ErrorCode::kCorrupt, "not well-formed XML",
                              fmt::format("byte {}", result.offset), result.description());
        }
        return document;
    } catch (const std::exception& exception) {
        return base::fail(base::ErrorCode::kLimitExceeded, "XML text cannot be read", {},
                          exception.what());
    }
}

}  // namespace vmsecurity::codec
