#pragma once

#include "base/error.h"
#include "model/coverage.h"

namespace vmsecurity::scan {

// What an error says of the thing that it kept from being looked at.
inline model::CoverageState coverage_state(const base::Error& error) {
    switch (error.code) {
        case base::ErrorCode::kOutOfScope:
            return model::CoverageState::kSkipped;
        case base::ErrorCode::kUnsupported:
            return model::CoverageState::kUnsupported;
        case base::ErrorCode::kLimitExceeded:
            return model::CoverageState::kTruncated;
        default:
            return model::CoverageState::kFailed;
    }
}

}  // namespace vmsecurity::scan
