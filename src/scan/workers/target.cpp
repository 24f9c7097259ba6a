#include "scan/workers/target.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "disk/content_kind.h"
#include "disk/partition_table.h"
#include "filesystem/open.h"

namespace vmsecurity::scan::workers {
namespace {

using disk::ContentKind;
using model::CoverageScope;
using model::CoverageState;

// GPT partition types that hold no file system by design (UEFI 2.10 table 5-7, GRUB manual "BIOS
// installation").
// More than any tool makes; all of them fit a message.
constexpr std::size_t kMaxVolumes = 128;
constexpr std::string_view kBiosBoot = "21686148-6449-6e6f-744e-656564454649";

}  // namespace

base::Result<Target> Target::open(const protocol::OpenTarget& request,
                                  base::FileDescriptor descriptor, disk::SiblingOpener& siblings) {
    Target target;
    if (request.kind == protocol::TargetKind::kDirectory) {
        VMSECURITY_ASSIGN(
            auto tree, filesystem::open_directory(std::move(descriptor), {request.cross_mounts}));
        target.add_directory(std::move(tree));
        return target;
    }
    VMSECURITY_ASSIGN(const auto image,
                      disk::open_disk_image(std::move(descriptor), request.name, siblings));
    VMSECURITY_TRY(target.add_image(image));
    return target;
}

const filesystem::FileSystem* Target::file_system(std::uint32_t volume) const {
    return volume < file_systems_.size() ? file_systems_[volume].get() : nullptr;
}

void Target::note(CoverageScope scope, std::string name, CoverageState state, std::string reason) {
    description_.coverage.push_back({scope, std::move(name), state, std::move(reason), 1});
}

void Target::add_directory(std::unique_ptr<filesystem::FileSystem> file_system) {
    description_.format = "directory";
    protocol::VolumeDescription volume;
    volume.name = "directory";
    volume.content = "directory";
    volume.file_system = file_system->info().kind;
    volume.files = file_system->info().files.value_or(0);
    volume.notes = file_system->info().notes;
    volume.walkable = true;
    description_.volumes.push_back(std::move(volume));
    file_systems_.push_back(std::move(file_system));
}

base::Result<void> Target::add_image(const disk::DiskImage& image) {
    description_.format = disk::to_string(image.format);
    description_.size = image.blocks->size();
    for (const std::string& name : image.backing_chain) {
        description_.backing_chain.push_back(base::escape_bytes(name));
    }
    VMSECURITY_ASSIGN(const auto table, disk::read_partition_table(*image.blocks));
    description_.scheme = disk::to_string(table.scheme);
    if (table.scheme == disk::PartitionScheme::kNone) {
        add_volume("disk", image.blocks, {});
        note_if_nothing_can_be_walked();
        return {};
    }
    for (const disk::PartitionProblem& problem : table.problems) {
        const bool whole = problem.number == 0;
        note(whole ? CoverageScope::kDisk : CoverageScope::kPartition,
             whole ? "partition table" : fmt::format("partition {}", problem.number),
             CoverageState::kFailed, problem.reason);
    }
    for (const disk::Partition& partition : table.partitions) {
        if (description_.volumes.size() == kMaxVolumes) {
            note(CoverageScope::kDisk, "partitions", CoverageState::kTruncated,
                 fmt::format("only the first {} of {} partitions were looked at", kMaxVolumes,
                             table.partitions.size()));
            break;
        }
        add_volume(fmt::format("partition {}", partition.number),
                   disk::make_slice(image.blocks, partition.range), partition.type);
    }
    note_if_nothing_can_be_walked();
    return {};
}

// A disk on which everything was skipped must not pass for one that was scanned and found clean.
void Target::note_if_nothing_can_be_walked() {
    if (std::ranges::none_of(description_.volumes, &protocol::VolumeDescription::walkable)) {
        note(CoverageScope::kDisk, "contents", CoverageState::kUnsupported,
             "no file system on this disk could be scanned");
    }
}

void Target::add_volume(const std::string& name, const disk::BlockSourcePtr& blocks,
                        const std::string& partition_type) {
    const CoverageScope scope = name == "disk" ? CoverageScope::kDisk : CoverageScope::kPartition;
    protocol::VolumeDescription volume;
    volume.name = name;
    volume.size = blocks->size();
    std::unique_ptr<filesystem::FileSystem> file_system;
    const auto content = disk::identify_content(*blocks);
    if (!content) {
        note(scope, name, CoverageState::kFailed, content.error().describe());
    } else {
        volume.content = disk::to_string(content->kind);
        volume.uuid = base::escape_bytes(content->uuid);
        volume.label = base::escape_bytes(content->label);
        if (content->kind == ContentKind::kSwap) {
            note(scope, name, CoverageState::kSkipped, "swap space");
        } else if (partition_type == kBiosBoot) {
            note(scope, name, CoverageState::kSkipped, "BIOS boot code, no file system");
        } else if (content->kind == ContentKind::kEmpty) {
            note(scope, name, CoverageState::kSkipped, "empty: nothing but zeros");
        } else if (content->kind == ContentKind::kUnknown) {
            note(scope, name, CoverageState::kUnsupported,
                 "holds data, but no file system that is known");
        } else if (auto opened = filesystem::open_file_system(blocks, *content); opened) {
            file_system = std::move(*opened);
            volume.file_system = file_system->info().kind;
            volume.files = file_system->info().files.value_or(0);
            volume.notes = file_system->info().notes;
            volume.walkable = true;
        } else {
            note(scope, name,
                 opened.error().code == base::ErrorCode::kUnsupported ? CoverageState::kUnsupported
                                                                      : CoverageState::kFailed,
                 opened.error().describe());
        }
    }
    description_.volumes.push_back(std::move(volume));
    file_systems_.push_back(std::move(file_system));
}

}  // namespace vmsecurity::scan::workers
