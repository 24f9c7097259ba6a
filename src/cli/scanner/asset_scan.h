#pragma once

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/result.h"
#include "codec/json.h"
#include "sdk/api_client.h"

namespace vmsecurity::cli {

// The asset scan that is being done, on the API server. What fails for a reason that may pass (no
// answer, 429, 5xx) is tried again, with growing delays, for as long as `patience` and the asset
// scan's deadline allow, so that a server may be restarted meanwhile. Belongs to one thread.
class AssetScan {
  public:
    AssetScan(const sdk::Endpoint& endpoint, std::string id, std::chrono::milliseconds patience);

    // Ends all that is under way, also the waiting between attempts.
    void set_stop(std::stop_token stop);
    void set_deadline(std::optional<std::chrono::system_clock::time_point> deadline) {
        deadline_ = deadline;
    }

    base::Result<boost::json::object> read(std::string_view select);
    base::Result<void> change(const boost::json::object& patch);
    // Replaces what the family has found; `results` are FamilyResults in zstd.
    base::Result<void> put_results(std::string_view family, const std::string& results);

    const std::string& id() const { return id_; }

  private:
    template <typename Attempt>
    auto persist(Attempt attempt) -> decltype(attempt());

    sdk::ApiClient client_;
    std::string id_;
    std::chrono::milliseconds patience_;
    std::optional<std::chrono::system_clock::time_point> deadline_;
    std::stop_token stop_;
};

// {"state": state, "lastTransitionTime": now, "errors": errors}
boost::json::object state_object(std::string_view state, const std::vector<std::string>& errors);

}  // namespace vmsecurity::cli
