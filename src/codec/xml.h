#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include <pugixml.hpp>

#include "base/result.h"

// The one door to pugixml.
namespace vmsecurity::codec {

// A parsed document together with the text that its nodes point into.
struct XmlDocument {
    std::vector<char> text;
    pugi::xml_document tree;
};

// Parses one XML 1.0 document. Entities other than the five of XML are left as they stand and a
// DOCTYPE is skipped, so a document cannot grow by expansion or read other files. Memory is about
// three times the text. Errors say the byte.
base::Result<std::unique_ptr<XmlDocument>> parse_xml(std::string_view text);

}  // namespace vmsecurity::codec
