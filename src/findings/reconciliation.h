#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "findings/coverage.h"

// The rules by which a scan's findings meet those that are known. Pure: what to do is the answer,
// and who keeps the findings does it. Times are nanoseconds since 1970.
namespace vmsecurity::findings {

// A stored finding of the observation's asset and type. It holds from found_on until before
// invalidated_on.
struct KnownFinding {
    std::int64_t row = 0;  // the caller's own name for it
    std::string key = {};
    std::optional<std::int64_t> found_on = {};  // nothing: since ever
    std::optional<std::int64_t> invalidated_on = {};
    // Nothing: the last observation saw it. So an observation that sees again what the one before
    // it saw changes no finding.
    std::optional<std::int64_t> last_seen = {};
    std::string scanner = {};
    std::string location = {};
    std::int64_t content = 0;  // a digest of all that the finding says
};

struct PastObservation {
    std::int64_t observed_on = 0;
    std::vector<CoveredLocation> coverage;
};

struct SeenFinding {
    std::string_view key = {};
    std::string_view scanner = {};
    std::string_view location = {};
    std::int64_t content = 0;
};

// What is to be done with one finding of the observation.
struct Decision {
    enum class Kind : std::uint8_t { kNew, kKnown, kChanged, kDuplicate };
    Kind kind = Kind::kNew;
    std::optional<std::int64_t> row = {};  // of kChanged: which one says now something else
    std::optional<std::int64_t> invalidated_on = {};  // of kNew: born as history
    std::optional<std::int64_t> last_seen = {};       // of kNew
};

struct Plan {
    struct LastSeen {
        std::int64_t row = 0;
        std::optional<std::int64_t> time;  // nothing: the last observation saw it
    };
    std::vector<std::size_t> invalidate;  // places in known(); at observed_on
    std::vector<LastSeen> last_seen;      // of rows that stay as they are otherwise
    std::int64_t kept = 0;                // seen, and known before
    std::int64_t unseen = 0;              // not seen and not looked for: still valid
};

// One observation: decide() for each finding that the scan saw, then finish().
//
//  - What is seen and known at that time is kept; what is seen and not known is new, from
//    observed_on on.
//  - What is valid, was found before and is not seen is invalidated at observed_on, if the scan
//    looked at its location with its scanner; otherwise it stays, with the lastSeen it has.
//  - An observation that comes late (newer ones of the asset and type were made already)
//  invalidates
//    nothing. What it adds holds until the first newer observation that looked at the place, or
//    that saw it again; it stays valid if none did.
//  - Doing it again changes nothing.
class Reconciliation {
  public:
    // `known`: at least the findings that are valid or were invalidated after observed_on.
    // `newer`: the observations of the asset and type after observed_on, in rising order.
    // `previous`: when the latest of all observations before this one was made, if any.
    Reconciliation(std::int64_t observed_on, std::vector<CoveredLocation> coverage,
                   std::vector<KnownFinding> known, std::vector<PastObservation> newer,
                   std::optional<std::int64_t> previous);

    Decision decide(const SeenFinding& seen);
    Plan finish();

    bool is_latest() const { return newer_.empty(); }
    std::span<const KnownFinding> known() const { return known_; }

  private:
    // Indexes of the rows of one key, linked by next_.
    static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

    bool holds_at_observation(const KnownFinding& finding) const;
    std::optional<std::int64_t> end_of(const SeenFinding& seen, std::size_t first) const;
    std::int64_t last_seen_of(const KnownFinding& finding) const;

    std::int64_t observed_on_;
    std::vector<CoveredLocation> coverage_;
    std::vector<KnownFinding> known_;
    std::vector<PastObservation> newer_;
    std::optional<std::int64_t> previous_;

    struct Key {
        std::size_t first = kNone;
        bool decided = false;
    };
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>()(text);
        }
    };
    std::unordered_map<std::string, Key, Hash, std::equal_to<>> keys_;
    std::vector<std::size_t> next_;
    std::vector<bool> seen_;
    std::int64_t kept_ = 0;
};

}  // namespace vmsecurity::findings
