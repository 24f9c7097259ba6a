#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "codec/object_stream.h"
#include "families/sbom/results/results.h"

namespace vmsecurity::families::sbom::results {
namespace {

using boost::json::object;
using codec::object_member;
using codec::text_member;

std::string text(const object& from, std::string_view name) {
    return std::string(text_member(from, name));
}

model::OperatingSystem read_distribution(const object& evidence) {
    model::OperatingSystem os;
    if (const object* distribution = object_member(evidence, "distribution")) {
        os.id = text(*distribution, "id");
        os.version_id = text(*distribution, "versionId");
        os.codename = text(*distribution, "codename");
    }
    return os;
}

model::Package read_package(const object& info, const object& evidence) {
    model::Package package;
    package.type = text(evidence, "type");
    package.name = text(info, "name");
    package.version = text(info, "version");
    package.architecture = text(evidence, "architecture");
    if (const object* source = object_member(evidence, "source")) {
        package.source_name = text(*source, "name");
        package.source_version = text(*source, "version");
    }
    package.maintainer = text(evidence, "maintainer");
    package.location = text(evidence, "file");
    if (const auto* licenses = codec::array_member(info, "licenses")) {
        for (const auto& license : *licenses) {
            if (license.is_string()) package.licenses.emplace_back(license.get_string());
        }
    }
    if (const object* owner = object_member(evidence, "owner")) {
        package.owner = {text(*owner, "name"), text(*owner, "version")};
    }
    package.unread_database = text(evidence, "unreadDatabase");
    return package;
}

// As assemble() sorts them: matching looks for the first that owns a file.
auto order_of(const model::Package& package) {
    return std::tie(package.type, package.name, package.version, package.architecture,
                    package.location);
}

}  // namespace

struct Reader::State {
    State()
        : stream({"items"}, {.element =
                                 [this](std::string_view, boost::json::value item) {
                                     take_item(item);
                                     return base::Result<void>();
                                 },
                             .member =
                                 [this](std::string_view name, const boost::json::value& value) {
                                     take_member(name, value);
                                     return base::Result<void>();
                                 }}) {}

    void take_member(std::string_view name, const boost::json::value& value) {
        if (name == "observedOn" && value.is_string()) {
            results.observed_on = std::string(value.get_string());
        } else if (name == "coverage" && value.is_array()) {
            results.coverage = read_coverage(value.get_array());
        }
    }

    void take_item(const boost::json::value& item) {
        const object* const fields = item.if_object();
        const object* const info =
            fields == nullptr ? nullptr : object_member(*fields, "findingInfo");
        const object* const evidence =
            fields == nullptr ? nullptr : object_member(*fields, "evidence");
        if (info == nullptr || evidence == nullptr || text_member(*evidence, "type").empty() ||
            text_member(*fields, "scanner") != kScanner) {
            ++results.not_ours;
            return;
        }
        const model::OperatingSystem os = read_distribution(*evidence);
        // A volume has one system. Where results say otherwise they are kept apart, so that each
        // package is judged by the advisories of its own.
        const Key key(text(*evidence, "volume"), os.id, os.version_id, os.codename);
        Root& root = roots[key];
        root.location = std::get<0>(key);
        root.sbom.os = os;
        root.sbom.packages.push_back(read_package(*info, *evidence));
    }

    using Key = std::tuple<std::string, std::string, std::string, std::string>;
    std::map<Key, Root> roots;
    StoredResults results;
    codec::ObjectStream stream;
};

Reader::Reader() : state_(std::make_unique<State>()) {}
Reader::~Reader() = default;

base::Result<void> Reader::write(std::string_view bytes) {
    return state_->stream.write(bytes);
}

base::Result<StoredResults> Reader::finish() {
    VMSECURITY_TRY(state_->stream.finish());
    for (auto& [key, root] : state_->roots) {
        std::ranges::sort(root.sbom.packages, {}, order_of);
        state_->results.roots.push_back(std::move(root));
    }
    return std::move(state_->results);
}

}  // namespace vmsecurity::families::sbom::results
