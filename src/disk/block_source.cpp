#include "disk/block_source.h"

#include <algorithm>
#include <utility>

#include "disk/range_check.h"

namespace vmsecurity::disk {

base::Result<std::vector<ByteRange>> BlockSource::allocated(ByteRange within) const {
    const ByteRange cut = cut_to_size(within, size());
    if (cut.length == 0) return std::vector<ByteRange>{};
    return std::vector<ByteRange>{cut};
}

namespace {

class Slice final : public BlockSource {
  public:
    Slice(BlockSourcePtr parent, ByteRange range) : parent_(std::move(parent)), range_(range) {}

    std::uint64_t size() const override { return range_.length; }

    base::Result<void> read(std::uint64_t offset, base::MutableByteSpan out) const override {
        VMSECURITY_TRY(check_range(*this, offset, out.size()));
        return parent_->read(range_.offset + offset, out);
    }

    base::Result<std::vector<ByteRange>> allocated(ByteRange within) const override {
        const ByteRange cut = cut_to_size(within, size());
        auto ranges = parent_->allocated({range_.offset + cut.offset, cut.length});
        if (ranges) {
            for (ByteRange& range : *ranges) range.offset -= range_.offset;
        }
        return ranges;
    }

  private:
    BlockSourcePtr parent_;
    ByteRange range_;
};

}  // namespace

BlockSourcePtr make_slice(BlockSourcePtr parent, ByteRange range) {
    const ByteRange cut = cut_to_size(range, parent->size());
    return std::make_shared<Slice>(std::move(parent), cut);
}

}  // namespace vmsecurity::disk
