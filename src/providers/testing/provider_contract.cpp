#include "providers/testing/provider_contract.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

namespace vmsecurity::providers::contract {
namespace {

using std::chrono::seconds;

constexpr seconds kPatience{30};
constexpr std::string_view kScanA = "11111111-1111-4111-8111-111111111111";
constexpr std::string_view kScanB = "22222222-2222-4222-8222-222222222222";

std::string name_of(const boost::json::object& info) {
    return std::string(codec::text_member(info, "instanceID"));
}

class ProviderContract : public testing::Test {
  public:
    explicit ProviderContract(const NamedEnvironment& named)
        : environment_(named.make()), provider_(environment_->connect()) {}

  protected:
    std::vector<boost::json::object> discover(Provider& provider) {
        std::vector<boost::json::object> infos;
        const auto report = provider.discover(
            [&](DiscoveredAsset asset) { infos.push_back(std::move(asset.info)); }, {});
        EXPECT_TRUE(report) << (report ? "" : report.error().describe());
        std::ranges::sort(infos, {}, name_of);
        return infos;
    }
    std::vector<std::string> names(Provider& provider) {
        std::vector<std::string> all;
        for (const auto& info : discover(provider)) all.push_back(name_of(info));
        return all;
    }

    ScanJob job(const std::string& asset, std::string_view id) {
        ScanJob job;
        job.asset_scan_id = id;
        job.asset_id = "asset-" + asset;
        job.api_url = "http://127.0.0.1:9";
        job.families_config = "sbom:\n  enabled: true\n";
        job.token = "a secret";
        for (const auto& info : discover(*provider_)) {
            if (name_of(info) == asset) job.asset_info = info;
        }
        return job;
    }

    // Repeats a call until it is finished. With `reconnect` each call is that of a new process.
    template <typename Call>
    base::Result<Step> finish(Call&& call, bool reconnect = false) {
        const auto deadline = std::chrono::steady_clock::now() + kPatience;
        while (true) {
            auto step = call(*provider_);
            if (!step || step->finished) return step;
            if (std::chrono::steady_clock::now() > deadline) {
                return base::fail(base::ErrorCode::kInternal, "it is never finished");
            }
            std::this_thread::sleep_for(std::min(step->again, std::chrono::milliseconds(50)));
            if (reconnect) restart();
        }
    }
    base::Result<Step> start(const ScanJob& job, bool reconnect = false) {
        return finish([&](Provider& provider) { return provider.start(job); }, reconnect);
    }
    base::Result<Step> remove(std::string_view id, bool reconnect = false) {
        return finish([&](Provider& provider) { return provider.remove(id); }, reconnect);
    }
    void restart() {
        provider_.reset();
        provider_ = environment_->connect();
    }

    ScannerState state(std::string_view id) {
        const auto status = provider_->status(id);
        EXPECT_TRUE(status) << (status ? "" : status.error().describe());
        return status ? status->state : ScannerState::kAbsent;
    }
    std::set<std::string> owned() {
        const auto list = provider_->list_owned();
        EXPECT_TRUE(list) << (list ? "" : list.error().describe());
        std::set<std::string> ids;
        if (list) {
            for (const auto& one : *list) ids.insert(one.asset_scan_id);
        }
        return ids;
    }
    bool becomes(std::string_view id, ScannerState wanted) {
        const auto deadline = std::chrono::steady_clock::now() + kPatience;
        while (state(id) != wanted) {
            if (std::chrono::steady_clock::now() > deadline) return false;
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        return true;
    }

    std::unique_ptr<Environment> environment_;
    std::unique_ptr<Provider> provider_;
};

#define CONTRACT(Name)                            \
    class Name : public ProviderContract {        \
      public:                                     \
        using ProviderContract::ProviderContract; \
        void TestBody() override;                 \
    };                                            \
    void Name::TestBody()

CONTRACT(DiscoversWhatIsThere) {
    EXPECT_THAT(names(*provider_), testing::IsEmpty());
    environment_->add_asset("web");
    environment_->add_asset("db");
    const auto first = discover(*provider_);
    EXPECT_THAT(names(*provider_), testing::ElementsAre("db", "web"));
    EXPECT_EQ(discover(*provider_), first) << "the same twice";
    for (const auto& info : first) {
        EXPECT_EQ(codec::text_member(info, "objectType"), "VMInfo");
        EXPECT_NE(codec::text_member(info, "location"), "");
    }
    environment_->remove_asset("web");
    EXPECT_THAT(names(*provider_), testing::ElementsAre("db"));
}

CONTRACT(DiscoveryThatLearnsNothingIsAnError) {
    environment_->add_asset("web");
    environment_->set_reachable(false);
    std::size_t found = 0;
    const auto report = provider_->discover([&](DiscoveredAsset) { ++found; }, {});
    // Either nothing was learnt, or what could not be seen is named.
    EXPECT_TRUE(!report || !report->failures.empty());
    environment_->set_reachable(true);
    EXPECT_THAT(names(*provider_), testing::ElementsAre("web"));
}

CONTRACT(StartsOneScannerHoweverOftenItIsAsked) {
    environment_->add_asset("web");
    const ScanJob one = job("web", kScanA);
    EXPECT_EQ(state(kScanA), ScannerState::kAbsent);
    const auto started = start(one);
    ASSERT_TRUE(started) << started.error().describe();
    ASSERT_TRUE(started->snapshot_time);
    EXPECT_LE(*started->snapshot_time, std::chrono::system_clock::now());
    EXPECT_EQ(state(kScanA), ScannerState::kRunning);
    const auto before = provider_->list_owned();
    ASSERT_TRUE(start(one));
    restart();
    ASSERT_TRUE(start(one));
    EXPECT_EQ(state(kScanA), ScannerState::kRunning);
    EXPECT_EQ(provider_->list_owned()->size(), before->size());
    EXPECT_EQ(owned(), std::set<std::string>{std::string(kScanA)});
    ASSERT_TRUE(remove(kScanA));
}

CONTRACT(GoesOnInAnotherProcessAfterEachStep) {
    environment_->add_asset("web");
    const auto started = start(job("web", kScanA), true);
    ASSERT_TRUE(started) << started.error().describe();
    restart();
    EXPECT_EQ(state(kScanA), ScannerState::kRunning);
    EXPECT_EQ(owned(), std::set<std::string>{std::string(kScanA)});
    const auto removed = remove(kScanA, true);
    ASSERT_TRUE(removed) << removed.error().describe();
    EXPECT_THAT(owned(), testing::IsEmpty());
    EXPECT_EQ(state(kScanA), ScannerState::kAbsent);
}

CONTRACT(RemovesWhatItMadeAndNothingElse) {
    environment_->add_asset("web");
    environment_->add_asset("db");
    environment_->add_foreign();
    ASSERT_TRUE(start(job("web", kScanA)));
    ASSERT_TRUE(start(job("db", kScanB)));
    EXPECT_EQ(owned().size(), 2U);
    ASSERT_TRUE(remove(kScanA));
    EXPECT_EQ(state(kScanA), ScannerState::kAbsent);
    EXPECT_EQ(state(kScanB), ScannerState::kRunning);
    EXPECT_EQ(owned(), std::set<std::string>{std::string(kScanB)});
    ASSERT_TRUE(remove(kScanA)) << "twice is fine";
    ASSERT_TRUE(remove(kScanB));
    EXPECT_THAT(owned(), testing::IsEmpty());
    EXPECT_TRUE(environment_->foreign_is_untouched());
    EXPECT_THAT(names(*provider_), testing::ElementsAre("db", "web"));
}

CONTRACT(RemovesWhatNeverWas) {
    const auto removed = remove(kScanA);
    ASSERT_TRUE(removed) << removed.error().describe();
    EXPECT_TRUE(removed->finished);
    ASSERT_TRUE(remove("../../etc"));
    ASSERT_TRUE(remove(""));
}

CONTRACT(RemovesInTheMiddleOfStarting) {
    environment_->add_asset("web");
    const ScanJob one = job("web", kScanA);
    ASSERT_TRUE(provider_->start(one));
    ASSERT_TRUE(remove(kScanA));
    EXPECT_THAT(owned(), testing::IsEmpty());
    ASSERT_TRUE(provider_->start(one));
    restart();
    ASSERT_TRUE(remove(kScanA));
    EXPECT_THAT(owned(), testing::IsEmpty());
}

CONTRACT(AnAssetThatIsGoneIsNamed) {
    environment_->add_asset("web");
    const ScanJob one = job("web", kScanA);
    environment_->remove_asset("web");
    const auto started = start(one);
    ASSERT_FALSE(started);
    EXPECT_NE(started.error().code, base::ErrorCode::kUnavailable) << "trying again is useless";
    EXPECT_THAT(started.error().describe(), testing::HasSubstr("web"));
    ASSERT_TRUE(remove(kScanA));
    EXPECT_THAT(owned(), testing::IsEmpty());
}

CONTRACT(TellsWhenAScannerEnds) {
    environment_->add_asset("web");
    std::mutex mutex;
    std::condition_variable condition;
    std::vector<std::string> told;
    provider_->set_listener([&](const std::string& id) {
        const std::lock_guard lock(mutex);
        told.push_back(id);
        condition.notify_all();
    });
    ASSERT_TRUE(start(job("web", kScanA)));
    {
        const std::lock_guard lock(mutex);
        told.clear();
    }
    environment_->end_scanner(std::string(kScanA));
    EXPECT_TRUE(becomes(kScanA, ScannerState::kEnded));
    std::unique_lock lock(mutex);
    EXPECT_TRUE(condition.wait_for(lock, kPatience, [&] { return !told.empty(); }));
    EXPECT_THAT(told, testing::Each(std::string(kScanA)));
    lock.unlock();
    restart();
    EXPECT_EQ(state(kScanA), ScannerState::kEnded) << "also for another process";
    ASSERT_TRUE(remove(kScanA));
}

CONTRACT(EstimatesOrSaysThatItDoesNot) {
    environment_->add_asset("web");
    const auto estimate = provider_->estimate(job("web", kScanA));
    if (provider_->capabilities().estimates) {
        ASSERT_TRUE(estimate) << estimate.error().describe();
        EXPECT_GT(estimate->duration.count(), 0);
        EXPECT_GE(estimate->cost_dollars, 0);
    } else {
        ASSERT_FALSE(estimate);
        EXPECT_EQ(estimate.error().code, base::ErrorCode::kUnsupported);
    }
    EXPECT_THAT(owned(), testing::IsEmpty()) << "an estimate makes nothing";
}

template <typename Test>
void add(const char* name, const NamedEnvironment& environment) {
    testing::RegisterTest(("ProviderContract/" + environment.name).c_str(), name, nullptr, nullptr,
                          __FILE__, __LINE__,
                          [environment]() -> ProviderContract* { return new Test(environment); });
}

}  // namespace

bool register_provider_contract(NamedEnvironment environment) {
    add<DiscoversWhatIsThere>("DiscoversWhatIsThere", environment);
    add<DiscoveryThatLearnsNothingIsAnError>("DiscoveryThatLearnsNothingIsAnError", environment);
    add<StartsOneScannerHoweverOftenItIsAsked>("StartsOneScannerHoweverOftenItIsAsked",
                                               environment);
    add<GoesOnInAnotherProcessAfterEachStep>("GoesOnInAnotherProcessAfterEachStep", environment);
    add<RemovesWhatItMadeAndNothingElse>("RemovesWhatItMadeAndNothingElse", environment);
    add<RemovesWhatNeverWas>("RemovesWhatNeverWas", environment);
    add<RemovesInTheMiddleOfStarting>("RemovesInTheMiddleOfStarting", environment);
    add<AnAssetThatIsGoneIsNamed>("AnAssetThatIsGoneIsNamed", environment);
    add<TellsWhenAScannerEnds>("TellsWhenAScannerEnds", environment);
    add<EstimatesOrSaysThatItDoesNot>("EstimatesOrSaysThatItDoesNot", environment);
    return true;
}

}  // namespace vmsecurity::providers::contract
