#include "scan/protocol/messages.h"

#include "scan/protocol/fields.h"

namespace vmsecurity::scan::protocol {

template <typename T>
std::string encode(const T& message) {
    FieldWriter writer;
    writer(message);
    return writer.take();
}

template <typename T>
base::Result<T> decode(std::string_view payload) {
    T message;
    FieldReader reader(payload);
    reader(message);
    if (!reader.complete()) {
        return base::fail(base::ErrorCode::kCorrupt, "a worker sent a malformed message");
    }
    return message;
}

#define VMSECURITY_MESSAGE(Type)                    \
    template std::string encode<Type>(const Type&); \
    template base::Result<Type> decode<Type>(std::string_view);
VMSECURITY_MESSAGE(OpenTarget)
VMSECURITY_MESSAGE(Failure)
VMSECURITY_MESSAGE(SiblingReply)
VMSECURITY_MESSAGE(OpenedTarget)
VMSECURITY_MESSAGE(WalkRequest)
VMSECURITY_MESSAGE(Credit)
VMSECURITY_MESSAGE(Batch)
VMSECURITY_MESSAGE(Job)
VMSECURITY_MESSAGE(Progress)
VMSECURITY_MESSAGE(CoverageReport)
VMSECURITY_MESSAGE(WalkDone)
VMSECURITY_MESSAGE(RecordList)
VMSECURITY_MESSAGE(UnitDone)
#undef VMSECURITY_MESSAGE

std::uint32_t unit_count(const Batch& batch) {
    std::size_t count = 0;
    for (const BatchEntry& entry : batch.entries) count += entry.units.size();
    return static_cast<std::uint32_t>(count);
}

}  // namespace vmsecurity::scan::protocol
