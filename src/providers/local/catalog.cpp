#include "providers/local/catalog.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/file_descriptor.h"
#include "base/identifiers.h"
#include "base/text.h"
#include "codec/yaml.h"
#include "providers/local/backing_file.h"

namespace vmsecurity::providers::local {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 4> kExtensions = {".img", ".raw", ".dd", ".qcow2"};
constexpr std::uint64_t kMaxDescriptionBytes = std::uint64_t{1} << 20U;
constexpr std::uint64_t kGigabyte = 1'000'000'000;
// What an image does not say. VMClarity's clients need the members to be there.
constexpr std::string_view kDefaultRegion = "local";
constexpr std::string_view kUnknownPlatform = "unknown";

bool is_image(const fs::path& path) {
    return std::ranges::find(kExtensions, base::to_lower(path.extension().string())) !=
           kExtensions.end();
}

base::Result<std::string> text_of(const boost::json::value& value, const std::string& where) {
    if (value.is_string()) return std::string(value.get_string());
    return base::fail(base::ErrorCode::kInvalidArgument, "expected text", where);
}

// A file of the same directory; nothing that a description says leads out of it.
base::Result<fs::path> sibling(const fs::path& directory, std::string_view name,
                               const std::string& where) {
    if (name.empty() || name == "." || name == ".." || name.find('/') != std::string_view::npos) {
        return base::fail(base::ErrorCode::kInvalidArgument,
                          "expected the name of a file beside this one", where);
    }
    return directory / name;
}

struct Description {
    LocalMachine machine;
    bool ignored = false;
};

base::Result<void> read_member(const fs::path& file, std::string_view key,
                               const boost::json::value& value, Description& description) {
    const std::string where = file.string() + ", " + std::string(key);
    LocalMachine& machine = description.machine;
    if (key == "region") {
        VMSECURITY_ASSIGN(machine.region, text_of(value, where));
    } else if (key == "platform") {
        VMSECURITY_ASSIGN(machine.platform, text_of(value, where));
    } else if (key == "ignore") {
        VMSECURITY_ASSIGN(const std::string text, text_of(value, where));
        if (text != "true" && text != "false") {
            return base::fail(base::ErrorCode::kInvalidArgument, "expected true or false", where);
        }
        description.ignored = text == "true";
    } else if (key == "tags" && value.is_object()) {
        for (const auto& tag : value.get_object()) {
            VMSECURITY_ASSIGN(machine.tags[std::string(tag.key())], text_of(tag.value(), where));
        }
    } else if (key == "disks" && value.is_array()) {
        for (const auto& disk : value.get_array()) {
            VMSECURITY_ASSIGN(const std::string name, text_of(disk, where));
            VMSECURITY_ASSIGN(fs::path path, sibling(file.parent_path(), name, where));
            machine.further_disks.push_back(std::move(path));
        }
    } else if (key == "tags" || key == "disks") {
        return base::fail(base::ErrorCode::kInvalidArgument,
                          key == "tags" ? "expected a mapping" : "expected a list", where);
    } else {
        return base::fail(base::ErrorCode::kInvalidArgument,
                          "no such key; there are tags, region, platform, disks and ignore", where);
    }
    return {};
}

base::Result<Description> describe(const fs::path& disk) {
    Description description;
    description.machine.name = disk.stem().string();
    description.machine.disk = disk;
    description.machine.region = kDefaultRegion;
    description.machine.platform = kUnknownPlatform;
    const fs::path file = fs::path(disk).replace_extension(".yaml");
    std::error_code error;
    if (!fs::exists(file, error)) return description;
    VMSECURITY_ASSIGN(const std::string text, base::read_file(file.string(), kMaxDescriptionBytes));
    auto value = codec::parse_yaml(text);
    if (!value) {
        value.error().code = base::ErrorCode::kInvalidArgument;
        value.error().where =
            file.string() + (value.error().where.empty() ? "" : ", ") + value.error().where;
        return base::fail(std::move(value).error());
    }
    if (value->is_null()) return description;
    if (!value->is_object()) {
        return base::fail(base::ErrorCode::kInvalidArgument, "expected a mapping", file.string());
    }
    for (const auto& member : value->get_object()) {
        VMSECURITY_TRY(read_member(file, member.key(), member.value(), description));
    }
    return description;
}

base::Result<std::vector<fs::path>> images_of(const fs::path& directory) {
    std::error_code error;
    std::vector<fs::path> images;
    for (auto entry = fs::directory_iterator(directory, error);
         !error && entry != fs::directory_iterator(); entry.increment(error)) {
        const fs::path& path = entry->path();
        std::error_code ignored;
        if (path.filename().string().front() == '.' || !is_image(path)) continue;
        if (entry->is_regular_file(ignored)) images.push_back(path);
    }
    if (error) {
        return base::fail(base::system_error(error.value(), "cannot list the directory of images",
                                             directory.string()));
    }
    std::ranges::sort(images);
    return images;
}

}  // namespace

base::Result<boost::json::object> LocalMachine::info() const {
    struct statx status{};
    if (::statx(AT_FDCWD, disk.c_str(), 0, STATX_BASIC_STATS | STATX_BTIME, &status) != 0) {
        return base::fail(base::system_error(errno, "cannot read the image", disk.string()));
    }
    const bool has_birth = (status.stx_mask & STATX_BTIME) != 0;
    const auto& time = has_birth ? status.stx_btime : status.stx_mtime;
    boost::json::array tag_list;
    for (const auto& [key, value] : tags) {
        tag_list.push_back({{"key", base::printable(key)}, {"value", base::printable(value)}});
    }
    return boost::json::object{
        {"objectType", "VMInfo"},
        {"image", base::printable(disk.filename().string())},
        {"instanceID", base::printable(name)},
        {"instanceProvider", "External"},
        {"instanceType", "disk-image"},
        {"launchTime", base::format_time(std::chrono::system_clock::from_time_t(time.tv_sec))},
        {"location", base::printable(region)},
        {"platform", base::printable(platform)},
        {"rootVolume",
         boost::json::object{{"encrypted", "Unknown"},
                             {"sizeGB", (status.stx_size + kGigabyte - 1) / kGigabyte}}},
        {"tags", std::move(tag_list)},
    };
}

base::Result<Catalog> read_catalog(const fs::path& directory) {
    VMSECURITY_ASSIGN(const auto images, images_of(directory));
    Catalog catalog;
    std::set<fs::path> parts;
    std::set<std::string> names;
    for (const fs::path& image : images) {
        if (const auto backing = backing_file_of(image)) parts.insert(*backing);
        auto description = describe(image);
        if (!description) {
            catalog.faults.push_back(
                {base::printable(image.stem().string()), description.error().describe()});
            continue;
        }
        parts.insert(description->machine.further_disks.begin(),
                     description->machine.further_disks.end());
        if (description->ignored) continue;
        if (!names.insert(description->machine.name).second) {
            catalog.faults.push_back(
                {base::printable(image.filename().string()),
                 fmt::format("{} is left out: another image has the name {} already",
                             image.string(), description->machine.name)});
            continue;
        }
        catalog.machines.push_back(std::move(description->machine));
    }
    std::erase_if(catalog.machines,
                  [&](const LocalMachine& machine) { return parts.contains(machine.disk); });
    return catalog;
}

base::Result<LocalMachine> find_machine(const fs::path& directory, std::string_view name) {
    VMSECURITY_ASSIGN(const auto images, images_of(directory));
    for (const fs::path& image : images) {
        if (base::printable(image.stem().string()) != name) continue;
        VMSECURITY_ASSIGN(auto description, describe(image));
        return std::move(description.machine);
    }
    return base::fail(base::ErrorCode::kNotFound,
                      fmt::format("the image of {} is no longer there", name), directory.string());
}

}  // namespace vmsecurity::providers::local
