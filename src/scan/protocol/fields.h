#pragma once

#include <concepts>
#include <string>
#include <type_traits>
#include <vector>

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "scan/protocol/messages.h"

// How the messages lie on the wire: each struct lists its fields once, in fields(), and both
// directions follow that list.
namespace vmsecurity::scan::protocol {

// fields(message, visit): calls visit(member) for each member in wire order. Works for const and
// mutable messages.
template <typename T, typename S>
concept MessageOf = std::same_as<std::remove_const_t<T>, S>;

template <MessageOf<model::CoverageEntry> T>
void fields(T& m, auto&& visit) {
    visit(m.scope), visit(m.name), visit(m.state), visit(m.reason), visit(m.count);
}
template <MessageOf<base::Error> T>
void fields(T& m, auto&& visit) {
    visit(m.code), visit(m.message), visit(m.where), visit(m.cause);
}
template <MessageOf<filesystem::FileStatus> T>
void fields(T& m, auto&& visit) {
    visit(m.type), visit(m.inode), visit(m.size), visit(m.permissions), visit(m.uid);
    visit(m.gid), visit(m.links), visit(m.modified);
}
template <MessageOf<matching::Wish> T>
void fields(T& m, auto&& visit) {
    visit(m.analyzer), visit(m.prefix_bytes);
}
template <MessageOf<matching::WantedPattern> T>
void fields(T& m, auto&& visit) {
    visit(m.pattern), visit(m.wish);
}
template <MessageOf<OpenTarget> T>
void fields(T& m, auto&& visit) {
    visit(m.kind), visit(m.name), visit(m.cross_mounts);
    visit(m.address_space), visit(m.batch_bytes);
}
template <MessageOf<Failure> T>
void fields(T& m, auto&& visit) {
    visit(m.error);
}
template <MessageOf<SiblingReply> T>
void fields(T& m, auto&& visit) {
    visit(m.opened), visit(m.error);
}
template <MessageOf<VolumeDescription> T>
void fields(T& m, auto&& visit) {
    visit(m.name), visit(m.content), visit(m.file_system), visit(m.uuid), visit(m.label);
    visit(m.size), visit(m.files), visit(m.notes), visit(m.walkable);
}
template <MessageOf<OpenedTarget> T>
void fields(T& m, auto&& visit) {
    visit(m.format), visit(m.scheme), visit(m.size), visit(m.backing_chain), visit(m.volumes);
    visit(m.coverage);
}
template <MessageOf<WalkRequest> T>
void fields(T& m, auto&& visit) {
    visit(m.volume), visit(m.wanted), visit(m.excludes), visit(m.max_file_size);
    visit(m.max_depth), visit(m.io_threads), visit(m.credit);
}
template <MessageOf<Credit> T>
void fields(T& m, auto&& visit) {
    visit(m.bytes);
}
template <MessageOf<Unit> T>
void fields(T& m, auto&& visit) {
    visit(m.analyzer), visit(m.length);
}
template <MessageOf<BatchEntry> T>
void fields(T& m, auto&& visit) {
    visit(m.path), visit(m.status), visit(m.offset), visit(m.units);
}
template <MessageOf<Batch> T>
void fields(T& m, auto&& visit) {
    visit(m.volume), visit(m.bytes), visit(m.entries);
}
template <MessageOf<Job> T>
void fields(T& m, auto&& visit) {
    visit(m.id), visit(m.first_unit), visit(m.batch);
}
template <MessageOf<Progress> T>
void fields(T& m, auto&& visit) {
    visit(m.directories), visit(m.entries), visit(m.files_read), visit(m.bytes_read);
    visit(m.pending_directories), visit(m.waiting_for_credit), visit(m.path);
}
template <MessageOf<CoverageReport> T>
void fields(T& m, auto&& visit) {
    visit(m.entries);
}
template <MessageOf<RootLink> T>
void fields(T& m, auto&& visit) {
    visit(m.name), visit(m.target);
}
template <MessageOf<WalkDone> T>
void fields(T& m, auto&& visit) {
    visit(m.totals), visit(m.root_links);
}
template <MessageOf<RecordList::Item> T>
void fields(T& m, auto&& visit) {
    visit(m.unit), visit(m.problem), visit(m.kind), visit(m.payload);
}
template <MessageOf<RecordList> T>
void fields(T& m, auto&& visit) {
    visit(m.job), visit(m.items);
}
template <MessageOf<UnitDone> T>
void fields(T& m, auto&& visit) {
    visit(m.job), visit(m.unit), visit(m.failed), visit(m.error);
}

// The last enumerator of each enumeration that travels; a larger number is no message of ours.
template <typename E>
inline constexpr E kLast = E{};
template <>
inline constexpr auto kLast<model::CoverageScope> = model::CoverageScope::kFile;
template <>
inline constexpr auto kLast<model::CoverageState> = model::CoverageState::kFailed;
template <>
inline constexpr auto kLast<base::ErrorCode> = base::ErrorCode::kInternal;
template <>
inline constexpr auto kLast<filesystem::FileType> = filesystem::FileType::kSocket;
template <>
inline constexpr auto kLast<TargetKind> = TargetKind::kImage;

class FieldWriter {
  public:
    template <typename T>
    void operator()(const T& value) {
        if constexpr (std::is_enum_v<T> || std::same_as<T, bool>) {
            writer_.integer(static_cast<std::uint8_t>(value));
        } else if constexpr (std::integral<T>) {
            writer_.integer(static_cast<std::make_unsigned_t<T>>(value));
        } else if constexpr (std::same_as<T, std::string>) {
            writer_.text(value);
        } else {
            fields(value, *this);
        }
    }
    template <typename T>
    void operator()(const std::vector<T>& values) {
        writer_.integer(static_cast<std::uint32_t>(values.size()));
        for (const T& value : values) (*this)(value);
    }
    std::string take() { return writer_.take(); }

  private:
    base::ByteWriter writer_;
};

class FieldReader {
  public:
    explicit FieldReader(std::string_view payload) : reader_(base::as_bytes(payload)) {}

    template <typename T>
    void operator()(T& value) {
        if constexpr (std::is_enum_v<T>) {
            const auto number = reader_.integer<std::uint8_t>();
            valid_ = valid_ && number <= static_cast<std::uint8_t>(kLast<T>);
            value = valid_ ? static_cast<T>(number) : T{};
        } else if constexpr (std::same_as<T, bool>) {
            const auto number = reader_.integer<std::uint8_t>();
            valid_ = valid_ && number <= 1;
            value = number == 1;
        } else if constexpr (std::integral<T>) {
            value = static_cast<T>(reader_.integer<std::make_unsigned_t<T>>());
        } else if constexpr (std::same_as<T, std::string>) {
            value = reader_.text();
        } else {
            fields(value, *this);
        }
    }
    template <typename T>
    void operator()(std::vector<T>& values) {
        const auto count = reader_.integer<std::uint32_t>();
        // Every element takes at least a byte, so a count beyond the rest is a lie; growing one by
        // one keeps memory in step with bytes really read.
        valid_ = valid_ && count <= reader_.remaining();
        for (std::uint32_t i = 0; valid_ && !reader_.failed() && i < count; ++i) {
            (*this)(values.emplace_back());
        }
    }
    bool complete() const { return valid_ && reader_.complete(); }

  private:
    base::ByteReader reader_;
    bool valid_ = true;
};

}  // namespace vmsecurity::scan::protocol
