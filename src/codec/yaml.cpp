#include "codec/yaml.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <string>

namespace vmsecurity::codec {
namespace {

base::Error over_limit(std::string_view what, std::size_t limit) {
    return {base::ErrorCode::kLimitExceeded,
            fmt::format("YAML document has more than {} {}", limit, what),
            {},
            {}};
}

class Converter {
  public:
    explicit Converter(const YamlLimits& limits) : limits_(limits) {}

    base::Result<boost::json::value> convert(const YAML::Node& node, std::size_t depth) {
        if (depth > limits_.max_depth) return base::fail(over_limit("levels", limits_.max_depth));
        if (++nodes_ > limits_.max_nodes) return base::fail(over_limit("nodes", limits_.max_nodes));
        if (node.IsScalar()) return boost::json::value(node.Scalar());
        if (node.IsSequence()) {
            boost::json::array array;
            for (const YAML::Node& element : node) {
                VMSECURITY_ASSIGN(boost::json::value value, convert(element, depth + 1));
                array.push_back(std::move(value));
            }
            return boost::json::value(std::move(array));
        }
        if (node.IsMap()) {
            boost::json::object object;
            for (const auto& member : node) {
                if (!member.first.IsScalar()) {
                    return base::fail(base::ErrorCode::kUnsupported,
                                      "YAML mapping with a key that is not text");
                }
                VMSECURITY_ASSIGN(boost::json::value value, convert(member.second, depth + 1));
                object[member.first.Scalar()] = std::move(value);
            }
            return boost::json::value(std::move(object));
        }
        return boost::json::value(nullptr);
    }

  private:
    const YamlLimits& limits_;
    std::size_t nodes_ = 0;
};

}  // namespace

base::Result<boost::json::value> parse_yaml(std::string_view text, const YamlLimits& limits) {
    if (text.size() > limits.max_bytes) return base::fail(over_limit("bytes", limits.max_bytes));
    try {
        return Converter(limits).convert(YAML::Load(std::string(text)), 0);
    } catch (const YAML::Exception& exception) {
        return base::fail(base::ErrorCode::kCorrupt, "not valid YAML",
                          fmt::format("line {}", exception.mark.line + 1), exception.msg);
    } catch (const std::exception& exception) {
        return base::fail(base::ErrorCode::kCorrupt, "YAML text cannot be read", {},
                          exception.what());
    }
}

}  // namespace vmsecurity::codec
