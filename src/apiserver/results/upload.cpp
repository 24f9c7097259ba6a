#include "apiserver/results/upload.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "apiserver/objects/body.h"
#include "apiserver/rules/fields.h"
#include "codec/object_stream.h"
#include "findings/observed_finding.h"
#include "model/api/tables.h"
#include "model/schema/canonical.h"
#include "model/schema/time.h"
#include "model/schema/validate.h"
#include "store/family_results.h"

namespace vmsecurity::apiserver {

namespace {

using model::schema::Fault;
using model::schema::Mode;

constexpr std::string_view kItems = "items";
constexpr std::size_t kMaxItems = 2'000'000;
constexpr std::size_t kMaxValueBytes = 16U << 20U;
// Compressed; an SBOM of 50 MB takes some 5.
constexpr std::size_t kMaxPackedBytes = 64U << 20U;

// The member of an asset scan with the family's results alone, written as they come.
class MemberPacker {
  public:
    explicit MemberPacker(const findings::Family& family)
        : schema_(*model::api::kAssetScanSchema.find(family.member)->type.schema),
          element_(*schema_.find(family.results)->type.element),
          results_(family.results),
          packer_(kMaxPackedBytes) {}

    base::Result<void> add(const boost::json::value& finding_info) {
        VMSECURITY_TRY(begin());
        return packer_.write(model::schema::canonical_text(element_, finding_info));
    }

    // What 0.6 has beside the results comes after them in the canonical order.
    base::Result<store::PackedJson> finish(const boost::json::object& head) {
        if (!has_begun_) VMSECURITY_TRY(begin());
        VMSECURITY_TRY(packer_.write("]"));
        for (const std::string_view name : {"metadata", "scanners"}) {
            const auto* field = schema_.find(name);
            const auto* value = head.if_contains(name);
            if (field == nullptr || value == nullptr) continue;
            VMSECURITY_TRY(packer_.write(fmt::format(
                ",\"{}\":{}", name, model::schema::canonical_text(field->type, *value))));
        }
        VMSECURITY_TRY(packer_.write("}"));
        return packer_.finish();
    }

  private:
    base::Result<void> begin() {
        if (std::exchange(has_begun_, true)) return packer_.write(",");
        return packer_.write(fmt::format("{{\"{}\":[", results_));
    }

    const model::schema::Schema& schema_;
    const model::schema::Type& element_;
    std::string_view results_;
    bool has_begun_ = false;
    store::JsonPacker packer_;
};

class Upload {
  public:
    explicit Upload(const findings::Family& family)
        : family_(family), member_(family), as_sent_(kMaxPackedBytes) {}

    base::Result<void> read(net::BodyReader& in) {
        codec::ObjectStream stream(
            {std::string(kItems)},
            {.element = [this](std::string_view,
                               boost::json::value item) { return take_item(item); },
             .member = [this](std::string_view name,
                              boost::json::value value) -> base::Result<void> {
                 head_[name] = std::move(value);
                 return {};
             },
             .array = [this](std::string_view) { return begin_items(); }},
            kMaxValueBytes);
        std::string buffer(64U << 10U, '\0');
        for (;;) {
            VMSECURITY_ASSIGN(const std::size_t count, in.read(buffer));
            if (count == 0) break;
            VMSECURITY_TRY(stream.write(std::string_view(buffer).substr(0, count)));
        }
        VMSECURITY_TRY(stream.finish());
        return check_head();
    }

    base::Result<FamilyUpload> finish() {
        FamilyUpload upload;
        head_.erase(kItems);
        VMSECURITY_ASSIGN(upload.as_sent, as_sent_.finish(model::schema::canonical_text(
                                              model::api::kFamilyResultsSchema, head_)));
        VMSECURITY_ASSIGN(upload.member, member_.finish(head_));
        const auto time = model::schema::parse_time(codec::text_member(head_, "observedOn"));
        upload.observed_on = model::schema::to_nanoseconds(time.value_or(model::schema::Time{}));
        upload.head = std::move(head_);
        return upload;
    }

    const std::vector<Fault>& faults() const { return faults_; }

  private:
    // Stops the reading; faults() says why.
    base::Result<void> refuse(std::vector<Fault> faults) {
        faults_ = std::move(faults);
        return base::fail(base::ErrorCode::kInvalidArgument, "faults");
    }
    std::string pointer(std::string_view rest = {}) const {
        return fmt::format("/{}/{}{}", kItems, count_, rest);
    }

    base::Result<void> begin_items() {
        if (!std::exchange(has_items_, true)) return {};
        return refuse({{fmt::format("/{}", kItems), "is there twice"}});
    }

    base::Result<void> take_item(boost::json::value& item) {
        if (count_ == kMaxItems) {
            return base::fail(base::ErrorCode::kLimitExceeded,
                              fmt::format("more than {} items", kMaxItems));
        }
        auto faults = model::schema::validate(model::api::kFamilyResultSchema, item, Mode::kWhole);
        for (Fault& fault : faults) fault.pointer = pointer(fault.pointer);
        if (!faults.empty()) return refuse(std::move(faults));
        const boost::json::object& object = item.get_object();
        const boost::json::value& info = object.at("findingInfo");
        if (findings::type_of(info.get_object()) != family_.type) {
            return refuse(
                {{pointer("/findingInfo/objectType"),
                  fmt::format("must be {} for {}", to_string(family_.type), family_.name)}});
        }
        const auto key = findings::finding_key(family_.type, info.get_object());
        if (!key) return refuse({{pointer("/findingInfo"), key.error().message}});
        VMSECURITY_TRY(
            as_sent_.add(model::schema::canonical_text(model::api::kFamilyResultSchema, object)));
        VMSECURITY_TRY(member_.add(info));
        ++count_;
        return {};
    }

    base::Result<void> check_head() {
        if (has_items_) head_[kItems] = boost::json::array();
        auto faults =
            model::schema::validate(model::api::kFamilyResultsSchema, head_, Mode::kWhole);
        return faults.empty() ? base::Result<void>{} : refuse(std::move(faults));
    }

    const findings::Family& family_;
    MemberPacker member_;
    store::FamilyResultsPacker as_sent_;
    boost::json::object head_;
    bool has_items_ = false;
    std::size_t count_ = 0;
    std::vector<Fault> faults_;
};

}  // namespace

std::optional<FamilyUpload> read_upload(const findings::Family& family, net::BodyReader& in,
                                        net::Response& refusal) {
    Upload upload(family);
    const auto read = upload.read(in);
    if (!read && !upload.faults().empty()) {
        refusal = refuse_faults(upload.faults(), "request body");
        return std::nullopt;
    }
    auto done = read ? upload.finish() : base::Result<FamilyUpload>(base::fail(read.error()));
    if (done) return std::move(*done);
    refusal = refuse(done.error());
    return std::nullopt;
}

}  // namespace vmsecurity::apiserver
