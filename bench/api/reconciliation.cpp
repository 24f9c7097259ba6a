#include <fmt/format.h>

#include "bench/api/http_connection.h"
#include "bench/api/session.h"
#include "bench/measure.h"
#include "codec/json.h"
#include "findings/family.h"
#include "model/schema/time.h"
#include "sql/query.h"

namespace vmsecurity::bench {
namespace {

using boost::json::object;
using findings::FindingType;

constexpr std::int64_t kDay = std::int64_t{86'400} * 1'000'000'000;
constexpr double kFirstGoal = 1000;
constexpr double kAgainGoal = 500;

// What a scanner sends of an asset with 20,000 findings of one family.
class Upload {
  public:
    Upload(const Session& session, FindingType type)
        : session_(session), type_(type), seen_(observe(session.fleet, 50, type, 0, 92)) {
        seen_.resize(std::min<std::size_t>(seen_.size(), kReconciled));
    }

    // Without the first `left_out` ones.
    std::string body(int days, std::size_t left_out = 0) const {
        std::string text =
            fmt::format(R"({{"observedOn":"{}","coverage":[{{"state":"scanned"}}],"items":[)",
                        model::schema::format_time(model::schema::from_nanoseconds(
                            session_.fleet.first_scan + 400 * kDay + days * kDay)));
        for (std::size_t i = left_out; i < seen_.size(); ++i) {
            if (i > left_out) text += ',';
            text += fmt::format(R"({{"findingInfo":{}}})", boost::json::serialize(seen_[i].info));
        }
        return text + "]}";
    }

    base::Result<void> run(HttpConnection& connection, std::string_view what, double goal,
                           const std::string& asset_scan, const std::string& body,
                           std::optional<double> raw) const {
        const std::string request =
            to_text({.method = "PUT",
                     .target = fmt::format("/assetScans/{}/results/{}", asset_scan,
                                           findings::family_of(type_).name),
                     .body = body,
                     .content_type = "application/json"});
        const double cpu = session_.cpu();
        const Stopwatch watch;
        VMSECURITY_ASSIGN(const HttpAnswer answer, connection.exchange(request));
        const double time = watch.milliseconds();
        const double used = session_.cpu() - cpu;
        if (answer.status != 200) {
            return base::fail(base::ErrorCode::kInternal, answer.body.substr(0, 300));
        }
        session_.report.add({.name = fmt::format("{}: {}", to_string(type_), what),
                             .measured = time,
                             .goal = goal,
                             .raw = raw,
                             .cpu = used});
        return {};
    }

  private:
    const Session& session_;
    FindingType type_;
    std::vector<findings::ObservedFinding> seen_;
};

base::Result<std::string> create(HttpConnection& connection, std::string_view collection,
                                 const object& document) {
    const std::string body = boost::json::serialize(document);
    VMSECURITY_ASSIGN(const HttpAnswer answer,
                      connection.exchange(to_text({.method = "POST",
                                                   .target = fmt::format("/{}", collection),
                                                   .body = body,
                                                   .content_type = "application/json"})));
    if (answer.status != 201) {
        return base::fail(base::ErrorCode::kInternal, answer.body.substr(0, 300));
    }
    VMSECURITY_ASSIGN(const auto made, codec::parse_json(answer.body));
    return std::string(codec::text_member(made.as_object(), "id"));
}

// Reading what any second reconciliation has to compare with.
base::Result<double> raw_compare(const Session& session, const std::string& asset,
                                 FindingType type) {
    const Stopwatch watch;
    std::size_t bytes = 0;
    VMSECURITY_TRY(session.raw.read(
        [&](sql::Connection& connection) {
            return connection.query(
                "SELECT row_id, key, content FROM finding_rows WHERE asset_id = $1 AND "
                "object_type = $2 AND invalidated_on IS NULL",
                sql::bind(asset, to_string(type)), [&](const sql::Row& row) {
                    bytes += row.text(1).size();
                    return true;
                });
        },
        std::chrono::steady_clock::now() + std::chrono::minutes(1)));
    return watch.milliseconds();
}

base::Result<void> measure(const Session& session, FindingType type) {
    VMSECURITY_ASSIGN(HttpConnection connection, HttpConnection::open(session.server.api()));
    VMSECURITY_ASSIGN(const std::string asset,
                      create(connection, "assets",
                             {{"assetInfo",
                               {{"instanceID", fmt::format("i-{}", to_string(type))},
                                {"instanceProvider", "AWS"},
                                {"instanceType", "m5.large"},
                                {"image", "ami-0123456789abcdef0"},
                                {"launchTime", "2025-01-01T00:00:00Z"},
                                {"location", "eu-west-1/vpc-1"},
                                {"objectType", "VMInfo"},
                                {"platform", "linux"},
                                {"securityGroups", boost::json::array()},
                                {"tags", boost::json::array()}}},
                              {"firstSeen", "2025-01-01T00:00:00Z"}}));
    const auto asset_scan = [&] {
        return create(connection, "assetScans",
                      {{"asset", {{"id", asset}}},
                       {"resourceCleanupStatus",
                        {{"lastTransitionTime", "2025-01-01T00:00:00Z"},
                         {"reason", "AssetScanCreated"},
                         {"state", "Pending"}}}});
    };
    const Upload upload(session, type);
    const std::string all = upload.body(0);
    VMSECURITY_ASSIGN(const std::string first, asset_scan());
    VMSECURITY_TRY(upload.run(
        connection, fmt::format("all new, {:.1f} MB", static_cast<double>(all.size()) / 1e6),
        kFirstGoal, first, all, session.raw_inserts.at(type)));
    VMSECURITY_ASSIGN(const double compare, raw_compare(session, asset, type));
    VMSECURITY_TRY(upload.run(connection, "the same again", kAgainGoal, first, all, compare));
    VMSECURITY_ASSIGN(const std::string second, asset_scan());
    VMSECURITY_TRY(upload.run(connection, "next scan, nothing changed", kAgainGoal, second,
                              upload.body(1), compare));
    VMSECURITY_ASSIGN(const std::string third, asset_scan());
    return upload.run(connection, "next scan, 5 % gone", kAgainGoal, third, upload.body(2, 1000),
                      compare);
}

}  // namespace

void measure_reconciliation(const Session& session) {
    session.report.heading(fmt::format("reconciling {} findings of one asset", kReconciled));
    for (const FindingType type : {FindingType::kVulnerability, FindingType::kPackage}) {
        if (const auto done = measure(session, type); !done) {
            session.report.fail(to_string(type), done.error().describe());
        }
    }
}

}  // namespace vmsecurity::bench
