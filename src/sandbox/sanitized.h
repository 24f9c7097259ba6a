#pragma once

namespace vmsecurity::sandbox {

// True in builds with AddressSanitizer: its runtime needs more than the sandbox grants, and
// standard error.
#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool kSanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif
#else
inline constexpr bool kSanitized = false;
#endif

}  // namespace vmsecurity::sandbox
