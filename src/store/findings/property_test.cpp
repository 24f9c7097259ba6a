#include <fmt/format.h>

#include <random>

#include "findings/severity_rank.h"
#include "store/findings/test_support.h"

// Random scans of one asset, some partial, late or repeated, against a model that keeps every
// finding in a list and says each rule once more, without indexes and without what makes the store
// fast.
namespace vmsecurity::store {
namespace {

using findings::CoveredLocation;
using findings::FindingType;
using findings::ObservedFinding;

struct ModelFinding {
    std::string name;
    std::string severity;
    std::string location;
    std::int64_t found_on = 0;
    std::int64_t invalidated_on = 0;  // 0: valid
    std::int64_t last_seen = 0;
    bool operator==(const ModelFinding&) const = default;
    auto operator<=>(const ModelFinding&) const = default;
};

struct Scan {
    std::string id;
    std::int64_t time = 0;
    std::vector<CoveredLocation> coverage = {};
    std::vector<ModelFinding> seen = {};  // name, severity and location alone
};

bool looked(const Scan& scan, const std::string& location) {
    return findings::looked_at(scan.coverage, {}, location);
}

class Model {
  public:
    void observe(const Scan& scan) {
        std::vector<Scan> newer;
        for (const Scan& other : scans_) {
            if (other.time > scan.time && other.id != scan.id) newer.push_back(other);
        }
        std::ranges::sort(newer, {}, &Scan::time);
        std::set<std::string> names;
        for (const ModelFinding& seen : scan.seen) {
            if (names.insert(seen.name).second) see(scan, seen, newer);
        }
        if (newer.empty()) {
            for (ModelFinding& finding : findings_) {
                if (finding.invalidated_on == 0 && finding.found_on < scan.time &&
                    !names.contains(finding.name) && looked(scan, finding.location)) {
                    finding.invalidated_on = scan.time;
                }
            }
        }
        if (std::ranges::find(scans_, scan.id, &Scan::id) == scans_.end()) scans_.push_back(scan);
    }

    std::vector<ModelFinding> sorted() const {
        auto list = findings_;
        std::ranges::sort(list);
        return list;
    }

  private:
    void see(const Scan& scan, const ModelFinding& seen, const std::vector<Scan>& newer) {
        std::int64_t end = 0;
        for (ModelFinding& finding : findings_) {
            if (finding.name != seen.name) continue;
            if (finding.found_on > scan.time) {
                if (end == 0 || finding.found_on < end) end = finding.found_on;
                continue;
            }
            if (finding.invalidated_on != 0 && finding.invalidated_on <= scan.time) continue;
            finding.last_seen = std::max(finding.last_seen, scan.time);
            if (newer.empty()) finding.severity = seen.severity;
            return;
        }
        for (const Scan& other : newer) {
            if (!looked(other, seen.location)) continue;
            if (end == 0 || other.time < end) end = other.time;
            break;
        }
        ModelFinding finding = seen;
        finding.found_on = finding.last_seen = scan.time;
        finding.invalidated_on = end;
        findings_.push_back(finding);
    }

    std::vector<ModelFinding> findings_;
    std::vector<Scan> scans_;
};

class FindingsProperty : public FindingsTest {
  protected:
    static Observation observation(const Scan& scan) {
        return {.asset_scan_id = scan.id,
                .asset_id = "asset",
                .scan_id = "scan",
                .type = FindingType::kVulnerability,
                .observed_on = scan.time,
                .coverage = scan.coverage};
    }

    ReconcileResult reconcile(const Scan& scan) {
        std::vector<ObservedFinding> observed;
        for (const ModelFinding& seen : scan.seen) {
            boost::json::object info;
            info["vulnerabilityName"] = seen.name;
            info["severity"] = seen.severity;
            // Groups of dashboards hold several findings of an asset.
            info["package"] = {{"name", "p"}, {"version", "1"}, {"purl", "pkg:p/" + seen.location}};
            boost::json::object item;
            info["objectType"] = "Vulnerability";
            item["findingInfo"] = std::move(info);
            item["location"] = seen.location;
            observed.push_back(*findings::observe_item(FindingType::kVulnerability, item));
        }
        ReconcileResult result;
        write([&](sql::Connection& connection) -> base::Result<void> {
            auto copy = observed;
            VMSECURITY_ASSIGN(result, reconcile_findings(connection, observation(scan), copy));
            return {};
        });
        return result;
    }

    std::vector<ModelFinding> stored() {
        std::vector<ModelFinding> list;
        query(
            "SELECT vulnerability_name, severity, location, found_on, coalesce(invalidated_on, 0), "
            "last_seen, document FROM findings",
            [&](const sql::Row& row) {
                list.push_back(
                    {std::string(row.text(0)), std::string(findings::severity_word(row.integer(1))),
                     std::string(row.text(2)), row.integer(3), row.integer(4), row.integer(5)});
                check_document(list.back(), row.text(6));
            });
        std::ranges::sort(list);
        return list;
    }

    static void check_document(const ModelFinding& finding, std::string_view text) {
        const auto value = codec::parse_json(text);
        ASSERT_TRUE(value) << text;
        const auto& document = value->get_object();
        EXPECT_EQ(codec::text_member(document, "foundOn"), time_text(finding.found_on));
        EXPECT_EQ(codec::text_member(document, "lastSeen"), time_text(finding.last_seen));
        EXPECT_EQ(codec::text_member(document, "invalidatedOn"),
                  finding.invalidated_on == 0 ? "" : time_text(finding.invalidated_on));
        EXPECT_EQ(codec::text_member(*codec::object_member(document, "findingInfo"), "severity"),
                  finding.severity);
        EXPECT_EQ(model::schema::canonical_text(model::api::kFindingSchema, document), text);
    }
};

std::string shown(const std::vector<ModelFinding>& list) {
    std::string text;
    for (const ModelFinding& finding : list) {
        text += fmt::format("{} {} {} [{},{}) seen {}\n", finding.name, finding.severity,
                            finding.location, finding.found_on, finding.invalidated_on,
                            finding.last_seen);
    }
    return text;
}

class Generator {
  public:
    explicit Generator(unsigned seed) : random_(seed) {}

    int below(int bound) { return std::uniform_int_distribution(0, bound - 1)(random_); }

    Scan scan(std::int64_t time) {
        static constexpr std::string_view kSeverities[] = {"LOW", "HIGH", "CRITICAL"};
        Scan scan{.id = fmt::format("scan-{}", ++scans_), .time = time};
        switch (below(4)) {
            case 0:
                scan.coverage = {{"", "", true}, {"", "b", false}};
                break;
            case 1:
                scan.coverage = {{"", "a", true}};
                break;
            case 2:
                break;
            default:
                scan.coverage = {{"", "", true}};
        }
        for (int i = 0; i < 8; ++i) {
            if (below(2) == 0) continue;
            const std::string location = i % 2 == 0 ? "a" : "b";
            scan.seen.push_back(
                {.name = fmt::format("CVE-{}", i / 2) + location,
                 .severity = std::string(kSeverities[below(10) == 0 ? below(3) : 1]),
                 .location = location});
            if (below(5) == 0) scan.seen.push_back(scan.seen.back());
        }
        return scan;
    }

  private:
    std::mt19937 random_;
    int scans_ = 0;
};

TEST_P(FindingsProperty, FollowTheModelWhateverTheScansAre) {
    constexpr std::int64_t kStep = 1'700'000'000'000;
    for (unsigned seed = 1; seed <= 12; ++seed) {
        SCOPED_TRACE(fmt::format("seed {}", seed));
        clear();
        run("INSERT INTO assets (id, revision, document) VALUES ('asset', 1, '{}')");
        Generator generator(seed);
        Model model;
        std::vector<Scan> past;
        std::int64_t time = std::int64_t{1'700'000'000} * 1'000'000'000;
        for (int step = 0; step < 25; ++step) {
            SCOPED_TRACE(fmt::format("step {}", step));
            const int choice = generator.below(10);
            Scan scan;
            if (choice == 0 && !past.empty()) {
                scan =
                    past[static_cast<std::size_t>(generator.below(static_cast<int>(past.size())))];
            } else {
                time += kStep;
                const bool late = choice < 3 && !past.empty();
                scan = generator.scan(late ? time - kStep * (1 + generator.below(6)) - 1 : time);
            }
            model.observe(scan);
            reconcile(scan);
            past.push_back(scan);
            ASSERT_EQ(shown(stored()), shown(model.sorted()));
            ASSERT_EQ(counts(), recounted());
            const std::string before = everything();
            const ReconcileResult again = reconcile(scan);
            ASSERT_EQ(again.added + again.changed + again.invalidated, 0);
            ASSERT_EQ(everything(), before);
            for (const std::int64_t at : {time, time - kStep * 2 + 7, time - kStep * 5}) {
                ASSERT_EQ(valid_at(FindingType::kVulnerability, at), counted_at(at));
            }
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Dialects, FindingsProperty, kDialects, dialect_name);

}  // namespace
}  // namespace vmsecurity::store
